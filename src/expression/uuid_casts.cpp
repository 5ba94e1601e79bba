#include "expression/uuid_casts.h"

#include <charconv>
#include <optional>

#include "expression/arguments.h"

namespace penstock::expression {
namespace {

// 32 digits in any case; braces around them and a hyphen behind each group of four are allowed.
std::optional<Uuid> parse_uuid(std::string_view text) {
  if (text.starts_with('{')) {
    if (!text.ends_with('}')) return std::nullopt;
    text = text.substr(1, text.size() - 2);
  }
  Uuid uuid;
  for (std::size_t i = 0; i < uuid.bytes.size(); ++i) {
    if (text.size() < 2) return std::nullopt;
    const auto [end, error] = std::from_chars(text.data(), text.data() + 2, uuid.bytes[i], 16);
    if (error != std::errc() || end != text.data() + 2) return std::nullopt;
    text.remove_prefix(2);
    if (i % 2 == 1 && i + 1 < uuid.bytes.size() && text.starts_with('-')) text.remove_prefix(1);
  }
  if (!text.empty()) return std::nullopt;
  return uuid;
}

Result<Value> text_to_uuid(const Call& call) {
  const auto uuid = parse_uuid(text_argument(call, 0));
  if (uuid) return Value(*uuid);
  return bad_row("invalid input syntax for type uuid: \"" + std::string(text_argument(call, 0)) + "\"");
}

Result<Value> uuid_to_text(const Call& call) { return text_result(call, to_text(call.arguments[0])); }

}  // namespace

void add_uuid_casts(std::vector<Function>& to) {
  to.push_back(
      {.name = "::",
       .arguments = {oid::kText},
       .result = oid::kUuid,
       .call = text_to_uuid,
       .cast_context = 'e',
       .example = "'{A0EEBC99-9C0B4EF8-BB6D6BB9BD380A11}'::uuid = 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"});
  to.push_back({.name = "::",
                .arguments = {oid::kUuid},
                .result = oid::kText,
                .call = uuid_to_text,
                .cast_context = 'a'});
}

}  // namespace penstock::expression
