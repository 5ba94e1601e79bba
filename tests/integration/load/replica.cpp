#include "integration/load/replica.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

namespace penstock::test {
namespace {

using postgres::Connection;

std::string text_of(const Value& value) { return value.is_null() ? "<null>" : to_text(value); }

Row key_of(const TableSchema& schema, const Value* first, const Value* second) {
  Row key;
  for (const std::uint16_t column : schema.key) {
    const bool sent = !first[column].is_unchanged() || second == nullptr;
    key.push_back(text_of(sent ? first[column] : second[column]));
  }
  return key;
}

}  // namespace

Replica::Replica(Playground& place, postgres::LoaderOptions options)
    : place_(place), options_(std::move(options)) {
  auto catalog = Connection::open(server_url());
  EXPECT_TRUE(catalog) << catalog.error().text();
  catalog_.emplace(std::move(*catalog));
  if (options_.url.empty()) options_.url = server_url();
  options_.publication = place.name();
  if (options_.run.empty()) options_.run = place.name();
  lookup_ = std::make_unique<postgres::CatalogLookup>(*catalog_);
  relations_ = std::make_unique<postgres::RelationCache>(*lookup_);
  loader_ = std::make_unique<postgres::Loader>(options_, [this] { wake_.ring(); });
  postgres::EventBuilder::Listener listener{[this](const Event& event) { loader_->on_change(event); },
                                            [this](std::uint32_t xid) { loader_->on_commit(xid); },
                                            [this](std::string_view content) { loader_->on_marker(content); },
                                            [](const std::string&) {}};
  builder_ = std::make_unique<postgres::EventBuilder>(*relations_, book_, std::move(listener), Position{});
  connect();
  loader_->start();
}

Replica::~Replica() { loader_.reset(); }

void Replica::connect() {
  const auto start = [&] {
    return postgres::ReplicationStream::start(
        {server_url(), place_.name(), place_.name(), Lsn{}, "penstock test"});
  };
  auto stream = start();
  // The walsender of a connection that was just closed may need a moment to notice.
  for (int tries = 0; !stream && tries < 100 && stream.error().message.find("is active") != std::string::npos;
       ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    stream = start();
  }
  ASSERT_TRUE(stream) << stream.error().text();
  stream_.emplace(std::move(*stream));
  builder_->restart();
}

void Replica::load(const std::string& table, const std::vector<std::string>& key) {
  load(place_.describe(table, key));
}

void Replica::load(postgres::TableDescription description) {
  postgres::TableLoad load;
  load.description = std::move(description);
  load.added = true;
  const std::string name = to_string(load.description.schema->table);
  load.checkpoint.table = name;
  load.checkpoint.load_id = checkpoints_[name].load_id + 1;
  tables_[name].clear();
  add(std::move(load));
}

void Replica::add(postgres::TableLoad load) {
  const std::string name = to_string(load.description.schema->table);
  book_.insert_or_assign(name, load.description);
  checkpoints_[name] = load.checkpoint;
  loader_->add(std::move(load));
}

bool Replica::pump(const std::function<bool()>& until, std::chrono::seconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!until()) {
    if (std::chrono::steady_clock::now() > end || ::testing::Test::HasFatalFailure()) return false;
    if (loader_) {
      const Status state = loader_->failure();
      if (!state) {
        failure_ = state.error();
        return false;
      }
    }
    receive();
  }
  return true;
}

bool Replica::catch_up() {
  if (!pump([this] { return loader_->done(); })) return false;
  const auto rows = place_.query("SELECT pg_current_wal_insert_lsn()::text");
  const auto end = parse_lsn(rows.text(0, 0));
  // An otherwise idle server sends nothing about what lies after the last commit.
  place_.run("SELECT pg_logical_emit_message(true, 'other', 'end')");
  // What was handled may still wait in the builder, which a marker or an idle stream empties.
  return pump([&] {
    return includes(builder_->handled().through_lsn, *end) && loader_->done() && !builder_->has_events();
  });
}

void Replica::receive() {
  for (int i = 0; i < 256; ++i) {
    auto incoming = stream_->next();
    ASSERT_TRUE(incoming) << incoming.error().text();
    if (!*incoming) {
      collect();
      stream_->wait(wake_.fd(), std::chrono::milliseconds(20));
      wake_.clear();
      break;
    }
    if ((*incoming)->keepalive) {
      builder_->keepalive((*incoming)->wal_end);
      continue;
    }
    const Status handled = builder_->handle((*incoming)->payload);
    ASSERT_TRUE(handled) << handled.error().text();
    if (builder_->take_marker_reached() || builder_->bytes() > 65536) collect();
  }
  const auto now = std::chrono::steady_clock::now();
  if (now - status_at_ < std::chrono::milliseconds(100)) return;
  status_at_ = now;
  const Lsn here = builder_->handled().through_lsn;
  ASSERT_TRUE(stream_->send_status(here, here, false));
}

void Replica::collect() {
  if (auto batch = builder_->cut()) apply(*batch);
  if (builder_->in_transaction()) return;
  while (auto batch = loader_->take()) apply(*batch);
}

void Replica::apply(const EventBatch& batch) {
  if (batch.step) return step(batch.step->table);
  for (const Event& event : batch.events) apply(event);
  if (!batch.chunk) return;
  ++chunks_;
  largest_chunk_ = std::max(largest_chunk_, batch.bytes());
  TableCheckpoint& stored = checkpoints_[batch.chunk->table];
  if (!batch.chunk->by_key && stored.load_id == batch.chunk->load_id)
    stored.done.push_back(batch.chunk->done);
  if (!hold_chunks_) answered(*batch.chunk);
}

void Replica::answered(const ChunkResult& chunk) {
  loader_->chunk_committed(chunk);
  for (const Reread& row : chunk.answered) {
    if (!row.only_absent) continue;
    if (--sweeping_[row.table] == 0) loader_->sweep_finished(row.table);
  }
}

void Replica::apply(const Event& event) {
  if (event.schema == nullptr) return;
  Table& table = tables_[to_string(event.schema->table)];
  switch (event.kind) {
    case EventKind::kTruncate:
      table.clear();
      break;
    case EventKind::kDelete:
      table.erase(key_of(*event.schema, event.before, nullptr));
      break;
    case EventKind::kAbsent:
      ++absent_;
      table.erase(key_of(*event.schema, event.before, nullptr));
      break;
    default:
      write(event);
      break;
  }
}

// As the sinks do: an update without all values needs the row it updates, and asks for it where it is
// missing.
void Replica::write(const Event& event) {
  const TableSchema& schema = *event.schema;
  Table& table = tables_[to_string(schema.table)];
  const Row key = key_of(schema, event.after, event.before);
  const Row old_key = event.before == nullptr ? key : key_of(schema, event.before, event.after);
  const auto old = table.find(old_key);
  Row row;
  bool missing = false;
  for (std::size_t i = 0; i < schema.columns.size(); ++i) {
    const bool unchanged = event.after[i].is_unchanged();
    missing = missing || (unchanged && old == table.end());
    if (!unchanged) {
      row.push_back(text_of(event.after[i]));
    } else {
      row.push_back(old == table.end() ? "" : old->second[i]);
    }
  }
  EXPECT_FALSE(missing && event.kind == EventKind::kLoad)
      << "a chunk's row of " << to_string(schema.table) << " is not whole";
  if (old_key != key) table.erase(old_key);
  if (missing) return ask(event);
  table[key] = std::move(row);
}

void Replica::ask(const Event& event) {
  Reread request;
  request.table = to_string(event.schema->table);
  request.key = key_of(*event.schema, event.after, event.before);
  for (const std::uint16_t column : event.schema->key)
    request.columns.push_back(event.schema->columns[column].name);
  request.since = event.position.commit_lsn;
  for (const std::string& part : request.key) request.id += part + "\n";
  ++rereads_;
  loader_->reread({request});
}

void Replica::step(const TableCheckpoint& table) {
  checkpoints_[table.table] = table;
  if (table.state != LoadState::kSweeping) return;
  const auto& schema = *book_.at(table.table).schema;
  std::vector<Reread> keys;
  for (const auto& [key, row] : tables_[table.table]) {
    Reread request;
    request.table = table.table;
    request.key = key;
    request.only_absent = true;
    for (const std::uint16_t column : schema.key) request.columns.push_back(schema.columns[column].name);
    keys.push_back(std::move(request));
  }
  sweeping_[table.table] = keys.size();
  if (keys.empty()) return loader_->sweep_finished(table.table);
  loader_->reread(std::move(keys));
}

}  // namespace penstock::test
