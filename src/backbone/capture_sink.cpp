#include "backbone/capture_sink.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <set>
#include <thread>
#include <utility>

#include "backbone/load_records.h"
#include "backbone/random_uuid.h"
#include "backbone/resync_requests.h"
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

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

// Only whole segments are compacted, and every start reads what is left.
constexpr const char* kStateSegmentBytes = "16777216";
constexpr std::chrono::milliseconds kLastWords{3000};
constexpr std::chrono::milliseconds kFirstWords{3000};

class KafkaCapture final : public CaptureSink, public DocumentLane {
 public:
  explicit KafkaCapture(CaptureOptions options)
      : options_(std::move(options)),
        writer_{random_uuid(), host_name(), getpid(), now_nanos() / 1000000, false},
        topics_(options_.topics, now_nanos),
        requests_(options_.producer, options_.state_topic, writer_.run),
        loads_(options_.state_topic, options_.loads, requests_) {}

  Status lead(std::stop_token stop) override {
    static_cast<void>(stop);  // the next one's init_transactions ends us: nobody waits
    return {};
  }

  Result<Checkpoint> take_over() override {
    PENSTOCK_TRY(reopen());
    const NewTopic wanted{options_.state_topic,
                          1,
                          options_.topics.replication,
                          {{"cleanup.policy", "compact"}, {"segment.bytes", kStateSegmentBytes}}};
    PENSTOCK_ASSIGN(
        const std::size_t made,
        make_topics(producer_->handle(), {wanted}, options_.producer.brokers, options_.producer.timeout));
    begin_heartbeat();
    CaptureState state;
    if (made == 0) {
      PENSTOCK_ASSIGN(state, read());
    }
    PENSTOCK_TRY(producer_->begin());
    PENSTOCK_TRY(producer_->send(writer_record(options_.state_topic, writer_)));
    PENSTOCK_TRY(producer_->send(trouble_record(options_.state_topic, {})));
    if (options_.take_over) PENSTOCK_TRY(adopt(state));
    PENSTOCK_TRY(producer_->commit());
    requests_.begin(state);
    Checkpoint& checkpoint = state.checkpoint;
    if (topics_.monitor()) topics_.monitor()->restore(state.open);
    loads_.begin(state);
    position_ = checkpoint.position;
    last_commit_micros_ = state.times.last_commit_micros;
    if (options_.load_again) checkpoint.restart = true;
    loads_.expect(checkpoint);
    return std::move(checkpoint);
  }

  Status store_source(const SourceIdentity& source, const Position& position) override {
    PENSTOCK_TRY(producer_->begin());
    Status sent = producer_->send(source_record(options_.state_topic, source));
    if (sent)
      sent = producer_->send(position_record(options_.state_topic, position, times(0), loads_.loading()));
    if (sent) sent = producer_->send(restart_record(options_.state_topic, false));
    if (sent) sent = producer_->commit();
    if (!sent) static_cast<void>(producer_->abort());
    if (sent) position_ = position;
    return sent;
  }

  Result<Requests> requests() override {
    Requests requests;
    PENSTOCK_ASSIGN(requests.resyncs, requests_.look());
    return requests;
  }
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

  // After a commit with an unknown outcome the state topic says whether it was one. What a topic or a right
  // stands against is tried again until that is mended.
  Result<CommitResult> commit(StagedGroup& staged) override {
    const WriteGroup& group = static_cast<StagedEvents&>(staged).group();
    if (in_doubt_) {
      auto stored = come_back();
      if (!stored) return fail(judged(std::move(stored).error()));
      in_doubt_ = fenced_ = false;
      if (is_in(*stored, group)) {
        if (topics_.monitor()) topics_.monitor()->restore(std::move(stored->open));
        return done(group);
      }
    }
    const auto open = topics_.monitor() ? topics_.monitor()->open() : TransactionMonitor::Open{};
    if (Status sent = send(group); !sent) {
      if (topics_.monitor()) topics_.monitor()->restore(open);
      open_stored_ = true;
      known_topics_.clear();  // one may have been deleted
      in_doubt_ = sent.error().kind == ErrorKind::kKafkaUnavailable || producer_->is_broken();
      if (!in_doubt_) static_cast<void>(producer_->abort());
      return fail(judged(std::move(sent).error()));
    }
    return done(group);
  }

  void ended(const Status& outcome) override {
    if (!producer_ || in_doubt_ || (!outcome && outcome.error().kind == ErrorKind::kFenced)) return;
    producer_->wait_at_most(kLastWords);
    writer_.ended = true;
    Trouble trouble;
    if (!outcome) trouble = {redact(outcome.error().message), outcome.error().remedy, now_nanos() / 1000000};
    static_cast<void>(producer_->abort());
    static_cast<void>(
        tell({writer_record(options_.state_topic, writer_), trouble_record(options_.state_topic, trouble)}));
  }

 private:
  void begin_heartbeat() {
    if (heartbeat_ || options_.heartbeat.interval.count() == 0) return;
    HeartbeatOptions heartbeat = options_.heartbeat;
    heartbeat.producer = options_.producer;
    heartbeat.producer.transactional_id.clear();
    heartbeat.topic =
        options_.topics.heartbeat_prefix + options_.topics.delimiter + options_.topics.values.server;
    heartbeat.values = options_.topics.values;
    heartbeat_ = std::make_unique<Heartbeat>(std::move(heartbeat));
  }

  // Within the transaction that is open.
  Status adopt(CaptureState& state) {
    const TakeOver& other = *options_.take_over;
    Checkpoint& checkpoint = state.checkpoint;
    checkpoint.exists = true;
    checkpoint.source = other.source;
    checkpoint.written = other.written;
    checkpoint.position = {{}, 0, std::max(other.position.through_lsn, checkpoint.position.through_lsn)};
    state.open = other.open;
    const std::string& topic = options_.state_topic;
    for (const Record& record :
         {source_record(topic, checkpoint.source), position_record(topic, checkpoint.position, times(0)),
          written_record(topic, checkpoint.written), transaction_record(topic, state.open)})
      PENSTOCK_TRY(producer_->send(record));
    return {};
  }

  // Whoever took over in the meantime must not be fenced by us: it says so in its first transaction, a moment
  // after it has fenced us.
  Result<CaptureState> come_back() {
    producer_.reset();
    if (fenced_) std::this_thread::sleep_for(kFirstWords);
    PENSTOCK_ASSIGN(const CaptureState before, read());
    if (before.writer.run != writer_.run) return fail(taken_over(options_.state_topic));
    PENSTOCK_TRY(reopen());
    return read();  // what we had begun is decided now
  }

  Status reopen() {
    producer_.reset();
    ProducerOptions options = options_.producer;
    options.batch_bytes = batch_bytes_;
    PENSTOCK_ASSIGN(producer_, Producer::open(options));
    return producer_->init_transactions();
  }

  Result<CaptureState> read() { return read_state(options_.producer, options_.state_topic); }

  // Records of their own transaction. False: they could not be written.
  bool tell(const std::vector<Record>& records) {
    if (!producer_ || producer_->is_broken()) return false;
    Status told = producer_->begin();
    for (const Record& record : records)
      if (told) told = producer_->send(record);
    if (told) told = producer_->commit();
    if (told) return true;
    log::debug("not stored for status: {}", told.error().message);
    static_cast<void>(producer_->abort());
    return false;
  }

  // What ends the capture is not waited for.
  Error judged(Error error) {
    if (error.kind == ErrorKind::kKafkaRefused) return waited_for(std::move(error));
    if (error.kind != ErrorKind::kFenced || !producer_) return error;
    // Brokers fence also whom they have not heard of for transaction.timeout.ms.
    in_doubt_ = fenced_ = true;
    return make_error(ErrorKind::kKafkaUnavailable,
                      error.message + ": looking whether another capture has taken over");
  }

  // A batch that was too large may hold no record that is: smaller batches show which one.
  Error waited_for(Error error) {
    const TooLarge* record = producer_ ? producer_->too_large() : nullptr;
    if (record != nullptr && record->bytes < batch_bytes_) {
      batch_bytes_ = std::max<std::size_t>(batch_bytes_ / 4, 1);
      in_doubt_ = true;  // opens the producer anew
      return make_error(ErrorKind::kKafkaUnavailable, "a batch of records was too large for topic " +
                                                          record->topic + ": sending smaller ones");
    }
    if (error.message != trouble_.message) {
      trouble_ = {error.message, error.remedy, now_nanos() / 1000000};
      trouble_told_ = false;
      log::error("{}", error.text());
    }
    // The transaction behind one that was refused may fail with it: then it is told with the next try.
    if (!trouble_told_) trouble_told_ = tell({trouble_record(options_.state_topic, trouble_)});
    error.kind = ErrorKind::kKafkaUnavailable;
    return error;
  }

  PositionTimes times(std::int64_t last_commit_micros) {
    if (last_commit_micros != 0) last_commit_micros_ = last_commit_micros;
    return {last_commit_micros_, now_nanos() / 1000000};
  }

  // A topic that is made by its first record has the brokers' settings.
  Status make_where_missing(const std::string& topic) {
    if (!known_topics_.insert(topic).second) return {};
    const NewTopic wanted{topic, options_.topics.partitions, options_.topics.replication,
                          options_.topics.topic_config};
    const auto made =
        make_topics(producer_->handle(), {wanted}, options_.producer.brokers, options_.producer.timeout);
    if (made) return {};
    known_topics_.erase(topic);
    return fail(made.error());
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
    if (trouble_.exists()) PENSTOCK_TRY(producer_->send(trouble_record(options_.state_topic, {})));
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

  // The position comes last: whoever waits looks at the newest records.
  std::vector<Record> state_of(const WriteGroup& group) {
    std::vector<Record> records = loads_.of(group, position_.through_lsn);
    if (group.position || group.step)
      records.push_back(position_record(options_.state_topic, group.position.value_or(position_),
                                        times(group.last_commit_micros), loads_.loading()));
    return records;
  }

  bool is_in(const CaptureState& state, const WriteGroup& group) const {
    if (!group.position) return LoadRecords::has(state, group);
    return state.checkpoint.position == *group.position && position_ != *group.position;
  }

  CommitResult done(const WriteGroup& group) {
    if (group.position) position_ = *group.position;
    loads_.stored(group);
    if (trouble_.exists()) log::info("records are taken again");
    if (trouble_.exists()) batch_bytes_ = kBatchBytes;
    trouble_ = {};
    return {};
  }

  const CaptureOptions options_;
  WriterView writer_;
  TableTopics topics_;
  ResyncRequests requests_;
  LoadRecords loads_;
  std::unique_ptr<Producer> producer_;
  Position position_;
  bool in_doubt_ = false;
  bool fenced_ = false;  // perhaps by another capture
  Trouble trouble_;
  bool trouble_told_ = false;              // stored
  std::size_t batch_bytes_ = kBatchBytes;  // from the next reopen() on
  std::int64_t last_commit_micros_ = 0;
  bool open_stored_ = true;  // perhaps
  std::unique_ptr<Heartbeat> heartbeat_;
  std::set<std::string> known_topics_;
};

}  // namespace

std::unique_ptr<CaptureSink> make_capture_sink(CaptureOptions options) {
  return std::make_unique<KafkaCapture>(std::move(options));
}

}  // namespace penstock::backbone
