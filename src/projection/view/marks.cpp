#include "projection/view/marks.h"

#include <algorithm>
#include <utility>

#include "model/byte_io.h"
#include "projection/view/cause_io.h"

namespace penstock {

std::string Mark::text() const {
  std::string out;
  ByteWriter writer(out);
  write_cause(writer, cause);
  writer.number(since.value);
  writer.byte(static_cast<std::uint8_t>((root_changed ? 1 : 0) + (in_sink_before ? 2 : 0) +
                                        (created ? 4 : 0) + (maybe_shown ? 8 : 0)));
  writer.number(inserted_at.value);
  writer.number(stale.size());
  for (const std::string& id : stale) writer.text(id);
  return out;
}

Mark Mark::from(std::string_view text) {
  ByteReader reader(text);
  Mark mark;
  mark.cause = read_cause(reader);
  mark.since.value = reader.number();
  const std::uint8_t flags = reader.byte();
  mark.root_changed = (flags & 1) != 0;
  mark.in_sink_before = (flags & 2) != 0;
  mark.created = (flags & 4) != 0;
  mark.maybe_shown = (flags & 8) != 0;
  mark.inserted_at.value = reader.number();
  const std::uint64_t stale = reader.number();
  for (std::uint64_t i = 0; i < stale && reader.ok(); ++i) mark.stale.emplace_back(reader.text());
  return mark;
}

Mark& Marks::add(std::string_view key, const Cause& cause) {
  auto found = places_.find(key);
  if (found == places_.end()) {
    found = places_.emplace(std::string(key), order_.size()).first;
    Mark& mark = order_.emplace_back(Entry{std::string(key), {}}).mark;
    mark.since = cause.position.commit_lsn;
  }
  Mark& mark = order_[found->second].mark;
  mark.cause = cause;
  return mark;
}

void Marks::clear() {
  places_.clear();
  order_.clear();
}

std::vector<Marks::Entry> Marks::take() {
  places_.clear();
  return std::exchange(order_, {});
}

}  // namespace penstock
