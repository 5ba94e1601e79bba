#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "app/commands/commands.h"
#include "app/commands/writer.h"
#include "app/nearest.h"

namespace penstock::app {
namespace {

Status check_names(const Settings& settings, const std::vector<std::string>& names) {
  std::vector<std::string> known;
  for (const auto& table : settings.tables()) known.push_back(to_string(table.name));
  for (const std::string& name : names)
    if (std::find(known.begin(), known.end(), name) == known.end())
      return fail(ErrorKind::kUsage,
                  fmt::format("no collection of {} comes from a table \"{}\"{}", settings.file, name,
                              did_you_mean(name, known)),
                  fmt::format("tables: {}", fmt::join(known, ", ")));
  return {};
}

}  // namespace

Status resync_command(const Settings& settings, const ResyncOptions& options) {
  PENSTOCK_TRY(check_names(settings, options.tables));
  if (settings.kafka.share)
    return fail(
        ErrorKind::kConfiguration,
        settings.file + ": workers share the pipeline, and do not see such requests",
        "end them all, penstock teardown PIPELINE --yes, and start them again: they read the topics from the "
        "beginning");
  PENSTOCK_ASSIGN(const auto reader,
                  mongo::Reader::open(settings.sink.mongodb, settings.sink.database, settings.pipeline));
  PENSTOCK_ASSIGN(const auto writer, find_writer(*reader));
  std::vector<std::string> tables = options.tables;
  if (tables.empty() && !writer) {
    // Also the way out of a gap or another cluster: the next start takes a new position.
    PENSTOCK_TRY(reader->request_restart());
    std::printf(
        "The next start of the pipeline takes a new position and loads every table again: penstock run %s\n",
        settings.file.c_str());
    return {};
  }
  if (tables.empty())
    for (const auto& table : settings.tables()) tables.push_back(to_string(table.name));
  for (const std::string& table : tables) PENSTOCK_TRY(reader->request_resync(table));
  std::printf("%s %s again: %s\n",
              writer ? fmt::format("Process {} on {} now loads", writer->pid, writer->host).c_str()
                     : "The next start of the pipeline loads",
              tables.size() == 1 ? "this table" : "these tables",
              fmt::format("{}", fmt::join(tables, ", ")).c_str());
  return {};
}

}  // namespace penstock::app
