// Parts of a json text that PostgreSQL has checked, found without building a tree.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace penstock::expression {

// The value's text without blanks around it.
std::string_view trim_json(std::string_view text);
// The value of a key (the last one, where json has it more than once); nothing when `object` is none or lacks
// it.
std::optional<std::string_view> json_member(std::string_view object, std::string_view key);
// From 0, or from the end when negative.
std::optional<std::string_view> json_item(std::string_view array, std::int64_t index);
std::int64_t count_json_items(std::string_view array);
// What a string literal ('"…"') stands for.
std::string unquote_json(std::string_view literal);

}  // namespace penstock::expression
