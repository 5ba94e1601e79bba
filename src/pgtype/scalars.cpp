#include <charconv>
#include <cmath>
#include <concepts>
#include <limits>

#include "pgtype/decoders.h"

namespace penstock::pgtype {
namespace {

class BoolDecoder final : public Decoder {
 public:
  Result<Value> decode(std::string_view text, Arena&) const override {
    if (text == "t") return Value(true);
    if (text == "f") return Value(false);
    return bad_value(text, "boolean");
  }
};

// `Stored` is the value's type, `Printed` the range of what PostgreSQL prints.
template <std::integral Printed, std::integral Stored>
class IntegerDecoder final : public Decoder {
 public:
  explicit IntegerDecoder(const char* type) : type_(type) {}
  Result<Value> decode(std::string_view text, Arena&) const override {
    Printed number{};
    const char* end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc() || stopped != end) return bad_value(text, type_);
    return Value(static_cast<Stored>(number));
  }

 private:
  const char* type_;
};

class FloatDecoder final : public Decoder {
 public:
  Result<Value> decode(std::string_view text, Arena&) const override {
    // from_chars would also take "inf" and "nan(…)", which PostgreSQL does not print.
    const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
    if (digits.empty() || digits.front() < '0' || digits.front() > '9') return special(text);
    double number = 0;
    const char* end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc() || stopped != end) return bad_value(text, "double precision");
    return Value(number);
  }

 private:
  static Result<Value> special(std::string_view text) {
    if (text == "NaN") return Value(std::numeric_limits<double>::quiet_NaN());
    if (text == "Infinity") return Value(std::numeric_limits<double>::infinity());
    if (text == "-Infinity") return Value(-std::numeric_limits<double>::infinity());
    return bad_value(text, "double precision");
  }
};

class NumericDecoder final : public Decoder {
 public:
  Result<Value> decode(std::string_view text, Arena&) const override {
    if (!is_number(text) && text != "NaN" && text != "Infinity" && text != "-Infinity") {
      return bad_value(text, "numeric");
    }
    return Value(Decimal{text});
  }

 private:
  // Digits, and behind a point more digits.
  static bool is_number(std::string_view text) {
    if (text.starts_with('-')) text.remove_prefix(1);
    const std::size_t whole = skip_digits(text);
    if (whole == 0) return false;
    if (whole == text.size()) return true;
    text.remove_prefix(whole);
    if (text.front() != '.') return false;
    text.remove_prefix(1);
    return !text.empty() && skip_digits(text) == text.size();
  }
  static std::size_t skip_digits(std::string_view text) {
    std::size_t count = 0;
    while (count < text.size() && text[count] >= '0' && text[count] <= '9') ++count;
    return count;
  }
};

class TextDecoder final : public Decoder {
 public:
  Result<Value> decode(std::string_view text, Arena&) const override { return Value(Text{text}); }
};

class JsonDecoder final : public Decoder {
 public:
  Result<Value> decode(std::string_view text, Arena&) const override {
    if (text.empty()) return bad_value(text, "json");
    return Value(Json{text});
  }
};

}  // namespace

DecoderPtr bool_decoder() {
  static const DecoderPtr decoder = std::make_shared<BoolDecoder>();
  return decoder;
}
DecoderPtr int2_decoder() {
  static const DecoderPtr decoder = std::make_shared<IntegerDecoder<std::int16_t, std::int32_t>>("smallint");
  return decoder;
}
DecoderPtr int4_decoder() {
  static const DecoderPtr decoder = std::make_shared<IntegerDecoder<std::int32_t, std::int32_t>>("integer");
  return decoder;
}
DecoderPtr int8_decoder() {
  static const DecoderPtr decoder = std::make_shared<IntegerDecoder<std::int64_t, std::int64_t>>("bigint");
  return decoder;
}
DecoderPtr oid_decoder() {
  static const DecoderPtr decoder = std::make_shared<IntegerDecoder<std::uint32_t, std::int64_t>>("oid");
  return decoder;
}
DecoderPtr float_decoder() {
  static const DecoderPtr decoder = std::make_shared<FloatDecoder>();
  return decoder;
}
DecoderPtr numeric_decoder() {
  static const DecoderPtr decoder = std::make_shared<NumericDecoder>();
  return decoder;
}
DecoderPtr text_decoder() {
  static const DecoderPtr decoder = std::make_shared<TextDecoder>();
  return decoder;
}
DecoderPtr json_decoder() {
  static const DecoderPtr decoder = std::make_shared<JsonDecoder>();
  return decoder;
}

}  // namespace penstock::pgtype
