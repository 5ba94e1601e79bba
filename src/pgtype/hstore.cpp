#include "pgtype/decoders.h"
#include "pgtype/quoting.h"

namespace penstock::pgtype {
namespace {

constexpr std::string_view kArrow = "=>";
constexpr std::string_view kNull = "NULL";
constexpr std::string_view kSeparator = ", ";

// `"key"=>"value", "other"=>NULL` (PostgreSQL manual: "hstore External Representation").
class HstoreDecoder final : public Decoder {
 public:
  Result<Value> decode(std::string_view text, Arena& arena) const override {
    if (text.empty()) return Value(Struct{});
    const std::size_t count = count_pairs(text);
    auto* fields = arena.array<StructField>(count);
    std::size_t at = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (i > 0 && !accept(text, at, kSeparator)) return bad_value(text, "hstore", "no comma between pairs");
      if (!read_pair(text, at, arena, fields[i])) return bad_value(text, "hstore", "not \"key\"=>\"value\"");
    }
    if (at != text.size()) return bad_value(text, "hstore", "text behind the last pair");
    return Value(Struct{fields, static_cast<std::uint32_t>(count), text});
  }

 private:
  static bool accept(std::string_view text, std::size_t& at, std::string_view word) {
    if (text.substr(at, word.size()) != word) return false;
    at += word.size();
    return true;
  }

  static bool read_pair(std::string_view text, std::size_t& at, Arena& arena, StructField& field) {
    if (at >= text.size() || text[at] != '"') return false;
    const auto key = read_backslash_quoted(text, at, arena);
    if (!key || !accept(text, at, kArrow)) return false;
    field.name = *key;
    if (accept(text, at, kNull)) return true;
    if (at >= text.size() || text[at] != '"') return false;
    const auto value = read_backslash_quoted(text, at, arena);
    if (value) field.value = Text{*value};
    return value.has_value();
  }

  static std::size_t count_pairs(std::string_view text) {
    std::size_t count = 1;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '"') {
        i = skip_backslash_quoted(text, i);
      } else if (text[i] == ',') {
        ++count;
      }
    }
    return count;
  }
};

}  // namespace

DecoderPtr hstore_decoder() {
  static const DecoderPtr decoder = std::make_shared<HstoreDecoder>();
  return decoder;
}

}  // namespace penstock::pgtype
