#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "app/commands/commands.h"
#include "app/preflight/growth_checks.h"
#include "app/preflight/joins.h"
#include "app/preflight/mongo_checks.h"
#include "app/preflight/plan.h"
#include "app/preflight/postgres_checks.h"
#include "app/preflight/read_model_checks.h"
#include "app/preflight/report.h"
#include "app/preflight/table_checks.h"
#include "base/log.h"
#include "source/postgres/continuity.h"

namespace penstock::app {
namespace {

class Check {
 public:
  explicit Check(Settings settings) : settings_(std::move(settings)) {}

  void run(bool offline) {
    report_.ok("pipeline file", fmt::format("{}: {} collections from {} tables", settings_.file,
                                            settings_.collections.size(), settings_.tables().size()));
    if (offline) return;
    check_postgres();
    auto reader = mongo::Reader::open(settings_.sink.mongodb, settings_.sink.database, settings_.pipeline);
    if (!reader) return report_.fail("MongoDB", reader.error().message, reader.error().remedy);
    if (check_mongodb(**reader, settings_, report_)) check_position(**reader);
  }

  Settings settings_;  // with their joins, once PostgreSQL was asked
  Report report_;
  TableDescriptions tables_;
  Statistics statistics_;

 private:
  void check_postgres() {
    auto connection = postgres::Connection::open(settings_.source.postgres);
    if (!connection) return note(connection.error());
    connection_ = std::move(*connection);
    if (const Status status = check_server(*connection_, settings_, report_); !status)
      return note(status.error());
    if (const Status status = check_publication(*connection_, settings_, report_); !status)
      return note(status.error());
    auto tables = check_tables(*connection_, settings_, report_);
    if (!tables) return note(tables.error());
    tables_ = std::move(*tables);
    check_definitions();
  }

  void check_definitions() {
    const auto is_plain = [](const CollectionSettings& one) { return one.spec.is_plain(); };
    if (std::all_of(settings_.collections.begin(), settings_.collections.end(), is_plain)) return;
    if (const Status joins = resolve_joins(settings_, *connection_); !joins)
      return report_.fail("joins", joins.error().message, joins.error().remedy);
    for (const CollectionSettings& collection : settings_.collections)
      if (!collection.spec.is_plain()) check_read_model(collection.spec, tables_, settings_.file, report_);
    auto statistics = read_statistics(*connection_, tables_);
    if (!statistics) return note(statistics.error());
    statistics_ = std::move(*statistics);
    check_growth(settings_, statistics_, report_);
  }

  // Whether the stored position continues on this server (design 3.4).
  void check_position(mongo::Reader& reader) {
    const auto checkpoint = reader.read_checkpoint();
    if (!checkpoint) return report_.fail("position", checkpoint.error().message, checkpoint.error().remedy);
    if (!checkpoint->exists) return report_.ok("position", "the pipeline never ran");
    if (!connection_) return;
    const auto server = postgres::describe_server(*connection_);
    const auto slot = postgres::describe_slot(*connection_, settings_.source.slot);
    if (!server || !slot) return note(server ? slot.error() : server.error());
    const Status status = postgres::check_continuity(*checkpoint, *server, *slot, settings_.source.slot);
    if (status)
      report_.ok("position", to_string(checkpoint->position) + ", continues on this server");
    else
      report_.fail("position", status.error().message, status.error().remedy);
  }

  void note(const Error& error) { report_.fail("PostgreSQL", error.message, error.remedy); }

  std::optional<postgres::Connection> connection_;
};

}  // namespace

Status check_command(const Settings& settings, const CheckOptions& options) {
  Check check(settings);
  check.run(options.offline);
  std::fputs(redact(check.report_.text()).c_str(), stdout);
  if (options.explain) std::fputs(explain(check.settings_, check.tables_, check.statistics_).c_str(), stdout);
  std::fflush(stdout);
  const std::size_t failures = check.report_.count(Outcome::kFail);
  if (failures == 0) return {};
  return fail(ErrorKind::kCheckFailed,
              fmt::format("{} {} not hold", failures, failures == 1 ? "check does" : "checks do"));
}

}  // namespace penstock::app
