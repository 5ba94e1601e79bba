#include "projection/view/fan_out.h"

#include "model/byte_io.h"
#include "projection/state/key_code.h"
#include "projection/view/cause_io.h"

namespace penstock {
namespace {

std::string key_of(std::uint64_t number) {
  std::string out;
  append_integer_key(out, static_cast<std::int64_t>(number));
  return out;
}

std::string bytes_of(const FanOutTask& task) {
  std::string out;
  ByteWriter writer(out);
  writer.text(task.collection);
  writer.number(task.appearance);
  writer.text(task.start);
  writer.text(task.cursor);
  write_cause(writer, task.cause);
  writer.number(task.since.value);
  writer.byte(task.again ? 1 : 0);
  if (task.again) writer.number(task.again->value);
  return out;
}

FanOutTask task_of(std::string_view bytes) {
  ByteReader reader(bytes);
  FanOutTask task;
  task.collection = reader.text();
  task.appearance = reader.number();
  task.start = reader.text();
  task.cursor = reader.text();
  task.cause = read_cause(reader);
  task.since.value = reader.number();
  if (reader.byte() != 0) task.again = Lsn{reader.number()};
  return task;
}

}  // namespace

std::string FanOut::name_of(const FanOutTask& task) {
  std::string out;
  ByteWriter writer(out);
  writer.text(task.collection);
  writer.number(task.appearance);
  writer.text(task.start);
  return out;
}

Status FanOut::open(OrderedMaps& maps) {
  PENSTOCK_ASSIGN(map_, maps.open_map("fan_out"));
  tasks_.clear();
  names_.clear();
  return map_->scan({}, OrderedMap::Direction::kForward, [&](std::string_view key, std::string_view value) {
    const auto number = static_cast<std::uint64_t>(integer_of_key(key));
    const FanOutTask& task = tasks_[number] = task_of(value);
    names_[name_of(task)] = number;
    return Result<bool>(true);
  });
}

Status FanOut::store(std::uint64_t number) { return map_->put(key_of(number), bytes_of(tasks_.at(number))); }

Status FanOut::add(FanOutTask task) {
  const std::uint64_t number = tasks_.empty() ? 1 : tasks_.rbegin()->first + 1;
  const auto [name, fresh] = names_.try_emplace(name_of(task), number);
  if (fresh) {
    tasks_[number] = std::move(task);
    return store(number);
  }
  FanOutTask& known = tasks_.at(name->second);
  if (!known.cursor.empty() && !known.again) known.again = task.since;
  known.cause = task.cause;
  return store(name->second);
}

std::optional<Lsn> FanOut::oldest() const {
  std::optional<Lsn> oldest;
  for (const auto& [number, task] : tasks_) {
    if (!oldest || task.since < *oldest) oldest = task.since;
  }
  return oldest;
}

FanOutTask* FanOut::next() {
  if (tasks_.empty()) return nullptr;
  auto found = tasks_.upper_bound(current_);
  if (found == tasks_.end()) found = tasks_.begin();
  current_ = found->first;
  return &found->second;
}

FanOutTask* FanOut::next_of(const std::string& collection) {
  for (auto& [number, task] : tasks_) {
    if (task.collection != collection) continue;
    current_ = number;
    return &task;
  }
  return nullptr;
}

Status FanOut::moved_on() { return store(current_); }

Status FanOut::ended() {
  FanOutTask& task = tasks_.at(current_);
  if (task.again) {
    task.since = *task.again;
    task.again.reset();
    task.cursor.clear();
    return store(current_);
  }
  names_.erase(name_of(task));
  tasks_.erase(current_);
  PENSTOCK_TRY(map_->erase(key_of(current_)));
  return {};
}

Status FanOut::drop(const std::string& collection) {
  for (auto at = tasks_.begin(); at != tasks_.end();) {
    if (at->second.collection != collection) {
      ++at;
      continue;
    }
    names_.erase(name_of(at->second));
    PENSTOCK_TRY(map_->erase(key_of(at->first)));
    at = tasks_.erase(at);
  }
  return {};
}

}  // namespace penstock
