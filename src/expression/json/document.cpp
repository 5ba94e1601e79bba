#include "expression/json/document.h"

#include <fmt/format.h>
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <charconv>

#include "expression/format/digits.h"
#include "expression/text/encoding.h"
#include "model/number_text.h"

namespace penstock::expression {
namespace {

constexpr std::size_t kMostDepth = 2000;
constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag |
                            rapidjson::kParseValidateEncodingFlag;

tl::unexpected<Error> bad(std::string message) { return fail(ErrorKind::kBadValue, std::move(message)); }

bool in_jsonb_order(std::string_view left, std::string_view right) {
  return left.size() != right.size() ? left.size() < right.size() : left < right;
}

// Builds the tree of what RapidJSON meets.
class TreeBuilder : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, TreeBuilder> {
 public:
  bool Null() { return add(JsonNode{}); }
  bool Bool(bool truth) {
    JsonNode node;
    node.kind = JsonNode::Kind::kBool;
    node.truth = truth;
    return add(std::move(node));
  }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool) {
    auto number = number_of_json({text, size});
    if (!number) {
      problem_ = number.error().message;
      return false;
    }
    JsonNode node;
    node.kind = JsonNode::Kind::kNumber;
    node.text = std::move(*number);
    return add(std::move(node));
  }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    JsonNode node;
    node.kind = JsonNode::Kind::kString;
    node.text.assign(text, size);
    return is_text(node.text) && add(std::move(node));
  }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    keys_.emplace_back(text, size);
    return is_text(keys_.back());
  }
  bool StartObject() { return open(JsonNode::Kind::kObject); }
  bool StartArray() { return open(JsonNode::Kind::kArray); }
  bool EndObject(rapidjson::SizeType) {
    settle_members(open_.back());
    return close();
  }
  bool EndArray(rapidjson::SizeType) { return close(); }

  JsonNode root;
  const std::string& problem() const { return problem_; }

 private:
  bool is_text(std::string_view text) {
    if (is_valid_text(text)) return true;
    problem_ = text.find('\0') != std::string_view::npos ? "unsupported Unicode escape sequence"
                                                         : "invalid input syntax for type json";
    return false;
  }
  bool open(JsonNode::Kind kind) {
    if (open_.size() >= kMostDepth) {
      problem_ = fmt::format("json is nested deeper than {} levels", kMostDepth);
      return false;
    }
    open_.emplace_back().kind = kind;
    return true;
  }
  bool close() {
    JsonNode node = std::move(open_.back());
    open_.pop_back();
    return add(std::move(node));
  }
  bool add(JsonNode node) {
    if (open_.empty()) {
      root = std::move(node);
    } else if (open_.back().kind == JsonNode::Kind::kArray) {
      open_.back().items.push_back(std::move(node));
    } else {
      open_.back().members.emplace_back(std::move(keys_.back()), std::move(node));
      keys_.pop_back();
    }
    return true;
  }

  std::vector<JsonNode> open_;
  std::vector<std::string> keys_;
  std::string problem_;
};

class Ignore : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Ignore> {};

template <class Handler>
bool read(std::string_view text, Handler& handler) {
  rapidjson::MemoryStream bytes(text.data(), text.size());
  rapidjson::EncodedInputStream<rapidjson::UTF8<>, rapidjson::MemoryStream> in(bytes);
  rapidjson::Reader reader;
  return !reader.Parse<kFlags>(in, handler).IsError();
}

void append(std::string& out, const JsonNode& node) {
  bool first = true;
  switch (node.kind) {
    case JsonNode::Kind::kNull:
      out += "null";
      return;
    case JsonNode::Kind::kBool:
      out += node.truth ? "true" : "false";
      return;
    case JsonNode::Kind::kNumber:
      out += node.text;
      return;
    case JsonNode::Kind::kString:
      append_json_string(out, node.text);
      return;
    case JsonNode::Kind::kArray:
      out += '[';
      for (const JsonNode& item : node.items) {
        if (!first) out += ", ";
        first = false;
        append(out, item);
      }
      out += ']';
      return;
    case JsonNode::Kind::kObject:
      out += '{';
      for (const auto& [key, value] : node.members) {
        if (!first) out += ", ";
        first = false;
        append_json_string(out, key);
        out += ": ";
        append(out, value);
      }
      out += '}';
      return;
  }
}

bool object_contains(const JsonNode& left, const JsonNode& right) {
  return std::all_of(right.members.begin(), right.members.end(), [&left](const auto& member) {
    const JsonNode* found = left.find(member.first);
    if (found == nullptr || found->kind != member.second.kind) return false;
    return found->is_container() ? contains(*found, member.second) : equal(*found, member.second);
  });
}

bool array_contains_item(const JsonNode& left, const JsonNode& wanted) {
  return std::any_of(left.items.begin(), left.items.end(), [&wanted](const JsonNode& item) {
    if (item.kind != wanted.kind) return false;
    return item.is_container() ? contains(item, wanted) : equal(item, wanted);
  });
}

}  // namespace

const JsonNode* JsonNode::find(std::string_view key) const {
  for (const auto& [name, value] : members) {
    if (name == key) return &value;
  }
  return nullptr;
}

Result<JsonNode> parse_json(std::string_view text) {
  TreeBuilder builder;
  if (!read(text, builder))
    return bad(builder.problem().empty() ? "invalid input syntax for type json" : builder.problem());
  return std::move(builder.root);
}

Result<void> check_json(std::string_view text) {
  Ignore nothing;
  if (!read(text, nothing)) return bad("invalid input syntax for type json");
  return {};
}

std::string jsonb_text(const JsonNode& node) {
  std::string out;
  append(out, node);
  return out;
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"':
      case '\\':
        out += '\\';
        out += c;
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

void settle_members(JsonNode& object) {
  auto& members = object.members;
  std::stable_sort(members.begin(), members.end(),
                   [](const auto& a, const auto& b) { return in_jsonb_order(a.first, b.first); });
  std::size_t kept = 0;
  for (std::size_t i = 0; i < members.size(); ++i) {
    const bool again = i + 1 < members.size() && members[i + 1].first == members[i].first;
    if (again) continue;
    if (kept != i) members[kept] = std::move(members[i]);
    ++kept;
  }
  members.resize(kept);
}

Result<std::string> number_of_json(std::string_view text) {
  constexpr std::int64_t kMostDigits = 131'072;
  constexpr std::int64_t kMostScale = 16'383;
  const std::size_t e = std::min(text.find_first_of("eE"), text.size());
  std::int64_t exponent = 0;
  if (e < text.size()) {
    std::string_view digits = text.substr(e + 1);
    if (digits.starts_with('+')) digits.remove_prefix(1);
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
    if (parsed.ec != std::errc{} || exponent > kMostDigits * 2 || exponent < -kMostDigits * 2)
      return bad("value overflows numeric format");
  }
  const std::string_view mantissa = text.substr(0, e);
  const std::size_t point = mantissa.find('.');
  const auto fraction =
      point == std::string_view::npos ? 0 : static_cast<std::int64_t>(mantissa.size() - point - 1);
  Digits digits = Digits::of(mantissa);
  digits.shift(static_cast<int>(exponent));
  const std::int64_t scale = std::max<std::int64_t>(0, fraction - exponent);
  if (digits.point > kMostDigits || scale > kMostScale) return bad("value overflows numeric format");
  const std::string out = digits.fixed(static_cast<std::size_t>(scale));
  return digits.negative && !digits.is_zero() ? "-" + out : out;
}

bool equal(const JsonNode& left, const JsonNode& right) {
  if (left.kind != right.kind) return false;
  switch (left.kind) {
    case JsonNode::Kind::kNull:
      return true;
    case JsonNode::Kind::kBool:
      return left.truth == right.truth;
    case JsonNode::Kind::kNumber:
      return same_decimal(left.text, right.text);
    case JsonNode::Kind::kString:
      return left.text == right.text;
    case JsonNode::Kind::kArray:
      return std::equal(left.items.begin(), left.items.end(), right.items.begin(), right.items.end(), equal);
    default:
      return std::equal(
          left.members.begin(), left.members.end(), right.members.begin(), right.members.end(),
          [](const auto& a, const auto& b) { return a.first == b.first && equal(a.second, b.second); });
  }
}

bool contains(const JsonNode& left, const JsonNode& right) {
  if (left.kind == JsonNode::Kind::kObject || right.kind == JsonNode::Kind::kObject)
    return left.kind == right.kind && object_contains(left, right);
  if (left.kind != JsonNode::Kind::kArray) return equal(left, right);
  // An array contains a scalar that is one of its items.
  if (right.kind != JsonNode::Kind::kArray) return array_contains_item(left, right);
  return std::all_of(right.items.begin(), right.items.end(),
                     [&left](const JsonNode& item) { return array_contains_item(left, item); });
}

}  // namespace penstock::expression
