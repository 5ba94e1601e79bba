// A json text as a tree, and trees as jsonb prints them.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace penstock::expression {

struct JsonMember;

struct JsonNode {
  enum class Kind { kNull, kBool, kNumber, kString, kArray, kObject };
  Kind kind = Kind::kNull;
  bool truth = false;
  std::string text;  // kNumber: as numeric prints it; kString: without escapes
  std::vector<JsonNode> items;
  std::vector<JsonMember> members;  // in jsonb's order: shorter keys first, then by bytes

  JsonNode();
  JsonNode(const JsonNode& other);
  JsonNode(JsonNode&& other) noexcept;
  JsonNode& operator=(const JsonNode& other);
  JsonNode& operator=(JsonNode&& other) noexcept;
  ~JsonNode();

  bool is_container() const { return kind == Kind::kArray || kind == Kind::kObject; }
  const JsonNode* find(std::string_view key) const;
};

struct JsonMember {
  std::string name;
  JsonNode value;
};

// Not deeper than 1024 levels. kBadValue as PostgreSQL's cast to jsonb has it. Of equal keys the last one
// stays.
Result<JsonNode> parse_json(std::string_view text);
// Whether the text is json at all.
Status check_json(std::string_view text);
std::string jsonb_text(const JsonNode& node);
void append_json_string(std::string& out, std::string_view text);
// Sorts members and drops those that come again.
void settle_members(JsonNode& object);
// "1e2" as "100", "-0.0" as "0.0"; kBadValue when numeric does not reach it.
Result<std::string> number_of_json(std::string_view text);

// left @> right.
bool contains(const JsonNode& left, const JsonNode& right);
bool equal(const JsonNode& left, const JsonNode& right);

}  // namespace penstock::expression
