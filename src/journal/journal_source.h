// A journal as the source of a leg: tables from their load on, up to one place in the stream.
#pragma once

#include <memory>

#include "journal/replay_plan.h"
#include "source/source.h"

namespace penstock::journal {

enum class Loads {
  kInPlace,  // a table counts as loaded where it was: what follows is seen as the changes it was
  kAtEnd,    // only at the end: documents are made once
};

// Gives the events of the plan's tables and ends. Of loads it gives those steps that are whole by then; in
// columns that a table no longer has at the end, nothing. open() takes a checkpoint that does not exist only.
// Errors: kInternal, the journal is damaged; kConfiguration, a segment was pruned meanwhile.
std::unique_ptr<Source> make_journal_source(ReplayPlan plan, Loads loads);

}  // namespace penstock::journal
