// Where a replay's events come from.
#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "app/settings.h"
#include "base/result.h"
#include "journal/journal_source.h"
#include "model/table_schema.h"
#include "source/source.h"

namespace penstock::app {

struct ReplaySource {
  std::unique_ptr<Source> source;
  std::vector<TableSchema> tables;  // as they are at the end
  std::string reach;                // for people: what it reads, up to where
};

// "16/B374D848", "2026-11-26 18:00:00.5", "2026-11-26T18:00+07:00", "2026-11-26"; empty: no bound. kUsage for
// anything else.
Result<journal::AsOf> parse_as_of(const std::string& text);

// Of the topics that the pipeline is applied from, else of its journal. Events that are only on their way
// there are waited for, if `as_of` asks for them and the pipeline runs. kCheckFailed: it is not complete for
// a table there, with when it is; kConfiguration: there is none.
// `settings` may have other collections: their topics tell more of the order of transactions.
Result<ReplaySource> open_replay_source(const Settings& settings, const std::vector<TableName>& tables,
                                        const journal::AsOf& as_of, journal::Loads loads,
                                        std::stop_token stop);

}  // namespace penstock::app
