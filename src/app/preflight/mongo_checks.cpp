#include "app/preflight/mongo_checks.h"

#include <fmt/format.h>

#include <cstdlib>

namespace penstock::app {
namespace {

constexpr int kOldestVersion = 5;  // $setField

void check_kind(const mongo::ServerDescription& server, const SinkSettings& sink, Report& report) {
  const bool exactly_once = sink.delivery == Delivery::kExactlyOnce;
  if (!server.transactions && exactly_once)
    report.fail(
        "MongoDB", fmt::format("{} is a standalone server: it has no transactions", server.version),
        "make it a replica set of one member (start mongod with --replSet rs0, then rs.initiate()), or set "
        "delivery: idempotent");
  else
    report.ok("MongoDB", fmt::format("version {}, {}{}", server.version, server.kind,
                                     server.replica_set.empty() ? "" : " " + server.replica_set));
  if (std::atoi(server.version.c_str()) < kOldestVersion)
    report.fail("MongoDB", fmt::format("version {} is older than {}.0", server.version, kOldestVersion),
                "upgrade the server");
  if (!server.transactions && !exactly_once)
    report.warn(
        "delivery",
        "idempotent: a reader may see half a source transaction; a restart applies some changes twice, "
        "with the same result");
  if (server.transactions && !exactly_once)
    report.warn("delivery", "idempotent is meant for a standalone server; this one has transactions",
                "delivery: exactly_once");
}

}  // namespace

bool check_mongodb(mongo::Reader& reader, const Settings& settings, Report& report) {
  const auto server = reader.describe();
  if (!server) {
    const std::string& remedy = server.error().remedy;
    report.fail(
        "MongoDB", server.error().message,
        remedy.empty() ? "check that mongod is up, and hosts, user and replica set in sink.mongodb" : remedy);
    return false;
  }
  check_kind(*server, settings.sink, report);
  if (const Status rights = reader.probe_writes(); !rights)
    report.fail("database " + settings.sink.database, rights.error().message, rights.error().remedy);
  else
    report.ok("database " + settings.sink.database, "may be written to");
  for (const CollectionSettings& collection : settings.collections)
    if (const Status fine = reader.check_collection(collection.spec.name); !fine)
      report.fail("collection " + collection.spec.name, fine.error().message, fine.error().remedy);
  return true;
}

}  // namespace penstock::app
