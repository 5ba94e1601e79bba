// A source that keeps what it brings: the decorator between a source and its leg.
#pragma once

#include <memory>

#include "journal/writer.h"
#include "source/source.h"

namespace penstock::journal {

// Everything that `inner` offers is written to the journal in stream order. The inner source is told what may
// be forgotten only once the journal has it durably; a chunk or a step of a load goes on only once it is
// durable, since the sink then counts it as done for ever. What the sink lacks and the journal has, or the
// other way round, is streamed again from the earlier of both positions and given to the one that lacks it.
std::unique_ptr<Source> make_journaled_source(std::unique_ptr<Source> inner, Options options);

}  // namespace penstock::journal
