// An expression's text as PostgreSQL's own grammar reads it (libpg_query), and places in it for messages.
#pragma once

#include <rapidjson/fwd.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "expression/expression.h"

namespace penstock::expression {

// A node of the parse tree; tags and members are those of PostgreSQL's nodes (PostgreSQL source:
// parsenodes.h, primnodes.h). Borrowed from its Syntax.
class Tree {
 public:
  Tree() = default;
  explicit Tree(const rapidjson::Value& tagged);  // {"ColumnRef": {…}}

  explicit operator bool() const { return body_ != nullptr; }
  std::string_view tag() const { return tag_; }
  bool has(const char* member) const;
  Tree child(const char* member) const;  // false when absent
  Tree part(const char* member) const;   // a member that bears no tag: "typeName"
  std::vector<Tree> children(const char* member) const;
  std::string_view text(const char* member) const;  // empty when absent
  bool flag(const char* member) const;
  int number(const char* member, int otherwise = 0) const;
  // The strings of a list of String nodes: a qualified name.
  std::vector<std::string> names(const char* member) const;
  // Where the node stands, as a byte in the text of the Source; -1: it does not say.
  int location() const;

 private:
  const rapidjson::Value* member(const char* name) const;

  std::string_view tag_;
  const rapidjson::Value* body_ = nullptr;
};

class Syntax {
 public:
  // kConfiguration: PostgreSQL's syntax error with its place; more or less than one expression.
  static Result<Syntax> parse(const Source& source);
  Syntax(Syntax&&) noexcept;
  Syntax& operator=(Syntax&&) noexcept;
  ~Syntax();

  Tree expression() const;

 private:
  explicit Syntax(std::unique_ptr<rapidjson::Document> document);
  std::unique_ptr<rapidjson::Document> document_;
};

// Of an A_Const with `ival`. libpg_query 4.0 writes a number below 1 as none; its digits are then those in
// the text.
std::int32_t integer_of(const Tree& constant, const Source& source);

// kConfiguration, "pipeline.yaml:12:9: message". `location`: a byte in the text, <0: the expression.
Error error_at(const Source& source, int location, const std::string& message, std::string remedy = {});

}  // namespace penstock::expression
