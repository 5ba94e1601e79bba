#include "expression/aggregate/number_tally.h"

#include <array>
#include <cmath>
#include <limits>
#include <map>

#include "expression/aggregate/exact_sum.h"
#include "expression/number_values.h"
#include "expression/record.h"

namespace penstock::expression {
namespace {

// How many NaNs and infinities there are: they hide the sum of the finite numbers, which is kept beside them.
class Specials {
 public:
  void move(int sign, bool nan, std::int64_t by) { (nan ? nans_ : (sign > 0 ? plus_ : minus_)) += by; }
  bool any() const { return nans_ != 0 || plus_ != 0 || minus_ != 0; }
  bool is_nan() const { return nans_ != 0 || (plus_ != 0 && minus_ != 0); }
  int sign() const { return plus_ != 0 ? 1 : -1; }

  void encode(std::string& out) const {
    for (const std::int64_t count : {nans_, plus_, minus_})
      append_count(out, static_cast<std::uint64_t>(count));
  }
  bool decode(std::string_view& bytes) {
    for (std::int64_t* count : {&nans_, &plus_, &minus_}) {
      const auto read = take_count(bytes);
      if (!read) return false;
      *count = static_cast<std::int64_t>(*read);
    }
    return true;
  }

 private:
  std::int64_t nans_ = 0;
  std::int64_t plus_ = 0;
  std::int64_t minus_ = 0;
};

bool take(std::string_view& bytes, std::int64_t& count) {
  const auto read = take_count(bytes);
  if (read) count = static_cast<std::int64_t>(*read);
  return read.has_value();
}

class IntegerTally final : public Tally {
 public:
  IntegerTally(bool average, bool wide) : average_(average), wide_(wide) {}

  Status add(const Value& argument) override { return move(argument, 1); }
  Status subtract(const Value& argument) override { return move(argument, -1); }

  Result<Value> result(Arena& arena) const override {
    if (count_ == 0) return Value(Null{});
    if (average_) {
      PENSTOCK_ASSIGN(const Numeric mean, divide(Numeric(sum_, 0), Numeric(count_)));
      return numeric_to_value(mean, arena);
    }
    if (wide_) return numeric_to_value(Numeric(sum_, 0), arena);
    const auto sum = sum_.to_int64();
    if (!sum) return out_of_range<std::int64_t>();
    return Value(*sum);
  }

  void encode(std::string& out) const override {
    append_count(out, static_cast<std::uint64_t>(count_));
    sum_.encode(out);
  }
  bool decode(std::string_view& bytes) override {
    if (!take(bytes, count_)) return false;
    auto sum = Integer::decode(bytes);
    if (sum) sum_ = std::move(*sum);
    return sum.has_value();
  }

 private:
  Status move(const Value& argument, std::int64_t by) {
    Integer number;
    if (const auto* small = argument.get<std::int32_t>()) {
      number = *small;
    } else if (const auto* large = argument.get<std::int64_t>()) {
      number = *large;
    } else {
      return {};
    }
    sum_ = by > 0 ? sum_ + number : sum_ - number;
    count_ += by;
    return {};
  }

  bool average_;
  bool wide_;  // sums of bigint are numeric
  std::int64_t count_ = 0;
  Integer sum_;
};

class NumericTally final : public Tally {
 public:
  explicit NumericTally(bool average) : average_(average) {}

  Status add(const Value& argument) override { return move(argument, 1); }
  Status subtract(const Value& argument) override { return move(argument, -1); }

  Result<Value> result(Arena& arena) const override {
    if (by_scale_.empty() && !specials_.any()) return Value(Null{});
    if (specials_.is_nan()) return numeric_to_value(Numeric::nan(), arena);
    if (specials_.any()) return numeric_to_value(Numeric::infinity(specials_.sign()), arena);
    Numeric sum;
    std::int64_t count = 0;
    for (const auto& [scale, part] : by_scale_) {
      PENSTOCK_ASSIGN(sum, expression::add(sum, Numeric(part.sum, scale)));
      count += part.count;
    }
    if (!average_) return numeric_to_value(sum, arena);
    PENSTOCK_ASSIGN(const Numeric mean, divide(sum, Numeric(count)));
    return numeric_to_value(mean, arena);
  }

  void encode(std::string& out) const override {
    specials_.encode(out);
    append_count(out, by_scale_.size());
    for (const auto& [scale, part] : by_scale_) {
      append_count(out, static_cast<std::uint64_t>(scale));
      append_count(out, static_cast<std::uint64_t>(part.count));
      part.sum.encode(out);
    }
  }
  bool decode(std::string_view& bytes) override {
    by_scale_.clear();
    std::int64_t scales = 0;
    if (!specials_.decode(bytes) || !take(bytes, scales)) return false;
    for (; scales > 0; --scales) {
      std::int64_t scale = 0;
      std::int64_t count = 0;
      if (!take(bytes, scale) || !take(bytes, count)) return false;
      auto sum = Integer::decode(bytes);
      if (!sum) return false;
      by_scale_.insert_or_assign(static_cast<int>(scale), Part{count, std::move(*sum)});
    }
    return true;
  }

 private:
  // The result's scale is the largest of the rows that are there: each scale is counted.
  struct Part {
    std::int64_t count = 0;
    Integer sum;
  };

  Status move(const Value& argument, std::int64_t by) {
    if (argument.is_null()) return {};
    PENSTOCK_ASSIGN(const Numeric number, numeric_from_value(argument));
    if (!number.is_finite()) {
      specials_.move(number.sign(), number.is_nan(), by);
      return {};
    }
    Part& part = by_scale_[number.scale()];
    part.count += by;
    part.sum = by > 0 ? part.sum + number.coefficient() : part.sum - number.coefficient();
    if (part.count == 0) by_scale_.erase(number.scale());
    return {};
  }

  bool average_;
  Specials specials_;
  std::map<int, Part> by_scale_;
};

class FloatTally final : public Tally {
 public:
  FloatTally(bool average, bool real) : average_(average), real_(real) {}

  Status add(const Value& argument) override { return move(argument, 1); }
  Status subtract(const Value& argument) override { return move(argument, -1); }

  Result<Value> result(Arena&) const override {
    if (count_ == 0 && !specials_.any()) return Value(Null{});
    if (specials_.is_nan()) return Value(std::numeric_limits<double>::quiet_NaN());
    if (specials_.any()) return Value(specials_.sign() * std::numeric_limits<double>::infinity());
    if (average_) return Value(sum_.to_double(static_cast<std::uint64_t>(count_)));
    // Nothing but negative zeros.
    if (negative_zeros_ == count_) return Value(-0.0);
    const double sum = real_ ? static_cast<double>(sum_.to_float()) : sum_.to_double();
    if (std::isinf(sum)) return fail(ErrorKind::kBadValue, "value out of range: overflow");
    return Value(real_ ? real_to_value(static_cast<float>(sum)) : sum);
  }

  void encode(std::string& out) const override {
    specials_.encode(out);
    append_count(out, static_cast<std::uint64_t>(count_));
    append_count(out, static_cast<std::uint64_t>(negative_zeros_));
    sum_.encode(out);
  }
  bool decode(std::string_view& bytes) override {
    return specials_.decode(bytes) && take(bytes, count_) && take(bytes, negative_zeros_) &&
           sum_.decode(bytes);
  }

 private:
  Status move(const Value& argument, std::int64_t by) {
    const auto* given = argument.get<double>();
    if (given == nullptr) return {};
    const double number = real_ ? static_cast<double>(static_cast<float>(*given)) : *given;
    if (!std::isfinite(number)) {
      specials_.move(number > 0 ? 1 : -1, std::isnan(number), by);
      return {};
    }
    count_ += by;
    if (number == 0 && std::signbit(number)) negative_zeros_ += by;
    sum_.add(by > 0 ? number : -number);
    return {};
  }

  bool average_;
  bool real_;
  Specials specials_;
  std::int64_t count_ = 0;  // of finite numbers
  std::int64_t negative_zeros_ = 0;
  ExactSum sum_;
};

}  // namespace

std::unique_ptr<Tally> make_number_tally(bool average, std::uint32_t type) {
  switch (type) {
    case oid::kInt2:
    case oid::kInt4:
      return std::make_unique<IntegerTally>(average, false);
    case oid::kInt8:
      return std::make_unique<IntegerTally>(average, true);
    case oid::kFloat4:
      return std::make_unique<FloatTally>(average, true);
    case oid::kFloat8:
      return std::make_unique<FloatTally>(average, false);
    case oid::kNumeric:
      return std::make_unique<NumericTally>(average);
    default:
      return nullptr;
  }
}

}  // namespace penstock::expression
