// What stands in an event for a TOAST value that PostgreSQL did not send (Debezium documentation 3.5:
// "unavailable.value.placeholder"), in each shape that it takes.
#pragma once

#include <simdjson.h>

#include <array>
#include <string>

namespace penstock::envelope {

class Placeholder {
 public:
  explicit Placeholder(const std::string& text);

  // As text, in base64 of both alphabets and in hexadecimal; as the JSON text of a map; as a UUID; [text];
  // the text's bytes as numbers; {text: text}.
  bool is(const simdjson::dom::element& value) const {
    switch (value.type()) {
      case simdjson::dom::element_type::STRING:
        return is_text(value);
      case simdjson::dom::element_type::ARRAY:
        return is_list(value);
      case simdjson::dom::element_type::OBJECT:
        return is_map(value);
      default:
        return false;
    }
  }

 private:
  bool is_text(const simdjson::dom::element& value) const;
  bool is_list(const simdjson::dom::element& value) const;
  bool is_map(const simdjson::dom::element& value) const;

  std::array<std::string, 6> texts_;  // the first is the plain one
};

}  // namespace penstock::envelope
