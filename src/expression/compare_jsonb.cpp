// jsonb's order (PostgreSQL source: jsonb_util.c, compareJsonbContainers()): by the kind of value, by how
// many elements or pairs there are, then one by one.
#include <algorithm>
#include <string>
#include <vector>

#include "expression/compare.h"

namespace penstock::expression {
namespace {

// In PostgreSQL's order.
enum class Kind : std::uint8_t { kNull, kString, kNumber, kBool, kArray, kObject };

struct Json {
  Kind kind = Kind::kNull;
  std::string text;         // of scalars
  std::vector<Json> items;  // an object's keys and values in turn
};

// Of text that PostgreSQL printed: what is not JSON is not looked for.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Json read() {
    skip_spaces();
    Json json;
    switch (peek()) {
      case '{':
        read_items(json, Kind::kObject);
        break;
      case '[':
        read_items(json, Kind::kArray);
        break;
      case '"':
        json.kind = Kind::kString;
        json.text = read_string();
        break;
      default:
        read_word(json);
    }
    return json;
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_spaces() {
    while (peek() == ' ') ++at_;
  }

  void read_items(Json& json, Kind kind) {
    json.kind = kind;
    ++at_;
    skip_spaces();
    while (at_ < text_.size() && peek() != ']' && peek() != '}') {
      json.items.push_back(read());
      skip_spaces();
      if (peek() == ',' || peek() == ':') ++at_;
      skip_spaces();
    }
    ++at_;
  }

  void read_word(Json& json) {
    const std::size_t begin = at_;
    at_ = std::min(text_.find_first_of(",:]} ", at_), text_.size());
    json.text = text_.substr(begin, at_ - begin);
    const char first = json.text.empty() ? 'n' : json.text[0];
    json.kind = first == 'n' ? Kind::kNull : first == 't' || first == 'f' ? Kind::kBool : Kind::kNumber;
  }

  std::string read_string() {
    std::string out;
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\') {
        ++at_;
        read_escape(out);
      } else {
        out += text_[at_];
      }
    }
    ++at_;
    return out;
  }

  // jsonb prints \u only for control characters.
  void read_escape(std::string& out) {
    constexpr std::string_view kLetters = "bfnrt";
    constexpr std::string_view kMeant = "\b\f\n\r\t";
    const char c = peek();
    if (c == 'u') {
      out += static_cast<char>(std::stoi(std::string(text_.substr(at_ + 3, 2)), nullptr, 16));
      at_ += 4;
      return;
    }
    const std::size_t letter = kLetters.find(c);
    out += letter == std::string_view::npos ? c : kMeant[letter];
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

template <class T>
int three_way(const T& left, const T& right) {
  return left < right ? -1 : right < left ? 1 : 0;
}

int compare_json(const Json& left, const Json& right) {
  if (left.kind != right.kind) return three_way(left.kind, right.kind);
  if (left.kind == Kind::kNumber) return compare_decimals(left.text, right.text);
  if (left.kind < Kind::kArray) return three_way(left.text, right.text);  // "false" comes before "true"
  int order = three_way(left.items.size(), right.items.size());
  for (std::size_t i = 0; i < left.items.size() && order == 0; ++i) {
    order = compare_json(left.items[i], right.items[i]);
  }
  return order;
}

}  // namespace

int compare_jsonb(std::string_view left, std::string_view right) {
  if (left == right) return 0;
  const Json one = Reader(left).read();
  const Json other = Reader(right).read();
  // A scalar is kept as an array of one element: an empty array comes before it.
  const auto is_empty_array = [](const Json& json) {
    return json.kind == Kind::kArray && json.items.empty();
  };
  if (is_empty_array(one) && other.kind < Kind::kArray) return -1;
  if (is_empty_array(other) && one.kind < Kind::kArray) return 1;
  return compare_json(one, other);
}

}  // namespace penstock::expression
