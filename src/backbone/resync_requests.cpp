#include "backbone/resync_requests.h"

namespace penstock::backbone {

Error taken_over(const std::string& state_topic) {
  return make_error(ErrorKind::kFenced,
                    "another penstock capture has taken over the topics of " + state_topic,
                    "only one may run: end this one or the other");
}

// Whoever looks also hears that the leg is to end: brokers that are away are asked again at the next look.
constexpr std::chrono::milliseconds kLookTime{1000};

ResyncRequests::ResyncRequests(ProducerOptions options, std::string topic, std::string run)
    : options_([&] {
        options.timeout = kLookTime;
        return std::move(options);
      }()),
      topic_(std::move(topic)),
      run_(std::move(run)) {}

void ResyncRequests::begin(CaptureState& state) {
  const std::lock_guard lock(mutex_);
  for (const auto& [name, table] : state.checkpoint.tables) load_ids_[name] = table.load_id;
  for (const auto& [name, id] : state.resyncs) {
    known_[name] = id;
    waiting_[name] = load_ids_[name];
    const auto table = state.checkpoint.tables.find(name);
    if (table != state.checkpoint.tables.end()) table->second.state = LoadState::kPending;
  }
}

Result<std::vector<std::string>> ResyncRequests::look() {
  if (!reader_) {
    PENSTOCK_ASSIGN(reader_, TopicReader::open(options_, {topic_}));
    if (!reader_) return std::vector<std::string>();
  }
  const auto take = [&](auto key, auto value) {
    Status taken = seen_.take(key, value);
    begun_ = begun_ || seen_.run() == run_;
    return taken;
  };
  PENSTOCK_TRY(reader_->read_on(take, std::chrono::milliseconds(0)));
  if (begun_ && seen_.run() != run_) return fail(taken_over(topic_));
  const std::lock_guard lock(mutex_);
  std::vector<std::string> asked;
  for (const auto& [name, id] : seen_.resyncs()) {
    if (known_[name] == id) continue;
    known_[name] = id;
    waiting_[name] = load_ids_[name];
    asked.push_back(name);
  }
  return asked;
}

bool ResyncRequests::answered_by(const TableCheckpoint& step) {
  const std::lock_guard lock(mutex_);
  const auto waiting = waiting_.find(step.table);
  return waiting != waiting_.end() && step.load_id > waiting->second;
}

void ResyncRequests::stored(const TableCheckpoint& step) {
  if (answered_by(step)) {
    const std::lock_guard lock(mutex_);
    waiting_.erase(step.table);
  }
  const std::lock_guard lock(mutex_);
  load_ids_[step.table] = step.load_id;
}

}  // namespace penstock::backbone
