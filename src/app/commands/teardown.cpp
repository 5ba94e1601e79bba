#include <fmt/format.h>

#include <cstdio>
#include <filesystem>

#include "app/apply/topics.h"
#include "app/apply/workers_view.h"
#include "app/commands/commands.h"
#include "app/commands/sql_plan.h"
#include "app/commands/writer.h"
#include "app/factory.h"
#include "base/log.h"
#include "journal/outline.h"
#include "source/postgres/catalog.h"
#include "source/postgres/conninfo.h"

namespace penstock::app {
namespace {

class Teardown {
 public:
  Teardown(const Settings& settings, const TeardownOptions& options)
      : settings_(settings), options_(options) {}

  Status run() {
    PENSTOCK_ASSIGN(const auto position,
                    mongo::Reader::open(settings_.sink.mongodb, settings_.sink.database, settings_.pipeline));
    PENSTOCK_ASSIGN(const Checkpoint checkpoint, position->read_checkpoint());
    if (checkpoint.exists && reads_topics(settings_, checkpoint))
      return run_of_topics(*position, checkpoint.shared.has_value());
    PENSTOCK_ASSIGN(const auto target, postgres::read_conninfo(settings_.source.postgres));
    std::string url = settings_.source.postgres;
    if (!options_.admin.empty()) {
      PENSTOCK_ASSIGN(url, postgres::with_database(options_.admin, target.database));
    }
    PENSTOCK_ASSIGN(auto connection, postgres::Connection::open(url));
    PENSTOCK_ASSIGN(const auto reader,
                    mongo::Reader::open(settings_.sink.mongodb, settings_.sink.database, settings_.pipeline));
    PENSTOCK_ASSIGN(const auto slot, postgres::describe_slot(connection, settings_.source.slot));
    PENSTOCK_ASSIGN(const auto publication,
                    postgres::describe_publication(connection, settings_.source.publication));
    if (!options_.yes) return only_say(slot.exists, publication.exists);
    PENSTOCK_TRY(refuse_while_in_use(slot, *reader));
    plan_.use(&connection, target.database);
    if (slot.exists)
      PENSTOCK_TRY(
          plan_.run(fmt::format("SELECT pg_drop_replication_slot({})", sql_literal(settings_.source.slot))));
    if (publication.exists)
      PENSTOCK_TRY(
          plan_.run(fmt::format("DROP PUBLICATION {}", quote_identifier(settings_.source.publication))));
    PENSTOCK_TRY(reader->drop_state());
    std::printf("-- removed the stored position of pipeline \"%s\" in MongoDB; its documents stay\n",
                settings_.pipeline.c_str());
    remove_local_state();
    PENSTOCK_TRY(remove_journal());
    return finish();
  }

 private:
  // Slot and publication are those of whoever writes the topics.
  Status run_of_topics(mongo::Reader& reader, bool shared) {
    if (!options_.yes)
      return fail(
          ErrorKind::kUsage,
          fmt::format("nothing was dropped. This would drop the offsets of pipeline \"{}\" in MongoDB; its "
                      "documents, and the slot and publication of whoever writes the topics, would stay",
                      settings_.pipeline),
          "add --yes");
    PENSTOCK_TRY(refuse_while_written(reader));
    if (shared) PENSTOCK_TRY(refuse_while_shared());
    PENSTOCK_TRY(reader.drop_state());
    std::printf(
        "-- removed the offsets of pipeline \"%s\" in MongoDB; its documents, the slot and the publication "
        "stay\n",
        settings_.pipeline.c_str());
    remove_local_state();
    return {};
  }

  void remove_local_state() const {
    std::error_code error;
    for (const std::string& file : state_files(settings_))
      if (std::filesystem::remove(file, error)) std::printf("-- removed %s\n", file.c_str());
  }

  // The folder may hold other things; a journal of another pipeline is not ours to remove.
  Status remove_journal() const {
    const std::string& folder = settings_.journal.folder;
    PENSTOCK_ASSIGN(const auto outline, journal::outline(folder, journal::Tail::kTrusted));
    if (outline.empty() || outline.segments.back().begin.pipeline != settings_.pipeline) return {};
    PENSTOCK_ASSIGN(const auto numbers, journal::list_segments(folder));
    std::error_code error;
    for (const std::uint64_t number : numbers)
      std::filesystem::remove(journal::segment_path(folder, number), error);
    std::filesystem::remove(folder, error);  // where it is empty
    std::printf("-- removed the journal in %s: %zu segments\n", folder.c_str(), numbers.size());
    return {};
  }

  Status only_say(bool slot, bool publication) const {
    PENSTOCK_ASSIGN(const auto segments, journal::list_segments(settings_.journal.folder));
    return fail(
        ErrorKind::kUsage,
        fmt::format("nothing was dropped. This would drop {}{}{}and the stored position of pipeline \"{}\"; "
                    "its documents "
                    "would stay",
                    slot ? fmt::format("slot \"{}\", ", settings_.source.slot) : "",
                    publication ? fmt::format("publication \"{}\" ", settings_.source.publication) : "",
                    segments.empty() ? "" : fmt::format("the journal in {} ", settings_.journal.folder),
                    settings_.pipeline),
        "add --yes");
  }

  Status refuse_while_in_use(const postgres::SlotDescription& slot, mongo::Reader& reader) const {
    if (slot.active)
      return fail(ErrorKind::kSlotBusy,
                  fmt::format("slot \"{}\" is read by PostgreSQL process {}: the pipeline is running",
                              settings_.source.slot, slot.active_pid),
                  fmt::format("stop penstock, or: SELECT pg_terminate_backend({});", slot.active_pid));
    return refuse_while_written(reader);
  }

  // Kafka may be gone for good: that keeps nobody from forgetting its offsets.
  Status refuse_while_shared() const {
    const auto workers = count_workers(settings_);
    if (!workers) log::warn("{}: workers that may be running are not seen", workers.error().message);
    if (!workers || *workers == 0) return {};
    return fail(
        ErrorKind::kSlotBusy,
        fmt::format("{} workers of the pipeline are running, in the group {}", *workers, group_of(settings_)),
        "stop them; one that died counts until session.timeout.ms is over");
  }

  static Status refuse_while_written(mongo::Reader& reader) {
    PENSTOCK_ASSIGN(const auto writer, find_writer(reader));
    if (!writer) return {};
    return fail(
        ErrorKind::kSlotBusy,
        fmt::format("the pipeline is running: process {} on {} holds its lease", writer->pid, writer->host),
        "stop that process");
  }

  Status finish() const {
    if (plan_.refused() == 0) return {};
    plan_.print_refused();
    return fail(ErrorKind::kPostgresRefused,
                fmt::format("{} statements need an administrator", plan_.refused()),
                fmt::format("run the SQL above, or: penstock teardown {} --admin URL --yes", settings_.file));
  }

  const Settings& settings_;
  const TeardownOptions& options_;
  SqlPlan plan_;
};

}  // namespace

Status teardown_command(const Settings& settings, const TeardownOptions& options) {
  return Teardown(settings, options).run();
}

}  // namespace penstock::app
