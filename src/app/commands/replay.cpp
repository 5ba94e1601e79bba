#include "app/replay/replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <set>

#include "app/apply/topics.h"
#include "app/commands/commands.h"
#include "app/nearest.h"
#include "app/preflight/joins.h"
#include "app/settings/names.h"
#include "base/log.h"

namespace penstock::app {
namespace {

Result<CollectionSettings> find_collection(const Settings& settings, const std::string& name) {
  std::vector<std::string> known;
  for (const auto& collection : settings.collections) {
    if (collection.spec.name == name) return collection;
    known.push_back(collection.spec.name);
  }
  return fail(ErrorKind::kUsage,
              fmt::format("{} has no collection \"{}\"{}", settings.file, name, did_you_mean(name, known)),
              fmt::format("collections: {}", fmt::join(known, ", ")));
}

Status check_target(const Settings& settings, const std::string& into) {
  if (const auto what = bad_collection_name(into))
    return fail(ErrorKind::kUsage, fmt::format("--into: \"{}\" {}", into, *what));
  for (const auto& collection : settings.collections)
    if (collection.spec.name == into)
      return fail(ErrorKind::kUsage,
                  fmt::format("--into: the pipeline itself keeps the collection \"{}\"", into),
                  "name another one; to make this one anew from PostgreSQL: penstock rebuild " +
                      settings.file + " " + into);
  return {};
}

}  // namespace

Status replay_command(const Settings& given, const ReplayOptions& options, std::stop_token stop) {
  ReplayRequest request;
  PENSTOCK_ASSIGN(request.collection, find_collection(given, options.collection));
  PENSTOCK_ASSIGN(request.as_of, parse_as_of(options.as_of));
  request.into = options.into.empty() ? options.collection + "_replay" : options.into;
  request.key = options.key;
  request.folder = options.folder;
  PENSTOCK_TRY(check_target(given, request.into));
  PENSTOCK_ASSIGN(Settings settings, with_brokers(given, options.kafka));
  settings.collections = {request.collection};
  PENSTOCK_ASSIGN(settings, with_joins(std::move(settings)));
  request.collection = settings.collections.front();
  for (const auto& other : given.collections)
    if (other.spec.name != options.collection) settings.collections.push_back(other);
  const bool print = !options.key.empty() && options.into.empty();
  Status outcome =
      print ? print_document(settings, request, stop) : replay_collection(settings, request, stop);
  if (!outcome && outcome.error().kind == ErrorKind::kCancelled)
    return fail(ErrorKind::kCheckFailed, "stopped before the end: nothing was published");
  return outcome;
}

}  // namespace penstock::app
