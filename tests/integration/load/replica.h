// A copy of tables held in memory by the loader and a real replication stream, as a sink would hold it.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "source/postgres/event_builder.h"
#include "source/postgres/load/loader.h"
#include "source/postgres/relation_lookup.h"
#include "source/postgres/replication_stream.h"
#include "source/postgres/wake.h"

namespace penstock::test {

// A row as text, by column; key: the texts of the key columns.
using Row = std::vector<std::string>;
using Table = std::map<Row, Row>;

std::string server_url();  // PENSTOCK_TEST_POSTGRES; fails the test when it is not set

// A schema, a publication and a slot of one's own, all gone at the end.
class Playground {
 public:
  Playground();
  ~Playground();
  void run(const std::string& sql);  // with search_path set to the schema
  postgres::Rows query(const std::string& sql);
  void publish(const std::string& tables, const std::string& options = "");  // publication first, then slot
  postgres::TableDescription describe(const std::string& table, const std::vector<std::string>& key = {});
  // The rows that the table has now.
  Table rows(const std::string& table);

  const std::string& name() const { return name_; }  // of schema, slot and publication
  postgres::Connection& connection() { return *connection_; }

 private:
  std::string name_;
  std::optional<postgres::Connection> connection_;
  bool slot_ = false;
};

// One thread: the test's. Every failure of source or loader fails the test.
class Replica {
 public:
  Replica(Playground& place, postgres::LoaderOptions options);
  ~Replica();

  // Starts a load of the table with what is known of it now; forgets the rows it has.
  void load(const std::string& table, const std::vector<std::string>& key = {});
  void load(postgres::TableDescription description);
  void add(postgres::TableLoad load);
  // Handles the stream until the condition holds. False after `limit`.
  bool pump(const std::function<bool()>& until, std::chrono::seconds limit = std::chrono::seconds(60));
  // Until all loads are done and everything committed up to now is here.
  bool catch_up();
  bool loads_done() const { return loader_->done(); }
  void drop_loader() { loader_.reset(); }               // as a crash would
  void hold_chunks(bool hold) { hold_chunks_ = hold; }  // they are applied but their commit is not reported

  Table& table(const std::string& name) { return tables_[name]; }
  postgres::Loader& loader() { return *loader_; }
  // What a sink would have stored.
  const TableCheckpoint& checkpoint(const std::string& table) { return checkpoints_[table]; }
  std::size_t chunks() const { return chunks_; }
  std::size_t absent() const { return absent_; }
  std::size_t rereads() const { return rereads_; }
  std::size_t largest_chunk() const { return largest_chunk_; }  // bytes
  std::optional<Error> failure() const { return failure_; }

 private:
  void connect();
  void receive();
  void collect();
  void apply(const EventBatch& batch);
  void apply(const Event& event);
  void write(const Event& event);
  void step(const TableCheckpoint& table);
  void ask(const Event& event);
  void answered(const ChunkResult& chunk);

  Playground& place_;
  postgres::LoaderOptions options_;
  postgres::Wake wake_;
  std::optional<postgres::Connection> catalog_;
  std::unique_ptr<postgres::CatalogLookup> lookup_;
  std::unique_ptr<postgres::RelationCache> relations_;
  std::unique_ptr<postgres::Loader> loader_;
  std::unique_ptr<postgres::EventBuilder> builder_;
  std::optional<postgres::ReplicationStream> stream_;
  postgres::TableBook book_;
  std::map<std::string, Table> tables_;
  std::map<std::string, TableCheckpoint> checkpoints_;
  std::map<std::string, std::size_t> sweeping_;  // answers still to come
  std::chrono::steady_clock::time_point status_at_{};
  bool hold_chunks_ = false;
  std::size_t chunks_ = 0;
  std::size_t absent_ = 0;
  std::size_t rereads_ = 0;
  std::size_t largest_chunk_ = 0;
  std::optional<Error> failure_;
};

}  // namespace penstock::test
