#include "projection/view/due_queue.h"

#include "model/byte_io.h"
#include "projection/state/key_code.h"

namespace penstock {
namespace {

std::string place_of(const std::string& collection, std::string_view key) {
  std::string out;
  ByteWriter writer(out);
  writer.text(collection);
  writer.raw(key);
  return out;
}

std::string number_of(std::int64_t number) {
  std::string out;
  append_integer_key(out, number);
  return out;
}

DueQueue::Entry entry_of(std::string_view bytes) {
  ByteReader reader(bytes);
  DueQueue::Entry entry;
  entry.collection = reader.text();
  entry.key = reader.text();
  entry.mark = Mark::from(reader.text());
  return entry;
}

std::string bytes_of(const std::string& collection, std::string_view key, const Mark& mark) {
  std::string out;
  ByteWriter writer(out);
  writer.text(collection);
  writer.text(key);
  writer.text(mark.text());
  return out;
}

}  // namespace

Status DueQueue::open(OrderedMaps& maps) {
  PENSTOCK_ASSIGN(entries_, maps.open_map("due"));
  PENSTOCK_ASSIGN(places_, maps.open_map("due.places"));
  size_ = 0;
  last_ = 0;
  PENSTOCK_TRY(
      entries_->scan({}, OrderedMap::Direction::kForward, [&](std::string_view number, std::string_view) {
        ++size_;
        last_ = integer_of_key(number);
        return Result<bool>(true);
      }));
  return look_at_first();
}

Status DueQueue::add(const std::string& collection, std::string_view key, const Mark& mark) {
  const std::string place = place_of(collection, key);
  PENSTOCK_ASSIGN(const auto there, places_->get(place));
  if (!there) {
    const std::string number = number_of(++last_);
    PENSTOCK_TRY(places_->put(place, number));
    PENSTOCK_TRY(entries_->put(number, bytes_of(collection, key, mark)));
    if (size_++ == 0) first_ = mark.since;
    return {};
  }
  const std::string number(*there);
  PENSTOCK_ASSIGN(const auto stored, entries_->get(number));
  if (!stored) return fail(ErrorKind::kInternal, "the queue of due documents has lost an entry");
  Entry entry = entry_of(*stored);
  entry.mark.cause = mark.cause;
  entry.mark.maybe_shown = true;
  entry.mark.stale.insert(entry.mark.stale.end(), mark.stale.begin(), mark.stale.end());
  return entries_->put(number, bytes_of(collection, key, entry.mark));
}

Result<std::optional<Mark>> DueQueue::remove(const std::string& collection, std::string_view key) {
  if (size_ == 0) return std::optional<Mark>();
  const std::string place = place_of(collection, key);
  PENSTOCK_ASSIGN(const auto there, places_->get(place));
  if (!there) return std::optional<Mark>();
  const std::string number(*there);
  PENSTOCK_ASSIGN(const auto stored, entries_->get(number));
  std::optional<Mark> mark;
  if (stored) mark = entry_of(*stored).mark;
  PENSTOCK_TRY(places_->erase(place));
  PENSTOCK_TRY(erase(number));
  return mark;
}

Status DueQueue::erase(std::string_view number) {
  PENSTOCK_TRY(entries_->erase(number));
  --size_;
  return look_at_first();
}

Status DueQueue::look_at_first() {
  first_ = Lsn();
  if (size_ == 0) return {};
  return entries_->scan({}, OrderedMap::Direction::kForward, [&](std::string_view, std::string_view value) {
    first_ = entry_of(value).mark.since;
    return Result<bool>(false);
  });
}

Status DueQueue::take(std::size_t limit, std::vector<Entry>& entries) {
  return take_where(nullptr, limit, entries);
}

Status DueQueue::take_of(const std::string& collection, std::size_t limit, std::vector<Entry>& entries) {
  return size_ == 0 ? Status() : take_where(&collection, limit, entries);
}

Status DueQueue::take_where(const std::string* collection, std::size_t limit, std::vector<Entry>& entries) {
  std::vector<std::string> numbers;
  PENSTOCK_TRY(entries_->scan({}, OrderedMap::Direction::kForward,
                              [&](std::string_view number, std::string_view value) {
                                Entry entry = entry_of(value);
                                if (collection != nullptr && entry.collection != *collection)
                                  return Result<bool>(true);
                                numbers.emplace_back(number);
                                entries.push_back(std::move(entry));
                                return Result<bool>(numbers.size() < limit);
                              }));
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const Entry& entry = entries[entries.size() - numbers.size() + i];
    PENSTOCK_TRY(places_->erase(place_of(entry.collection, entry.key)));
    PENSTOCK_TRY(entries_->erase(numbers[i]));
  }
  size_ -= numbers.size();
  return look_at_first();
}

Status DueQueue::drop(const std::string& collection) {
  if (size_ == 0) return {};
  std::vector<std::string> numbers;
  PENSTOCK_TRY(entries_->scan({}, OrderedMap::Direction::kForward,
                              [&](std::string_view number, std::string_view value) {
                                if (entry_of(value).collection == collection) numbers.emplace_back(number);
                                return Result<bool>(true);
                              }));
  for (const std::string& number : numbers) PENSTOCK_TRY(entries_->erase(number));
  size_ -= numbers.size();
  PENSTOCK_TRY(places_->erase_prefix(place_of(collection, {})));
  return look_at_first();
}

std::optional<Lsn> DueQueue::oldest() const { return size_ == 0 ? std::nullopt : std::optional<Lsn>(first_); }

}  // namespace penstock
