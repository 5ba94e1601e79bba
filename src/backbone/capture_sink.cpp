#include "backbone/capture_sink.h"

#include <chrono>
#include <map>
#include <set>
#include <utility>

#include "backbone/random_uuid.h"
#include "backbone/state_topic.h"
#include "backbone/table_topics.h"
#include "backbone/topic_making.h"
#include "base/log.h"

namespace penstock::backbone {
namespace {

// Events become records as they are sent: as records they would be three times as large.
class StagedEvents final : public StagedGroup {
 public:
  explicit StagedEvents(WriteGroup group) : group_(std::move(group)) {
    for (const EventRange& range : group_.events) events_ += range.last - range.first;
  }
  std::size_t bytes() const override { return group_.bytes; }
  std::size_t writes() const override { return events_; }
  const WriteGroup& group() const override { return group_; }

 private:
  WriteGroup group_;
  std::size_t events_ = 0;
};

std::int64_t now_nanos() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::int64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

class CaptureSink final : public DocumentSink, public DocumentLane {
 public:
  explicit CaptureSink(CaptureOptions options)
      : options_(std::move(options)), topics_(options_.topics, now_nanos) {}

  Status lead(std::stop_token stop) override {
    static_cast<void>(stop);  // the next one's init_transactions ends us: nobody waits
    return {};
  }

  Result<Checkpoint> take_over() override {
    PENSTOCK_TRY(reopen());
    if (!heartbeat_ && options_.heartbeat.interval.count() > 0) {
      HeartbeatOptions heartbeat = options_.heartbeat;
      heartbeat.producer = options_.producer;
      heartbeat.producer.transactional_id.clear();
      heartbeat.topic =
          options_.topics.heartbeat_prefix + options_.topics.delimiter + options_.topics.values.server;
      heartbeat.values = options_.topics.values;
      heartbeat_ = std::make_unique<Heartbeat>(std::move(heartbeat));
    }
    PENSTOCK_ASSIGN(CaptureState state, read());
    Checkpoint& checkpoint = state.checkpoint;
    if (topics_.monitor()) topics_.monitor()->restore(state.open);
    for (const auto& [name, table] : checkpoint.tables) {
      for (const DoneChunk& chunk : table.done) chunks_[name].emplace(table.load_id, chunk.number);
    }
    position_ = checkpoint.position;
    PENSTOCK_TRY(producer_->begin());
    PENSTOCK_TRY(producer_->send(writer_record(options_.state_topic, run_)));
    PENSTOCK_TRY(producer_->commit());
    if (options_.load_again) checkpoint.restart = true;
    return std::move(checkpoint);
  }

  Status store_source(const SourceIdentity& source, const Position& position) override {
    PENSTOCK_TRY(producer_->begin());
    Status sent = producer_->send(source_record(options_.state_topic, source));
    if (sent) sent = producer_->send(position_record(options_.state_topic, position));
    if (sent) sent = producer_->commit();
    if (!sent) static_cast<void>(producer_->abort());
    if (sent) position_ = position;
    return sent;
  }

  Result<Requests> requests() override { return Requests{}; }
  Status rebuild_begun(const std::string& collection) override {
    return static_cast<void>(collection), Status{};
  }

  Result<std::unique_ptr<StagedGroup>> stage(WriteGroup group) override {
    return std::unique_ptr<StagedGroup>(new StagedEvents(std::move(group)));
  }

  DocumentLane& lane(std::size_t number) override { return static_cast<void>(number), *this; }
  std::size_t lanes() const override { return 1; }
  Result<SweepPage> sweep(const DocumentShape& shape, const std::string& after, std::size_t limit) override {
    return static_cast<void>(shape), static_cast<void>(after), static_cast<void>(limit), SweepPage{};
  }

  // After a commit with an unknown outcome the state topic says whether it was one.
  Result<CommitResult> commit(StagedGroup& staged) override {
    auto& group = static_cast<StagedEvents&>(staged);
    if (in_doubt_) {
      PENSTOCK_ASSIGN(const CaptureState stored, come_back());
      in_doubt_ = false;
      if (is_in(stored.checkpoint, group.group())) return done(group.group());
    }
    const auto open = topics_.monitor() ? topics_.monitor()->open() : TransactionMonitor::Open{};
    if (Status sent = send(group.group()); !sent) {
      if (topics_.monitor()) topics_.monitor()->restore(open);
      in_doubt_ = sent.error().kind == ErrorKind::kKafkaUnavailable;
      if (!in_doubt_) static_cast<void>(producer_->abort());
      return fail(std::move(sent).error());
    }
    return done(group.group());
  }

 private:
  // Whoever took over in the meantime must not be fenced by us.
  Result<CaptureState> come_back() {
    producer_.reset();
    PENSTOCK_ASSIGN(const CaptureState before, read());
    if (before.writer != run_)
      return fail(ErrorKind::kFenced,
                  "another penstock capture has taken over the topics of " + options_.state_topic,
                  "only one may run: end this one or the other");
    PENSTOCK_TRY(reopen());
    return read();  // what we had begun is decided now
  }

  Status reopen() {
    producer_.reset();
    PENSTOCK_ASSIGN(producer_, Producer::open(options_.producer));
    return producer_->init_transactions();
  }

  Result<CaptureState> read() {
    return read_state(options_.producer, options_.state_topic, options_.topics.replication);
  }

  // A topic that is made by its first record has the brokers' settings.
  Status make_where_missing(const std::string& topic) {
    if (!known_topics_.insert(topic).second) return {};
    const NewTopic wanted{topic, options_.topics.partitions, options_.topics.replication,
                          options_.topics.topic_config};
    Status made =
        make_topics(producer_->handle(), {wanted}, options_.producer.brokers, options_.producer.timeout);
    if (!made) known_topics_.erase(topic);
    return made;
  }

  Status send_all(std::vector<Record>& records) {
    for (const Record& record : records) {
      PENSTOCK_TRY(make_where_missing(record.topic));
      PENSTOCK_TRY(producer_->send(record));
    }
    records.clear();
    return {};
  }

  Status send(const WriteGroup& group) {
    PENSTOCK_TRY(producer_->begin());
    std::vector<Record> records;
    for (const EventRange& range : group.events) {
      for (std::size_t i = range.first; i < range.last; ++i) {
        PENSTOCK_TRY(topics_.append(*range.batch, range.batch->events[i], records));
        PENSTOCK_TRY(send_all(records));
      }
    }
    if (group.position && !group.position->inside_transaction()) topics_.finish_transaction(records);
    PENSTOCK_TRY(send_all(records));
    for (const Record& record : state_of(group)) PENSTOCK_TRY(producer_->send(record));
    PENSTOCK_TRY(store_open(group));
    return producer_->commit();
  }

  // How much of a transaction in parts has been numbered.
  Status store_open(const WriteGroup& group) {
    if (!topics_.monitor() || !group.position) return {};
    const TransactionMonitor::Open& open = topics_.monitor()->open();
    if (open.transaction == 0 && !open_stored_) return {};
    open_stored_ = open.transaction != 0;
    return producer_->send(transaction_record(options_.state_topic, open));
  }

  std::vector<Record> state_of(const WriteGroup& group) const {
    std::vector<Record> records;
    const std::string& topic = options_.state_topic;
    if (group.position) records.push_back(position_record(topic, *group.position));
    if (group.chunk && !group.chunk->by_key && !group.chunk->table.empty())
      records.push_back(chunk_record(topic, group.chunk->table, group.chunk->load_id, group.chunk->done));
    if (!group.step) return records;
    const TableCheckpoint& table = group.step->table;
    records.push_back(table_record(topic, table));
    const auto known = chunks_.find(table.table);
    if (known == chunks_.end()) return records;
    for (const auto& [load_id, number] : known->second) {
      if (table.state == LoadState::kLoaded || load_id != table.load_id)
        records.push_back(no_chunk_record(topic, table.table, load_id, number));
    }
    return records;
  }

  bool is_in(const Checkpoint& stored, const WriteGroup& group) const {
    if (group.position) return stored.position == *group.position && position_ != *group.position;
    if (group.step) {
      const auto table = stored.tables.find(group.step->table.table);
      return table != stored.tables.end() && table->second.state == group.step->table.state &&
             table->second.load_id == group.step->table.load_id;
    }
    return false;  // a chunk: its rows are sent once more, which changes nothing
  }

  CommitResult done(const WriteGroup& group) {
    if (group.position) position_ = *group.position;
    if (group.chunk && !group.chunk->by_key)
      chunks_[group.chunk->table].emplace(group.chunk->load_id, group.chunk->done.number);
    if (group.step && group.step->table.state == LoadState::kLoaded) chunks_.erase(group.step->table.table);
    return {};
  }

  const CaptureOptions options_;
  const std::string run_ = random_uuid();
  TableTopics topics_;
  std::unique_ptr<Producer> producer_;
  Position position_;
  bool in_doubt_ = false;
  bool open_stored_ = true;  // perhaps
  std::unique_ptr<Heartbeat> heartbeat_;
  std::set<std::string> known_topics_;
  std::map<std::string, std::set<std::pair<std::uint64_t, std::uint64_t>>> chunks_;  // recorded: load, number
};

}  // namespace

std::unique_ptr<DocumentSink> make_capture_sink(CaptureOptions options) {
  return std::make_unique<CaptureSink>(std::move(options));
}

}  // namespace penstock::backbone
