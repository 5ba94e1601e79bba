#include "projection/shared/kept_maps.h"

#include <algorithm>
#include <utility>

namespace penstock {
namespace {

constexpr std::size_t kPage = 200;
constexpr std::size_t kMostHeld = 200'000;  // entries
constexpr std::size_t kMostHeldBytes = std::size_t{64} << 20U;

std::size_t bytes_of(const std::string& name, const std::optional<std::string>& value) {
  return name.size() + (value ? value->size() : 0);
}

std::string hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  out.reserve(2 * bytes.size());
  for (const char byte : bytes) {
    out += kDigits[static_cast<std::uint8_t>(byte) >> 4U];
    out += kDigits[static_cast<std::uint8_t>(byte) & 15U];
  }
  return out;
}

std::string unhex(std::string_view digits) {
  const auto number = [](char digit) { return digit <= '9' ? digit - '0' : digit - 'a' + 10; };
  std::string out;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
    out += static_cast<char>(number(digits[i]) * 16 + number(digits[i + 1]));
  return out;
}

}  // namespace

class KeptMap final : public OrderedMap {
 public:
  KeptMap(KeptMaps& maps, std::string name) : maps_(maps), name_(std::move(name)) {}

  Result<std::optional<std::string_view>> get(std::string_view key) override {
    PENSTOCK_ASSIGN(const KeptMaps::Entry* entry, maps_.entry(maps_.name_of(name_, key)));
    if (!entry->value) return std::optional<std::string_view>();
    value_ = *entry->value;
    return std::optional<std::string_view>(value_);
  }
  Status put(std::string_view key, std::string_view value) override {
    maps_.put(maps_.name_of(name_, key), std::string(value));
    return {};
  }
  Result<bool> erase(std::string_view key) override {
    PENSTOCK_ASSIGN(const KeptMaps::Entry* entry, maps_.entry(maps_.name_of(name_, key)));
    const bool was = entry->value.has_value();
    if (was) maps_.put(maps_.name_of(name_, key), std::nullopt);
    return was;
  }
  Status erase_prefix(std::string_view prefix) override {
    std::vector<std::string> keys;
    PENSTOCK_TRY(scan(
        prefix, Direction::kForward,
        [&](std::string_view key, std::string_view) {
          keys.emplace_back(key);
          return Result<bool>(true);
        },
        std::nullopt));
    for (const std::string& key : keys) maps_.put(maps_.name_of(name_, key), std::nullopt);
    return {};
  }
  Status scan(std::string_view prefix, Direction direction, const Visit& visit,
              std::optional<std::string_view> after) override;

 private:
  std::string key_of(std::string_view name) const {
    return unhex(name.substr(maps_.name_of(name_, {}).size()));
  }

  KeptMaps& maps_;
  const std::string name_;
  std::string value_;
};

// Pages of what is durable, with what was changed here in between.
Status KeptMap::scan(std::string_view prefix, Direction direction, const Visit& visit,
                     std::optional<std::string_view> after) {
  const bool backward = direction == Direction::kBackward;
  std::string from = maps_.name_of(name_, prefix);
  std::string to = from + "~";  // above all hexadecimal digits
  if (after && backward) to = std::min(to, maps_.name_of(name_, *after));
  if (after && !backward) from = std::max(from, maps_.name_of(name_, *after) + '\x01');
  for (bool more = true; more && from < to;) {
    PENSTOCK_ASSIGN(const KeptEntries page, maps_.kept_.range(from, to, backward, kPage));
    more = page.size() == kPage;
    // What the page covers.
    std::string low = from, high = to;
    if (more && backward) low = page.back().first;
    if (more && !backward) high = page.back().first + '\x01';
    std::map<std::string, std::string> merged(page.begin(), page.end());
    for (auto at = maps_.entries_.lower_bound(low); at != maps_.entries_.end() && at->first < high; ++at) {
      merged.erase(at->first);
      if (at->second.value) merged[at->first] = *at->second.value;
    }
    std::vector<std::pair<std::string, std::string>> ordered(merged.begin(), merged.end());
    if (backward) std::reverse(ordered.begin(), ordered.end());
    for (const auto& [name, value] : ordered) {
      PENSTOCK_ASSIGN(const bool on, visit(key_of(name), value));
      if (!on) return {};
    }
    (backward ? to : from) = backward ? low : high;
  }
  return {};
}

Result<std::unique_ptr<OrderedMap>> KeptMaps::open_map(const std::string& name) {
  return std::unique_ptr<OrderedMap>(std::make_unique<KeptMap>(*this, name));
}

Status KeptMaps::drop_map(const std::string& name) { return KeptMap(*this, name).erase_prefix({}); }

std::string KeptMaps::name_of(const std::string& map, std::string_view key) const {
  return kept::entry_prefix(pipeline_) + map + " " + hex(key);
}

Result<KeptMaps::Entry*> KeptMaps::entry(const std::string& name) {
  const auto known = entries_.find(name);
  if (known != entries_.end()) return &known->second;
  PENSTOCK_ASSIGN(const KeptEntries found, kept_.entries({name}));
  Entry& entry = entries_[name];
  if (!found.empty()) entry.value = found.front().second;
  return &entry;
}

void KeptMaps::put(const std::string& name, std::optional<std::string> value) {
  Entry& entry = entries_[name];
  if (entry.changed) changed_bytes_ -= bytes_of(name, entry.value);
  entry.value = std::move(value);
  entry.changed = true;
  changed_bytes_ += bytes_of(name, entry.value);
}

Status KeptMaps::prefetch(const std::string& map, const std::vector<std::string>& keys) {
  std::vector<std::string> names;
  for (const std::string& key : keys)
    if (std::string name = name_of(map, key); !entries_.contains(name)) names.push_back(std::move(name));
  for (std::size_t begin = 0; begin < names.size(); begin += kPage) {
    const auto from = names.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto to = names.begin() + static_cast<std::ptrdiff_t>(std::min(begin + kPage, names.size()));
    PENSTOCK_ASSIGN(const KeptEntries found, kept_.entries({from, to}));
    std::for_each(from, to, [&](const std::string& name) { entries_.try_emplace(name); });
    for (const auto& [name, value] : found) entries_[name].value = value;
  }
  return {};
}

void KeptMaps::flush(KeptWrites& writes, WriteGroup& group) {
  std::size_t held = 0;
  for (auto& [name, entry] : entries_) {
    held += bytes_of(name, entry.value);
    if (!entry.changed) continue;
    entry.changed = false;
    if (entry.value) {
      writes.put_entry(group, name, *entry.value);
    } else {
      writes.erase_entry(group, name);
    }
  }
  changed_bytes_ = 0;
  if (entries_.size() > kMostHeld || held > kMostHeldBytes) entries_.clear();
}

void KeptMaps::forget() {
  entries_.clear();
  changed_bytes_ = 0;
}

// Nothing that was read before counts any more.
Result<bool> KeptMaps::erase_some(const std::vector<std::string>& maps, std::size_t most, KeptWrites& writes,
                                  WriteGroup& group) {
  std::vector<std::string> names;
  for (const std::string& map : maps) {
    const std::string from = name_of(map, {});
    PENSTOCK_ASSIGN(const auto found, kept_.names(from, from + "~", most + 1 - names.size()));
    names.insert(names.end(), found.begin(), found.end());
    if (names.size() > most) break;
  }
  if (names.size() <= most) return false;
  forget();
  names.pop_back();
  for (const std::string& name : names) writes.erase_entry(group, name);
  return true;
}

}  // namespace penstock
