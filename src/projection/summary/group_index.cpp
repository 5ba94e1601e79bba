#include "projection/summary/group_index.h"

#include <utility>
#include <vector>

#include "expression/aggregate/index_key.h"
#include "expression/aggregate/tally.h"
#include "expression/array_text.h"
#include "model/byte_io.h"
#include "model/row_codec.h"
#include "projection/state/key_code.h"

namespace penstock {
namespace {

using expression::AggregateKind;
using expression::Keeping;

std::string slot_bytes(const IndexSlot& slot) {
  std::string bytes;
  append_integer_key(bytes, static_cast<std::int64_t>(slot.group));
  bytes += static_cast<char>(slot.call >> 8);
  bytes += static_cast<char>(slot.call & 0xff);
  return bytes;
}

std::string value_bytes(const Value& value) {
  std::string bytes;
  encode_row(bytes, 0, &value, 1);
  return bytes;
}

Value value_of(std::string_view bytes, Arena& arena) { return RowDecoder(arena.copy(bytes), arena).next(); }

// How often a distinct value is there, and the value.
std::string counted_bytes(std::int64_t count, const Value& value) {
  std::string bytes;
  ByteWriter(bytes).signed_number(count);
  return bytes + value_bytes(value);
}
struct CountedBytes {
  std::int64_t count = 0;
  std::string_view value;
};
CountedBytes split(std::string_view bytes) {
  ByteReader reader(bytes);
  const std::int64_t count = reader.signed_number();
  return {count, bytes.substr(static_cast<std::size_t>(reader.at() - bytes.data()))};
}

}  // namespace

Status GroupIndex::put_row(const IndexSlot& slot, const Contribution::Part& part, std::string_view row) {
  return map_.put((slot_bytes(slot) + part.place).append(row), value_bytes(part.argument));
}

Status GroupIndex::erase_row(const IndexSlot& slot, const Contribution::Part& part, std::string_view row) {
  PENSTOCK_TRY(map_.erase((slot_bytes(slot) + part.place).append(row)));
  return {};
}

Result<std::optional<GroupIndex::Counted>> GroupIndex::first_of(const std::string& place, Arena& arena) {
  std::optional<Counted> first;
  PENSTOCK_TRY(map_.scan(place, OrderedMap::Direction::kForward,
                         [&](std::string_view key, std::string_view bytes) -> Result<bool> {
                           first = Counted{std::string(key), value_of(split(bytes).value, arena)};
                           return false;
                         }));
  return first;
}

Status GroupIndex::move_value(const IndexSlot& slot, const Contribution::Part& part, int by,
                              expression::Tally* tally) {
  Arena arena;
  const std::string place = slot_bytes(slot) + part.place;
  const std::string key = place + to_text(part.argument);
  PENSTOCK_ASSIGN(const std::optional<Counted> before, first_of(place, arena));
  PENSTOCK_ASSIGN(const std::optional<std::string_view> there, map_.get(key));
  const std::int64_t count = (there ? split(*there).count : 0) + by;
  if (count > 0) {
    PENSTOCK_TRY(map_.put(key, counted_bytes(count, part.argument)));
  } else {
    PENSTOCK_TRY(map_.erase(key));
  }
  if (tally == nullptr) return {};
  PENSTOCK_ASSIGN(const std::optional<Counted> after, first_of(place, arena));
  if (before && after && before->key == after->key) return {};
  if (before) PENSTOCK_TRY(tally->subtract(before->value));
  if (after) PENSTOCK_TRY(tally->add(after->value));
  return {};
}

Result<Value> GroupIndex::result(const IndexSlot& slot, Arena& arena) {
  return slot.shape->kind == AggregateKind::kArrayAgg ? list(slot, arena) : edge(slot, arena);
}

Result<Value> GroupIndex::edge(const IndexSlot& slot, Arena& arena) {
  Value value;
  const auto direction = expression::takes_last(slot.shape->kind) ? OrderedMap::Direction::kBackward
                                                                  : OrderedMap::Direction::kForward;
  PENSTOCK_TRY(
      map_.scan(slot_bytes(slot), direction, [&](std::string_view, std::string_view bytes) -> Result<bool> {
        value = value_of(bytes, arena);
        return false;
      }));
  return value;
}

Result<Value> GroupIndex::list(const IndexSlot& slot, Arena& arena) {
  std::vector<Value> items;
  const bool distinct = expression::keeping(*slot.shape) == Keeping::kDistinctValues;
  std::string last;  // place of the last distinct value
  const auto place_of = [&](const Value& value) {
    std::string place;
    expression::append_place(place, *slot.shape, value, {});
    return place;
  };
  PENSTOCK_TRY(map_.scan(slot_bytes(slot), OrderedMap::Direction::kForward,
                         [&](std::string_view, std::string_view bytes) -> Result<bool> {
                           if (!distinct) {
                             items.push_back(value_of(bytes, arena));
                             return true;
                           }
                           const Value value = value_of(split(bytes).value, arena);
                           std::string place = place_of(value);
                           if (!items.empty() && place == last) return true;
                           last = std::move(place);
                           items.push_back(value);
                           return true;
                         }));
  if (items.empty()) return Value(Null{});
  return expression::array_value(items, slot.shape->argument.oid, arena);
}

}  // namespace penstock
