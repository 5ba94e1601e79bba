#include "projection/view/walk.h"

#include "model/byte_io.h"

namespace penstock {

Walk::Walk(const Appearance& appearance, const Value* row) : appearance_(&appearance) {
  if (appearance.hops.front().value_of(row, start_)) {
    frames_.push_back({start_, std::nullopt});
  } else {
    start_.clear();
  }
}

Walk Walk::from(const Appearance& appearance, std::string start) {
  Walk walk(appearance);
  walk.start_ = std::move(start);
  if (!walk.start_.empty()) walk.frames_.push_back({walk.start_, std::nullopt});
  return walk;
}

Walk::Walk(const Appearance& appearance, std::string_view text) : appearance_(&appearance) {
  ByteReader reader(text);
  start_ = reader.text();
  const std::uint64_t count = reader.number();
  for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
    Frame frame;
    frame.value = reader.text();
    if (reader.byte() != 0) frame.after = std::string(reader.text());
    frames_.push_back(std::move(frame));
  }
  if (!reader.ok() || frames_.size() > appearance.hops.size()) frames_.clear();
}

std::string Walk::text() const {
  std::string out;
  ByteWriter writer(out);
  writer.text(start_);
  writer.number(frames_.size());
  for (const Frame& frame : frames_) {
    writer.text(frame.value);
    writer.byte(frame.after ? 1 : 0);
    if (frame.after) writer.text(*frame.after);
  }
  return out;
}

Status Walk::next(std::size_t limit, Arena& arena, std::vector<std::string_view>& roots) {
  const std::size_t end = roots.size() + limit;
  while (!frames_.empty() && roots.size() < end) PENSTOCK_TRY(advance(end - roots.size(), arena, roots));
  return {};
}

// One step of the deepest frame.
Status Walk::advance(std::size_t limit, Arena& arena, std::vector<std::string_view>& roots) {
  const std::size_t depth = frames_.size() - 1;
  Frame& frame = frames_.back();
  const Lookup& hop = appearance_->hops[depth];
  const bool last = depth + 1 == appearance_->hops.size();
  if (hop.target().is_key) {
    if (frame.after) {
      frames_.pop_back();
      return {};
    }
    frame.after = frame.value;
    if (!last) return follow(std::string(frame.value), arena);
    roots.push_back(arena.copy(frame.value));
    frames_.pop_back();
    return {};
  }
  std::vector<std::string_view> keys;
  const std::size_t wanted = last ? limit : 1;
  const auto after = frame.after ? std::optional<std::string_view>(*frame.after) : std::nullopt;
  PENSTOCK_TRY(hop.in->rows().list_keys(hop.target().index, frame.value, after, wanted, arena, keys));
  if (!keys.empty()) frame.after = std::string(keys.back());
  if (keys.size() < wanted && (last || keys.empty())) frames_.pop_back();
  if (!last) return keys.empty() ? Status() : follow(keys.front(), arena);
  roots.insert(roots.end(), keys.begin(), keys.end());
  return {};
}

Status Walk::follow(std::string_view key, Arena& arena) {
  const std::size_t depth = frames_.size() - 1;
  PENSTOCK_ASSIGN(const MirrorRow row, appearance_->hops[depth].in->find(key, arena));
  Frame above;
  if (row.values != nullptr && appearance_->hops[depth + 1].value_of(row.values, above.value))
    frames_.push_back(std::move(above));
  return {};
}

}  // namespace penstock
