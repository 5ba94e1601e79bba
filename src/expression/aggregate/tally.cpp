#include "expression/aggregate/tally.h"

#include "expression/aggregate/number_tally.h"
#include "expression/function.h"
#include "expression/record.h"

namespace penstock::expression {
namespace {

class CountTally final : public Tally {
 public:
  explicit CountTally(bool rows) : rows_(rows) {}

  Status add(const Value& argument) override {
    if (rows_ || !argument.is_null()) ++count_;
    return {};
  }
  Status subtract(const Value& argument) override {
    if (rows_ || !argument.is_null()) --count_;
    return {};
  }
  Result<Value> result(Arena&) const override { return Value(static_cast<std::int64_t>(count_)); }
  void encode(std::string& out) const override { append_count(out, count_); }
  bool decode(std::string_view& bytes) override {
    const auto count = take_count(bytes);
    count_ = count.value_or(0);
    return count.has_value();
  }

 private:
  bool rows_;
  std::uint64_t count_ = 0;
};

class BoolTally final : public Tally {
 public:
  explicit BoolTally(bool all) : all_(all) {}

  Status add(const Value& argument) override { return move(argument, 1); }
  Status subtract(const Value& argument) override { return move(argument, -1); }
  Result<Value> result(Arena&) const override {
    if (trues_ == 0 && falses_ == 0) return Value(Null{});
    return Value(all_ ? falses_ == 0 : trues_ > 0);
  }
  void encode(std::string& out) const override {
    append_count(out, static_cast<std::uint64_t>(trues_));
    append_count(out, static_cast<std::uint64_t>(falses_));
  }
  bool decode(std::string_view& bytes) override {
    const auto trues = take_count(bytes);
    const auto falses = take_count(bytes);
    trues_ = static_cast<std::int64_t>(trues.value_or(0));
    falses_ = static_cast<std::int64_t>(falses.value_or(0));
    return trues && falses;
  }

 private:
  Status move(const Value& argument, std::int64_t by) {
    const auto* flag = argument.get<bool>();
    if (flag != nullptr) (*flag ? trues_ : falses_) += by;
    return {};
  }

  bool all_;
  std::int64_t trues_ = 0;
  std::int64_t falses_ = 0;
};

}  // namespace

std::unique_ptr<Tally> make_tally(const AggregateShape& shape) {
  switch (shape.kind) {
    case AggregateKind::kCountRows:
      return std::make_unique<CountTally>(true);
    case AggregateKind::kCount:
      return std::make_unique<CountTally>(false);
    case AggregateKind::kBoolAnd:
      return std::make_unique<BoolTally>(true);
    case AggregateKind::kBoolOr:
      return std::make_unique<BoolTally>(false);
    case AggregateKind::kSum:
    case AggregateKind::kAvg:
      return make_number_tally(shape.kind == AggregateKind::kAvg, shape.argument.oid);
    default:
      return nullptr;
  }
}

}  // namespace penstock::expression
