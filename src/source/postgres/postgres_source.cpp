#include "source/postgres/postgres_source.h"

#include <unistd.h>

#include <utility>

#include "base/log.h"
#include "source/postgres/continuity.h"
#include "source/postgres/load_plan.h"
#include "source/postgres/streaming_source.h"

namespace penstock::postgres {

Status PostgresSource::describe_tables() {
  for (const auto& selection : options_.tables) {
    PENSTOCK_ASSIGN(auto described,
                    describe_table(*catalog_, selection.table, options_.publication, selection.key));
    const std::string table = to_string(selection.table);
    if (!described.published)
      return fail(ErrorKind::kConfiguration,
                  "publication " + options_.publication + " does not carry table " + table,
                  "ALTER PUBLICATION " + quote_identifier(options_.publication) + " ADD TABLE " +
                      quoted(selection.table) + ";");
    if (described.schema->key.empty() && !options_.keyless)
      return fail(
          ErrorKind::kConfiguration, "table " + table + " has no primary key",
          "name a unique NOT NULL index's columns under `key:` in the pipeline file and make it the replica "
          "identity: ALTER TABLE " +
              quoted(selection.table) + " REPLICA IDENTITY USING INDEX ...;");
    tables_.insert_or_assign(table, std::move(described));
  }
  return {};
}

Result<SlotDescription> PostgresSource::prepare_slot(const Checkpoint& checkpoint,
                                                     const ServerDescription& server) {
  if (checkpoint.exists && !checkpoint.restart) {
    PENSTOCK_ASSIGN(const auto found, describe_slot(*catalog_, options_.slot));
    PENSTOCK_TRY(check_continuity(checkpoint, server, found, options_.slot));
    return ensure_slot(*catalog_, options_.slot);
  }
  PENSTOCK_ASSIGN(auto slot, describe_slot(*catalog_, options_.slot));
  if (slot.exists && slot.plugin == "pgoutput" &&
      (slot.wal_status == "lost" || !slot.invalidation_reason.empty())) {
    PENSTOCK_TRY(catalog_->query("SELECT pg_drop_replication_slot($1)", {options_.slot}));
    log::warn("dropped the invalidated slot {}", options_.slot);
    slot = SlotDescription{};
  }
  const bool existed = slot.exists;
  if (existed && !checkpoint.exists && !options_.take_over.empty()) {
    const Status free = check_unowned(slot, options_.slot, options_.take_over);
    if (!free && (slot.active || !options_.load_nothing)) return fail(free.error());
    if (!free) log::warn("{}; {}", free.error().message, free.error().remedy);
  }
  PENSTOCK_ASSIGN(slot, ensure_slot(*catalog_, options_.slot));
  if (!existed) return slot;
  if (slot.plugin != "pgoutput" || slot.database != server.database)
    return check_continuity(checkpoint, server, slot, options_.slot).map([&] { return slot; });
  if (options_.load_nothing) return slot;
  // Everything is loaded anew; what the slot kept from before the publication could not even be decoded.
  PENSTOCK_TRY(
      catalog_->query("SELECT pg_replication_slot_advance($1, pg_current_wal_flush_lsn())", {options_.slot}));
  return describe_slot(*catalog_, options_.slot);
}

Result<Source::Start> PostgresSource::open(const Checkpoint& checkpoint) {
  PENSTOCK_ASSIGN(auto opened, Connection::open(options_.url, {false, "penstock catalog", 10}));
  catalog_.emplace(std::move(opened));
  PENSTOCK_ASSIGN(server_, describe_server(*catalog_));
  PENSTOCK_TRY(check_server(server_));
  SlotRequest request{options_.slot, options_.publication, {}, options_.create_publication};
  for (const auto& selection : options_.tables) request.tables.push_back(selection.table);
  PENSTOCK_TRY(ensure_publication(*catalog_, request));
  PENSTOCK_ASSIGN(const auto slot, prepare_slot(checkpoint, server_));
  PENSTOCK_TRY(describe_tables());
  PENSTOCK_ASSIGN(const auto publication, describe_publication(*catalog_, options_.publication));

  start_.identity = {server_.system_identifier, server_.timeline, options_.slot, publication.fingerprint};
  start_.position = checkpoint.position;
  if (!checkpoint.exists || checkpoint.restart) start_.position = Position{{}, 0, slot.confirmed_flush_lsn};
  acknowledged_ = start_.position.flushable().value;

  LoaderOptions loader;
  loader.url = options_.url;
  loader.publication = options_.publication;
  loader.run = to_string(start_.position.through_lsn) + "-" + std::to_string(getpid()) + "-" +
               std::to_string(Clock::now().time_since_epoch().count());
  loader.readers = options_.load_readers;
  loader.chunk_rows = options_.chunk_rows;
  loader.chunk_bytes = options_.chunk_bytes;
  loader_ = std::make_unique<Loader>(std::move(loader), [this] { wake_.ring(); });
  for (const auto& selection : options_.tables) {
    const auto& description = tables_.at(to_string(selection.table));
    TableLoad load = plan_load(selection, description, checkpoint, empty_leaves(*catalog_, description),
                               options_.load_nothing);
    if (load.checkpoint.state == LoadState::kLoaded && !checkpoint.tables.contains(load.checkpoint.table))
      push_step(load.checkpoint);
    if (description.schema->key.empty()) {
      keyless_.add(selection, std::move(load.checkpoint), options_.load_nothing);
      continue;
    }
    loads_[load.checkpoint.table] = load.checkpoint;
    loader_->add(std::move(load));
  }
  keyless_due_ = keyless_.is_due();
  keyless_.mark(tables_);
  if (!checkpoint.restart) loader_->reread(checkpoint.rereads);
  lookup_ = std::make_unique<CatalogLookup>(*catalog_);
  relations_ = std::make_unique<RelationCache>(*lookup_);
  EventBuilder::Listener listener{
      [this](const Event& event) { loader_->on_change(event); },
      [this](std::uint32_t xid) { loader_->on_commit(xid); },
      [this](std::string_view content) { loader_->on_marker(content); },
      [this](const std::string& table) { reload(table); },
      [this](const TableName& table, std::uint32_t oid) { meet_stranger(table, oid); }};
  builder_ = std::make_unique<EventBuilder>(*relations_, tables_, std::move(listener), start_.position);
  builder_->leave_out(checkpoint.written);
  if (options_.messages) builder_->pass_messages();
  return start_;
}

std::unique_ptr<Source> make_source(SourceOptions options) {
  return std::make_unique<PostgresSource>(std::move(options));
}

}  // namespace penstock::postgres
