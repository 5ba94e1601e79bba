#include "pgtype/decoders.h"
#include "pgtype/quoting.h"

namespace penstock::pgtype {
namespace {

// PostgreSQL manual: "Composite Type Input and Output Syntax".
class CompositeDecoder final : public Decoder {
 public:
  explicit CompositeDecoder(std::vector<AttributeDecoder> attributes) : attributes_(std::move(attributes)) {}

  Result<Value> decode(std::string_view text, Arena& arena) const override {
    if (text.size() < 2 || text.front() != '(' || text.back() != ')') return refuse(text, "no parentheses");
    const std::size_t count = attributes_.size();
    auto* fields = count == 0 ? nullptr : arena.array<StructField>(count);
    std::size_t at = 1;
    for (std::size_t i = 0; i < count; ++i) {
      const auto field = read_field(text, at, ",)", arena);
      if (!field) return refuse(text, "a field's quote is not closed");
      const bool last = i + 1 == count;
      if ((text[at] == ')') != last) return refuse(text, "not as many fields as the type has attributes");
      ++at;
      // Names are copied: the decoder may be gone before the value is.
      fields[i].name = arena.copy(attributes_[i].name);
      if (!field->present) continue;
      PENSTOCK_ASSIGN(fields[i].value, attributes_[i].decoder->decode(field->text, arena));
    }
    if (at != text.size() && count != 0) return refuse(text, "text behind the closing parenthesis");
    return Value(Struct{fields, static_cast<std::uint32_t>(count), text});
  }

 private:
  static tl::unexpected<Error> refuse(std::string_view text, std::string_view why) {
    return bad_value(text, "a composite type", why);
  }
  std::vector<AttributeDecoder> attributes_;
};

}  // namespace

DecoderPtr make_composite(std::vector<AttributeDecoder> attributes) {
  return std::make_shared<CompositeDecoder>(std::move(attributes));
}

}  // namespace penstock::pgtype
