#include "pgtype/decoder.h"

#include <algorithm>

#include "pgtype/builtin_types.h"
#include "pgtype/decoders.h"

namespace penstock::pgtype {
namespace {

constexpr int kMaxTypeDepth =
    64;  // PostgreSQL refuses recursive types; this holds if a catalog says otherwise
constexpr std::size_t kShownBytes = 80;

// Finds the decoder of one type and, through it, of its parts.
class Resolver {
 public:
  explicit Resolver(TypeCatalog& catalog) : catalog_(catalog) {}

  Result<DecoderPtr> resolve(std::uint32_t oid, int depth) {
    if (depth > kMaxTypeDepth) {
      return fail(ErrorKind::kInternal, "the type with OID " + std::to_string(oid) + " contains itself");
    }
    PENSTOCK_ASSIGN(const TypeInfo* found, catalog_.find(oid));
    // A copy: looking up the parts may read the catalog anew.
    const TypeInfo type = *found;
    const Family family = family_of(type);
    if (DecoderPtr scalar = scalar_decoder(family, oid)) return scalar;
    if (family == Family::kComposite) return composite(type, depth);
    if (family == Family::kMultirange) return multirange(type, depth);
    PENSTOCK_ASSIGN(DecoderPtr element, resolve(type.element, depth + 1));
    switch (family) {
      case Family::kArray:
        return make_array(std::move(element), type.delimiter);
      case Family::kVector:
        return make_vector(std::move(element));
      case Family::kRange:
        return make_range(std::move(element));
      default:
        return element;  // a domain is its base type
    }
  }

 private:
  static DecoderPtr scalar_decoder(Family family, std::uint32_t oid) {
    constexpr std::uint32_t kInt2 = 21;
    constexpr std::uint32_t kOid = 26;
    switch (family) {
      case Family::kBool:
        return bool_decoder();
      case Family::kInt32:
        return oid == kInt2 ? int2_decoder() : int4_decoder();
      case Family::kInt64:
        return oid == kOid ? oid_decoder() : int8_decoder();
      case Family::kFloat:
        return float_decoder();
      case Family::kNumeric:
        return numeric_decoder();
      case Family::kText:
        return text_decoder();
      case Family::kBytes:
        return bytea_decoder();
      case Family::kUuid:
        return uuid_decoder();
      case Family::kDate:
        return date_decoder();
      case Family::kTimestamp:
        return timestamp_decoder();
      case Family::kTimestampTz:
        return timestamptz_decoder();
      case Family::kTime:
        return time_decoder();
      case Family::kInterval:
        return interval_decoder();
      case Family::kJson:
        return json_decoder();
      case Family::kHstore:
        return hstore_decoder();
      default:
        return nullptr;
    }
  }

  Result<DecoderPtr> composite(const TypeInfo& type, int depth) {
    std::vector<AttributeDecoder> attributes;
    for (const TypeInfo::Attribute& attribute : type.attributes) {
      PENSTOCK_ASSIGN(DecoderPtr decoder, resolve(attribute.type, depth + 1));
      attributes.push_back({attribute.name, std::move(decoder)});
    }
    return make_composite(std::move(attributes));
  }

  Result<DecoderPtr> multirange(const TypeInfo& type, int depth) {
    PENSTOCK_ASSIGN(const TypeInfo* range, catalog_.find(type.element));
    const std::uint32_t bound_type = range->element;
    PENSTOCK_ASSIGN(DecoderPtr bound, resolve(bound_type, depth + 1));
    return make_multirange(std::move(bound));
  }

  TypeCatalog& catalog_;
};

}  // namespace

Result<std::shared_ptr<const Decoder>> decoder_for(std::uint32_t type_oid, TypeCatalog& catalog) {
  return Resolver(catalog).resolve(type_oid, 0);
}

Result<std::uint32_t> base_type(std::uint32_t type_oid, TypeCatalog& catalog) {
  constexpr std::uint32_t kText = 25, kTextArray = 1009;
  for (int depth = 0; depth < kMaxTypeDepth; ++depth) {
    PENSTOCK_ASSIGN(const TypeInfo* type, catalog.find(type_oid));
    if (type->kind == 'e') return kText;
    if (type->kind == 'd') {
      type_oid = type->element;
      continue;
    }
    if (family_of(*type) != Family::kArray) return type_oid;
    PENSTOCK_ASSIGN(const TypeInfo* element, catalog.find(type->element));
    return element->kind == 'e' ? kTextArray : type_oid;
  }
  return fail(ErrorKind::kInternal, "the domain with OID " + std::to_string(type_oid) + " contains itself");
}

tl::unexpected<Error> bad_value(std::string_view text, std::string_view type, std::string_view why) {
  std::string message = "\"";
  message += text.substr(0, std::min(text.size(), kShownBytes));
  message += text.size() > kShownBytes ? "…\"" : "\"";
  message.append(" is not what PostgreSQL prints for ").append(type);
  if (!why.empty()) message.append(": ").append(why);
  return fail(ErrorKind::kBadValue, std::move(message));
}

}  // namespace penstock::pgtype
