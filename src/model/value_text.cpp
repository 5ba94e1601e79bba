#include <charconv>
#include <string>

#include "model/civil_time.h"
#include "model/number_text.h"
#include "model/value.h"

namespace penstock {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";

void append_hex(std::string& out, std::string_view bytes) {
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
}

template <class Integer>
void append_integer(std::string& out, Integer number) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

void append_uuid(std::string& out, const Uuid& uuid) {
  for (std::size_t i = 0; i < uuid.bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    out += kHex[uuid.bytes[i] >> 4];
    out += kHex[uuid.bytes[i] & 15];
  }
}

// As range_out quotes it (PostgreSQL manual: "Range Input/Output").
void append_bound(std::string& out, const Value& bound) {
  const std::string text = to_text(bound);
  const bool quoted = text.empty() || text.find_first_of("\"\\()[], \t\n\v\f\r") != std::string::npos;
  if (!quoted) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') out += c;
    out += c;
  }
  out += '"';
}

struct Print {
  std::string& out;

  void operator()(Null) const {}
  void operator()(Unchanged) const {}
  void operator()(bool value) const { out += value ? 't' : 'f'; }
  void operator()(std::int32_t value) const { append_integer(out, value); }
  void operator()(std::int64_t value) const { append_integer(out, value); }
  void operator()(double value) const { append_double(out, value); }
  void operator()(const Bytes& value) const {
    out += "\\x";
    append_hex(out, value.bytes);
  }
  void operator()(const Uuid& value) const { append_uuid(out, value); }
  void operator()(const Timestamp& value) const {
    if (value.text.empty()) {
      append_timestamp(out, value.micros, value.with_zone);
    } else {
      out += value.text;
    }
  }
  void operator()(const Range& value) const {
    if (value.empty) {
      out += "empty";
      return;
    }
    out += value.lower_inclusive ? '[' : '(';
    if (value.lower != nullptr) append_bound(out, *value.lower);
    out += ',';
    if (value.upper != nullptr) append_bound(out, *value.upper);
    out += value.upper_inclusive ? ']' : ')';
  }
  template <class T>
  requires requires(const T& value) { value.text; }
  void operator()(const T& value) const { out += value.text; }
};

}  // namespace

void append_text(std::string& out, const Value& value) { std::visit(Print{out}, value.v); }

std::string to_text(const Value& value) {
  std::string out;
  append_text(out, value);
  return out;
}

}  // namespace penstock
