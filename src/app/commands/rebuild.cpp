#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "app/commands/commands.h"
#include "app/commands/writer.h"
#include "app/nearest.h"

namespace penstock::app {
namespace {

Result<const CollectionSettings*> find_collection(const Settings& settings, const std::string& name) {
  std::vector<std::string> known;
  for (const auto& collection : settings.collections) {
    if (collection.spec.name == name) return &collection;
    known.push_back(collection.spec.name);
  }
  return fail(ErrorKind::kUsage,
              fmt::format("{} has no collection \"{}\"{}", settings.file, name, did_you_mean(name, known)),
              fmt::format("collections: {}", fmt::join(known, ", ")));
}

}  // namespace

Status rebuild_command(const Settings& settings, const RebuildOptions& options) {
  PENSTOCK_ASSIGN(const CollectionSettings* collection, find_collection(settings, options.collection));
  if (collection->spec.is_plain())
    return resync_command(settings, ResyncOptions{{to_string(collection->spec.from)}});
  PENSTOCK_ASSIGN(const auto reader,
                  mongo::Reader::open(settings.sink.mongodb, settings.sink.database, settings.pipeline));
  PENSTOCK_ASSIGN(const auto writer, find_writer(*reader));
  PENSTOCK_TRY(reader->request_rebuild(options.collection));
  std::printf(
      "%s %s anew beside the present one, which readers keep until it is complete (penstock status)\n",
      writer ? fmt::format("Process {} on {} now builds", writer->pid, writer->host).c_str()
             : "The next start of the pipeline builds",
      options.collection.c_str());
  return {};
}

}  // namespace penstock::app
