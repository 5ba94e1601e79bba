#include "expression/json/document.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <charconv>

#include "expression/format/digits.h"
#include "expression/text/encoding.h"
#include "model/number_text.h"

namespace penstock::expression {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr std::string_view kInvalid = "invalid input syntax for type json";

tl::unexpected<Error> bad(std::string message) { return fail(ErrorKind::kBadValue, std::move(message)); }

bool in_jsonb_order(std::string_view left, std::string_view right) {
  return left.size() != right.size() ? left.size() < right.size() : left < right;
}

// RFC 8259: simdjson takes numbers as it finds them when their text is asked for.
bool is_json_number(std::string_view text) {
  const auto digits = [&text] {
    const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
    text.remove_prefix(end);
    return end;
  };
  if (text.starts_with('-')) text.remove_prefix(1);
  const bool zero = text.starts_with('0');
  const std::size_t whole = digits();
  if (whole == 0 || (zero && whole > 1)) return false;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (digits() == 0) return false;
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
    if (digits() == 0) return false;
  }
  return text.empty();
}

std::string_view without_blanks(std::string_view token) {
  return token.substr(0, token.find_last_not_of(" \t\r\n") + 1);
}

// Builds the tree of what simdjson meets; throws its errors, and Refused.
struct Refused {
  std::string message;
};
class TreeBuilder {
 public:
  explicit TreeBuilder(bool exact) : exact_(exact) {}

  template <class Source>  // a document or a value in it
  JsonNode build(Source& source) {
    JsonNode node;
    if (++depth_ > kMostDepth) throw Refused{"json nested too deeply"};
    switch (source.type()) {
      case ondemand::json_type::object:
        node.kind = JsonNode::Kind::kObject;
        for (auto field : source.get_object()) {
          std::string key(std::string_view(field.unescaped_key()));
          ondemand::value value = field.value();
          node.members.push_back({text_of(std::move(key)), build(value)});
        }
        settle_members(node);
        break;
      case ondemand::json_type::array:
        node.kind = JsonNode::Kind::kArray;
        for (auto item : source.get_array()) {
          ondemand::value value = item.value();
          node.items.push_back(build(value));
        }
        break;
      case ondemand::json_type::string:
        node.kind = JsonNode::Kind::kString;
        node.text = text_of(std::string(std::string_view(source.get_string())));
        break;
      case ondemand::json_type::number:
        node.kind = JsonNode::Kind::kNumber;
        node.text = number_of(without_blanks(token_of(source)));
        break;
      case ondemand::json_type::boolean:
        node.kind = JsonNode::Kind::kBool;
        node.truth = source.get_bool();
        break;
      case ondemand::json_type::null:
        if (without_blanks(token_of(source)) != "null") throw Refused{std::string(kInvalid)};
        break;
    }
    --depth_;
    return node;
  }

 private:
  static constexpr int kMostDepth = 1024;

  template <class Source>
  static std::string_view token_of(Source& source) {
    return source.raw_json_token();
  }
  // jsonb has no character 0 and no half of a pair; json only keeps its text.
  std::string text_of(std::string text) const {
    if (exact_ && text.find('\0') != std::string::npos) throw Refused{"unsupported Unicode escape sequence"};
    if (exact_ && !is_valid_text(text)) throw Refused{std::string(kInvalid)};
    return text;
  }
  std::string number_of(std::string_view text) const {
    if (!is_json_number(text)) throw Refused{std::string(kInvalid)};
    if (!exact_) return {};
    auto number = number_of_json(text);
    if (!number) throw Refused{number.error().message};
    return std::move(*number);
  }

  bool exact_;
  int depth_ = 0;
};

Result<JsonNode> read(std::string_view text, bool exact) {
  thread_local ondemand::parser parser;
  try {
    // As the only item of an array a lone scalar is read, and what follows it seen, like any other value.
    const simdjson::padded_string padded("[" + std::string(text) + "]");
    ondemand::document document = parser.iterate(padded);
    JsonNode list = TreeBuilder(exact).build(document);
    const bool more = document.current_location().error() == simdjson::SUCCESS;
    if (list.items.size() != 1 || more) return bad(std::string(kInvalid));
    return std::move(list.items[0]);
  } catch (const Refused& refused) {
    return bad(refused.message);
  } catch (const simdjson::simdjson_error&) {
    return bad(std::string(kInvalid));
  }
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
    const JsonNode* found = left.find(member.name);
    if (found == nullptr || found->kind != member.value.kind) return false;
    return found->is_container() ? contains(*found, member.value) : equal(*found, member.value);
  });
}

bool array_contains_item(const JsonNode& left, const JsonNode& wanted) {
  return std::any_of(left.items.begin(), left.items.end(), [&wanted](const JsonNode& item) {
    if (item.kind != wanted.kind) return false;
    return item.is_container() ? contains(item, wanted) : equal(item, wanted);
  });
}

}  // namespace

JsonNode::JsonNode() = default;
JsonNode::JsonNode(const JsonNode& other) = default;
JsonNode::JsonNode(JsonNode&& other) noexcept = default;
JsonNode& JsonNode::operator=(const JsonNode& other) = default;
JsonNode& JsonNode::operator=(JsonNode&& other) noexcept = default;
JsonNode::~JsonNode() = default;

const JsonNode* JsonNode::find(std::string_view key) const {
  for (const auto& [name, value] : members) {
    if (name == key) return &value;
  }
  return nullptr;
}

Result<JsonNode> parse_json(std::string_view text) { return read(text, true); }

Status check_json(std::string_view text) {
  PENSTOCK_TRY(read(text, false));
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
                   [](const auto& a, const auto& b) { return in_jsonb_order(a.name, b.name); });
  std::size_t kept = 0;
  for (std::size_t i = 0; i < members.size(); ++i) {
    const bool again = i + 1 < members.size() && members[i + 1].name == members[i].name;
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
          [](const auto& a, const auto& b) { return a.name == b.name && equal(a.value, b.value); });
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
