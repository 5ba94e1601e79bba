#include "expression/aggregate/accumulator.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>

#include "expression/aggregate/index_key.h"
#include "expression/aggregate/tally.h"
#include "expression/array_text.h"

namespace penstock::expression {
namespace {

class TallyAccumulator final : public Accumulator {
 public:
  explicit TallyAccumulator(std::unique_ptr<Tally> tally) : tally_(std::move(tally)) {}

  Status add(const Value& argument, std::span<const Value>, std::string_view) override {
    return tally_->add(argument);
  }
  Result<Value> result(Arena& arena) const override { return tally_->result(arena); }

 private:
  std::unique_ptr<Tally> tally_;
};

class DistinctAccumulator final : public Accumulator {
 public:
  explicit DistinctAccumulator(AggregateShape shape) : shape_(std::move(shape)) {}

  Status add(const Value& argument, std::span<const Value>, std::string_view) override {
    if (argument.is_null()) return {};
    std::string place;
    append_place(place, shape_, argument, {});
    const auto [entry, added] = values_.try_emplace(std::move(place), argument);
    if (!added && to_text(argument) < to_text(entry->second)) entry->second = argument;
    return {};
  }
  Result<Value> result(Arena& arena) const override {
    const std::unique_ptr<Tally> tally = make_tally(shape_);
    for (const auto& [place, value] : values_) PENSTOCK_TRY(tally->add(value));
    return tally->result(arena);
  }

 private:
  AggregateShape shape_;
  std::unordered_map<std::string, Value> values_;
};

// min, max, first_value, last_value: the one row that is first or last.
class EdgeAccumulator final : public Accumulator {
 public:
  explicit EdgeAccumulator(AggregateShape shape) : shape_(std::move(shape)) {}

  Status add(const Value& argument, std::span<const Value> order, std::string_view tie) override {
    if (argument.is_null() && skips_null(shape_.kind)) return {};
    std::string place;
    append_place(place, shape_, argument, order);
    place += tie;
    if (any_ && (takes_last(shape_.kind) ? place < place_ : place > place_)) return {};
    any_ = true;
    place_ = std::move(place);
    value_ = argument;
    return {};
  }
  Result<Value> result(Arena&) const override { return value_; }

 private:
  AggregateShape shape_;
  bool any_ = false;
  std::string place_;
  Value value_;
};

class ListAccumulator final : public Accumulator {
 public:
  explicit ListAccumulator(AggregateShape shape) : shape_(std::move(shape)) {}

  Status add(const Value& argument, std::span<const Value> order, std::string_view tie) override {
    std::string place;
    append_place(place, shape_, argument, order);
    const std::size_t size = place.size();
    place += shape_.distinct ? to_text(argument) : std::string(tie);
    rows_.push_back({std::move(place), size, argument});
    return {};
  }
  Result<Value> result(Arena& arena) const override {
    if (rows_.empty()) return Value(Null{});
    std::vector<const Entry*> sorted;
    sorted.reserve(rows_.size());
    for (const Entry& row : rows_) sorted.push_back(&row);
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const Entry* a, const Entry* b) { return a->place < b->place; });
    if (shape_.distinct) {
      const auto same = [](const Entry* a, const Entry* b) { return a->value_place() == b->value_place(); };
      sorted.erase(std::unique(sorted.begin(), sorted.end(), same), sorted.end());
    }
    std::vector<Value> items;
    items.reserve(sorted.size());
    for (const Entry* row : sorted) items.push_back(row->argument);
    return array_value(items, shape_.argument.oid, arena);
  }

 private:
  struct Entry {
    std::string place;     // with the tie
    std::size_t size = 0;  // of the place without it
    Value argument;
    std::string_view value_place() const { return std::string_view(place).substr(0, size); }
  };
  AggregateShape shape_;
  std::vector<Entry> rows_;
};

}  // namespace

AggregateShape shape_of(const AggregateCall& call) {
  AggregateShape shape;
  shape.kind = call.kind;
  if (call.argument) shape.argument = call.argument->type();
  shape.distinct = call.distinct;
  for (const AggregateCall::Order& order : call.order) {
    shape.order.push_back({order.descending, order.nulls_first});
    shape.order_types.push_back(order.by.type());
  }
  return shape;
}

std::unique_ptr<Accumulator> make_accumulator(const AggregateShape& shape) {
  switch (keeping(shape)) {
    case Keeping::kTally:
      return std::make_unique<TallyAccumulator>(make_tally(shape));
    case Keeping::kDistinctTally:
      return std::make_unique<DistinctAccumulator>(shape);
    case Keeping::kDistinctValues:
      return std::make_unique<ListAccumulator>(shape);
    case Keeping::kRows:
      break;
  }
  if (shape.kind == AggregateKind::kArrayAgg) return std::make_unique<ListAccumulator>(shape);
  return std::make_unique<EdgeAccumulator>(shape);
}

std::unique_ptr<Accumulator> make_accumulator(const AggregateCall& call) {
  return make_accumulator(shape_of(call));
}

}  // namespace penstock::expression
