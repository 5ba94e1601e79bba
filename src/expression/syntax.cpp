#include "expression/syntax.h"

#include <pg_query.h>
#include <rapidjson/document.h>

#include <algorithm>
#include <charconv>

namespace penstock::expression {
namespace {

constexpr std::string_view kPrefix = "SELECT ";

struct ParsedText {
  explicit ParsedText(const std::string& sql) : result(pg_query_parse(sql.c_str())) {}
  ParsedText(const ParsedText&) = delete;
  ParsedText& operator=(const ParsedText&) = delete;
  ~ParsedText() { pg_query_free_parse_result(result); }
  PgQueryParseResult result;
};

bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

// The byte where the character with that index (from 0) begins.
int byte_of_character(std::string_view text, int index) {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    if (begins_character(text[at]) && index-- == 0) break;
  }
  return static_cast<int>(at);
}

Error syntax_error(const Source& source, const PgQueryError& error) {
  // A character from 1, counted from the prefix on.
  const int character = error.cursorpos - 1 - static_cast<int>(kPrefix.size());
  return error_at(source, byte_of_character(source.text, std::max(character, 0)), error.message);
}

// Behind signs, parentheses, blanks and comments.
std::size_t first_digit(std::string_view text) {
  std::size_t at = 0;
  int comments = 0;
  while (at < text.size() && (comments > 0 || text[at] < '0' || text[at] > '9')) {
    const std::string_view two = text.substr(at, 2);
    if (comments == 0 && two == "--") {
      at = std::min(text.find('\n', at), text.size());
      continue;
    }
    const int change = two == "/*" ? 1 : two == "*/" && comments > 0 ? -1 : 0;
    comments += change;
    at += change == 0 ? 1 : 2;
  }
  return at;
}

// `SELECT text` has one target without a name and no other clause.
Result<void> require_one_expression(const Source& source, const rapidjson::Document& document) {
  const auto refuse = [&](const std::string& what) {
    return fail(error_at(source, -1, what, "Write one PostgreSQL expression."));
  };
  const auto& statements = document["stmts"].GetArray();
  if (statements.Size() != 1) return refuse("several statements where one expression is expected");
  const rapidjson::Value& statement = statements[0]["stmt"];
  if (!statement.HasMember("SelectStmt")) return refuse("this is not an expression");
  const rapidjson::Value& select = statement["SelectStmt"];
  for (const auto& member : select.GetObject()) {
    const std::string_view name = member.name.GetString();
    const bool plain = name == "targetList" || name == "limitOption" || name == "op";
    if (!plain || (name == "op" && member.value != "SETOP_NONE"))
      return refuse("a query is not an expression");
  }
  if (!select.HasMember("targetList")) return refuse("the expression is empty");
  const auto& targets = select["targetList"].GetArray();
  if (targets.Size() != 1) return refuse("several expressions where one is expected");
  const rapidjson::Value& target = targets[0]["ResTarget"];
  if (target.HasMember("name")) return refuse("an expression has no AS name");
  return {};
}

}  // namespace

Tree::Tree(const rapidjson::Value& tagged) {
  const auto first = tagged.MemberBegin();
  if (first == tagged.MemberEnd()) return;  // {}: an omitted argument
  tag_ = std::string_view(first->name.GetString(), first->name.GetStringLength());
  body_ = &first->value;
}

const rapidjson::Value* Tree::member(const char* name) const {
  if (body_ == nullptr) return nullptr;
  const auto found = body_->FindMember(name);
  return found == body_->MemberEnd() ? nullptr : &found->value;
}

bool Tree::has(const char* name) const { return member(name) != nullptr; }

Tree Tree::child(const char* name) const {
  const rapidjson::Value* value = member(name);
  return value == nullptr ? Tree() : Tree(*value);
}

Tree Tree::part(const char* name) const {
  Tree part;
  part.body_ = member(name);
  return part;
}

std::vector<Tree> Tree::children(const char* name) const {
  std::vector<Tree> found;
  const rapidjson::Value* list = member(name);
  if (list == nullptr) return found;
  for (const auto& item : list->GetArray()) found.emplace_back(item);
  return found;
}

std::string_view Tree::text(const char* name) const {
  const rapidjson::Value* value = member(name);
  if (value == nullptr || !value->IsString()) return {};
  return {value->GetString(), value->GetStringLength()};
}

bool Tree::flag(const char* name) const {
  const rapidjson::Value* value = member(name);
  return value != nullptr && value->IsBool() && value->GetBool();
}

int Tree::number(const char* name, int otherwise) const {
  const rapidjson::Value* value = member(name);
  return value != nullptr && value->IsInt() ? value->GetInt() : otherwise;
}

std::vector<std::string> Tree::names(const char* name) const {
  std::vector<std::string> found;
  for (const Tree& item : children(name)) found.emplace_back(item.text("sval"));
  return found;
}

int Tree::location() const {
  for (const Tree& node : {*this, child("arg"), child("lexpr"), child("rexpr")}) {
    const int place = node.number("location", -1);
    if (place >= 0) return place - static_cast<int>(kPrefix.size());
  }
  return -1;
}

Syntax::Syntax(std::unique_ptr<rapidjson::Document> document) : document_(std::move(document)) {}
Syntax::Syntax(Syntax&&) noexcept = default;
Syntax& Syntax::operator=(Syntax&&) noexcept = default;
Syntax::~Syntax() = default;

Result<Syntax> Syntax::parse(const Source& source) {
  if (source.text.find('\0') != std::string::npos) {
    return fail(error_at(source, -1, "the expression holds a zero byte"));
  }
  const ParsedText parsed(std::string(kPrefix) + source.text);
  if (parsed.result.error != nullptr) return fail(syntax_error(source, *parsed.result.error));
  auto document = std::make_unique<rapidjson::Document>();
  document->Parse<rapidjson::kParseIterativeFlag>(parsed.result.parse_tree);
  if (document->HasParseError()) return fail(ErrorKind::kInternal, "libpg_query's tree is not JSON");
  PENSTOCK_TRY(require_one_expression(source, *document));
  return Syntax(std::move(document));
}

Tree Syntax::expression() const {
  return Tree((*document_)["stmts"][0]["stmt"]["SelectStmt"]["targetList"][0]["ResTarget"]["val"]);
}

std::int32_t integer_of(const Tree& constant, const Source& source) {
  const Tree written = constant.part("ival");
  if (written.has("ival")) return written.number("ival");
  const int place = constant.location();
  if (place < 0) return 0;
  const std::string_view text = std::string_view(source.text).substr(static_cast<std::size_t>(place));
  if (!text.starts_with('-')) return 0;
  std::int32_t number = 0;
  const std::size_t digits = first_digit(text);
  std::from_chars(text.data() + digits, text.data() + text.size(), number);
  return -number;
}

Error error_at(const Source& source, int location, const std::string& message, std::string remedy) {
  int line = source.line > 0 ? source.line : 1;
  int column = source.column > 0 ? source.column : 1;
  const std::size_t end = std::min(static_cast<std::size_t>(std::max(location, 0)), source.text.size());
  for (std::size_t i = 0; i < end; ++i) {
    if (source.text[i] == '\n') {
      ++line;
      column = 1;
    } else if (begins_character(source.text[i])) {
      ++column;
    }
  }
  const std::string place = source.file.empty() ? std::string("expression") : source.file;
  return make_error(ErrorKind::kConfiguration,
                    place + ":" + std::to_string(line) + ":" + std::to_string(column) + ": " + message,
                    std::move(remedy));
}

}  // namespace penstock::expression
