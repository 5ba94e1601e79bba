#include "expression/integer.h"

#include <gmp.h>

#include <array>
#include <bit>
#include <limits>
#include <vector>

#include "expression/record.h"

namespace penstock::expression {
namespace {

constexpr std::size_t kSmallDigits = 38;  // 10^38 < 2^127
constexpr unsigned kWordBits = 64;

UInt128 magnitude_of(Int128 value) {
  return value < 0 ? UInt128{0} - static_cast<UInt128>(value) : static_cast<UInt128>(value);
}

std::size_t bits_of(UInt128 value) {
  const auto high = static_cast<std::uint64_t>(value >> kWordBits);
  const auto low = static_cast<std::uint64_t>(value);
  return static_cast<std::size_t>(high != 0 ? kWordBits + static_cast<unsigned>(std::bit_width(high))
                                            : static_cast<unsigned>(std::bit_width(low)));
}

constexpr std::array<UInt128, kSmallDigits + 1> make_powers() {
  std::array<UInt128, kSmallDigits + 1> powers{};
  powers[0] = 1;
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}
constexpr std::array<UInt128, kSmallDigits + 1> kPowers = make_powers();

void set(mpz_ptr to, Int128 value) {
  const UInt128 size = magnitude_of(value);
  const std::array<std::uint64_t, 2> words{static_cast<std::uint64_t>(size),
                                           static_cast<std::uint64_t>(size >> kWordBits)};
  mpz_import(to, words.size(), -1, sizeof(words[0]), 0, 0, words.data());
  if (value < 0) mpz_neg(to, to);
}

}  // namespace

struct Integer::Big {
  mpz_t z;
  Big() { mpz_init(z); }
  explicit Big(mpz_srcptr from) { mpz_init_set(z, from); }
  Big(const Big&) = delete;
  Big& operator=(const Big&) = delete;
  ~Big() { mpz_clear(z); }
};

class Integer::Operand {
 public:
  explicit Operand(const Integer& value) {
    if (value.big_) {
      where_ = value.big_->z;
      return;
    }
    set(own_.z, value.small_);
    where_ = own_.z;
  }
  mpz_srcptr get() const { return where_; }

 private:
  Big own_;
  mpz_srcptr where_ = nullptr;
};

// Leaves `big` with some other value.
Integer Integer::take(Big& big) {
  Integer result;
  if (mpz_sizeinbase(big.z, 2) < 2 * kWordBits) {
    std::array<std::uint64_t, 2> words{};
    mpz_export(words.data(), nullptr, -1, sizeof(words[0]), 0, 0, big.z);
    const UInt128 size = (static_cast<UInt128>(words[1]) << kWordBits) | words[0];
    result.small_ = mpz_sgn(big.z) < 0 ? -static_cast<Int128>(size) : static_cast<Int128>(size);
    return result;
  }
  result.big_ = std::make_unique<Big>();
  mpz_swap(result.big_->z, big.z);
  return result;
}

template <class Operation>
Integer Integer::with_big(const Integer& left, const Integer& right, Operation operation) {
  const Operand a(left);
  const Operand b(right);
  Big result;
  operation(result.z, a.get(), b.get());
  return take(result);
}

Integer::Integer() = default;
Integer::Integer(std::int64_t value) : small_(value) {}
Integer Integer::from_int128(Int128 value) {
  Integer result;
  result.small_ = value;
  return result;
}
Integer::Integer(const Integer& other)
    : small_(other.small_), big_(other.big_ ? std::make_unique<Big>(other.big_->z) : nullptr) {}
Integer::Integer(Integer&& other) noexcept = default;
Integer& Integer::operator=(const Integer& other) {
  if (this == &other) return *this;
  small_ = other.small_;
  big_ = other.big_ ? std::make_unique<Big>(other.big_->z) : nullptr;
  return *this;
}
Integer& Integer::operator=(Integer&& other) noexcept = default;
Integer::~Integer() = default;

Integer Integer::from_digits(std::string_view digits) {
  if (digits.size() <= kSmallDigits) {
    UInt128 value = 0;
    for (const char c : digits) value = value * 10 + static_cast<unsigned>(c - '0');
    return from_int128(static_cast<Int128>(value));
  }
  Big big;
  mpz_set_str(big.z, std::string(digits).c_str(), 10);
  return take(big);
}

Integer Integer::power_of_ten(std::size_t exponent) {
  if (exponent <= kSmallDigits) return from_int128(static_cast<Int128>(kPowers[exponent]));
  Big big;
  mpz_ui_pow_ui(big.z, 10, exponent);
  return take(big);
}

int Integer::sign() const {
  if (big_) return mpz_sgn(big_->z);
  return small_ < 0 ? -1 : (small_ > 0 ? 1 : 0);
}

std::size_t Integer::bit_count() const {
  return big_ ? mpz_sizeinbase(big_->z, 2) : bits_of(magnitude_of(small_));
}

std::size_t Integer::digit_count() const {
  if (!big_) {
    const UInt128 size = magnitude_of(small_);
    // 1233 / 4096 is log10(2): a guess that is right or one too small.
    std::size_t digits = bits_of(size) * 1233 >> 12;
    while (digits < kPowers.size() && size >= kPowers[digits]) ++digits;
    return digits;
  }
  const std::size_t most = mpz_sizeinbase(big_->z, 10);  // exact or one too many
  Big power;
  mpz_ui_pow_ui(power.z, 10, most - 1);
  return mpz_cmpabs(big_->z, power.z) < 0 ? most - 1 : most;
}

std::size_t Integer::trailing_zero_bits() const {
  if (big_) return mpz_scan1(big_->z, 0);
  const UInt128 size = magnitude_of(small_);
  if (size == 0) return 0;
  const auto low = static_cast<std::uint64_t>(size);
  const auto high = static_cast<std::uint64_t>(size >> kWordBits);
  return static_cast<std::size_t>(low != 0 ? std::countr_zero(low)
                                           : static_cast<int>(kWordBits) + std::countr_zero(high));
}

std::optional<std::int64_t> Integer::to_int64() const {
  if (big_ || small_ < std::numeric_limits<std::int64_t>::min() ||
      small_ > std::numeric_limits<std::int64_t>::max())
    return std::nullopt;
  return static_cast<std::int64_t>(small_);
}

void Integer::append_digits(std::string& out) const {
  if (big_) {
    std::vector<char> text(mpz_sizeinbase(big_->z, 10) + 2);
    mpz_get_str(text.data(), 10, big_->z);
    out += text[0] == '-' ? text.data() + 1 : text.data();
    return;
  }
  std::array<char, kSmallDigits + 1> text{};
  std::size_t at = text.size();
  UInt128 rest = magnitude_of(small_);
  do {
    text[--at] = static_cast<char>('0' + static_cast<int>(rest % 10));
    rest /= 10;
  } while (rest != 0);
  out.append(text.data() + at, text.size() - at);
}

Integer Integer::operator-() const { return Integer(0) - *this; }

Integer Integer::shifted_left(std::size_t bits) const {
  if (is_zero()) return {};
  if (!big_ && bits_of(magnitude_of(small_)) + bits < 2 * kWordBits) {
    const UInt128 size = magnitude_of(small_) << bits;
    return from_int128(small_ < 0 ? -static_cast<Int128>(size) : static_cast<Int128>(size));
  }
  const Operand value(*this);
  Big result;
  mpz_mul_2exp(result.z, value.get(), bits);
  return take(result);
}

Integer Integer::shifted_right(std::size_t bits) const {
  if (bits == 0) return *this;
  if (!big_) {
    const UInt128 size = bits >= 2 * kWordBits ? 0 : magnitude_of(small_) >> bits;
    return from_int128(small_ < 0 ? -static_cast<Int128>(size) : static_cast<Int128>(size));
  }
  Big result;
  mpz_tdiv_q_2exp(result.z, big_->z, bits);
  return take(result);
}

Integer Integer::square_root() const {
  const Operand value(*this);
  Big result;
  mpz_sqrt(result.z, value.get());
  return take(result);
}

Integer operator+(const Integer& left, const Integer& right) {
  Int128 sum = 0;
  if (!left.big_ && !right.big_ && !__builtin_add_overflow(left.small_, right.small_, &sum))
    return Integer::from_int128(sum);
  return Integer::with_big(left, right, [](mpz_ptr to, mpz_srcptr a, mpz_srcptr b) { mpz_add(to, a, b); });
}

Integer operator-(const Integer& left, const Integer& right) {
  Int128 difference = 0;
  if (!left.big_ && !right.big_ && !__builtin_sub_overflow(left.small_, right.small_, &difference))
    return Integer::from_int128(difference);
  return Integer::with_big(left, right, [](mpz_ptr to, mpz_srcptr a, mpz_srcptr b) { mpz_sub(to, a, b); });
}

Integer operator*(const Integer& left, const Integer& right) {
  Int128 product = 0;
  if (!left.big_ && !right.big_ && !__builtin_mul_overflow(left.small_, right.small_, &product))
    return Integer::from_int128(product);
  return Integer::with_big(left, right, [](mpz_ptr to, mpz_srcptr a, mpz_srcptr b) { mpz_mul(to, a, b); });
}

int compare(const Integer& left, const Integer& right) {
  if (!left.big_ && !right.big_) {
    return left.small_ < right.small_ ? -1 : (left.small_ > right.small_ ? 1 : 0);
  }
  const int order = mpz_cmp(Integer::Operand(left).get(), Integer::Operand(right).get());
  return order < 0 ? -1 : (order > 0 ? 1 : 0);
}

Integer::Division divide(const Integer& dividend, const Integer& divisor) {
  // The smallest number divided by -1 does not fit.
  if (!dividend.big_ && !divisor.big_ && divisor.small_ != -1) {
    return {Integer::from_int128(dividend.small_ / divisor.small_),
            Integer::from_int128(dividend.small_ % divisor.small_)};
  }
  const Integer::Operand a(dividend);
  const Integer::Operand b(divisor);
  Integer::Big quotient;
  Integer::Big remainder;
  mpz_tdiv_qr(quotient.z, remainder.z, a.get(), b.get());
  return {Integer::take(quotient), Integer::take(remainder)};
}

// The count of bytes times two, plus one when negative; then the magnitude, lowest byte first.
void Integer::encode(std::string& out) const {
  std::vector<char> bytes((bit_count() + 7) / 8);
  const Operand value(*this);
  mpz_export(bytes.data(), nullptr, -1, 1, 0, 0, value.get());
  append_count(out, bytes.size() * 2 + (sign() < 0 ? 1 : 0));
  out.append(bytes.data(), bytes.size());
}

std::optional<Integer> Integer::decode(std::string_view& bytes) {
  const std::optional<std::uint64_t> head = take_count(bytes);
  if (!head || *head / 2 > bytes.size()) return std::nullopt;
  Big big;
  mpz_import(big.z, *head / 2, -1, 1, 0, 0, bytes.data());
  if (*head % 2 == 1) mpz_neg(big.z, big.z);
  bytes.remove_prefix(*head / 2);
  return take(big);
}

}  // namespace penstock::expression
