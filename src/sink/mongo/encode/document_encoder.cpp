#include "sink/mongo/encode/document_encoder.h"

#include <algorithm>

#include "sink/mongo/encode/bson_append.h"
#include "sink/mongo/encode/field_error.h"
#include "sink/mongo/encode/value_encoder.h"

namespace penstock::mongo {
namespace {

bool view_of(const std::string& bytes, bson_t& view) {
  return bson_init_static(&view, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

// A shape is met twice for maps and lists: by the whole, and by each of its parts.
enum class Place { kWhole, kPart };

Status append_shaped(bson_t& document, std::string_view name, const FieldShape& shape, Place place,
                     const Value& value, EncodeContext& context);

Status fill_fields(bson_t& child, const FieldShape& shape, const Struct& value, EncodeContext& context) {
  if (value.size != shape.fields.size())
    return fail(ErrorKind::kInternal, "a document of " + std::to_string(value.size) + " fields has " +
                                          std::to_string(shape.fields.size()) + " shapes");
  for (std::uint32_t i = 0; i < value.size; ++i) {
    const FieldShape& field = shape.fields[i];
    PENSTOCK_TRY(append_shaped(child, field.name, field, Place::kWhole, value.fields[i].value, context));
  }
  return {};
}

Status fill_map(bson_t& child, const FieldShape& shape, const Struct& value, EncodeContext& context) {
  for (std::uint32_t i = 0; i < value.size; ++i)
    PENSTOCK_TRY(
        append_shaped(child, value.fields[i].name, shape, Place::kPart, value.fields[i].value, context));
  return {};
}

Status fill_items(bson_t& child, const FieldShape& shape, const Array& value, EncodeContext& context) {
  for (std::uint32_t i = 0; i < value.size; ++i) {
    const char* index = nullptr;
    char buffer[16];
    const std::size_t length = bson_uint32_to_string(i, &index, buffer, sizeof buffer);
    PENSTOCK_TRY(append_shaped(child, {index, length}, shape, Place::kPart, value.items[i], context));
  }
  return {};
}

Status append_struct(bson_t& document, std::string_view name, const FieldShape& shape, bool map,
                     const Struct& value, EncodeContext& context) {
  PENSTOCK_TRY(check_depth(context));
  bson_t child;
  PENSTOCK_TRY(appended(bson_append_document_begin(&document, name.data(), length_of(name), &child)));
  ++context.depth;
  Status status = map ? fill_map(child, shape, value, context) : fill_fields(child, shape, value, context);
  --context.depth;
  bson_append_document_end(&document, &child);
  return status;
}

// A value of a read model: documents and lists by their shapes, all else by `as`.
Status append_shaped(bson_t& document, std::string_view name, const FieldShape& shape, Place place,
                     const Value& value, EncodeContext& context) {
  if (value.is_unchanged()) return {};
  const Struct* part = value.get<Struct>();
  const bool map = shape.map && place == Place::kWhole;
  if (part != nullptr && (map || !shape.fields.empty()))
    return append_struct(document, name, shape, map, *part, context);
  const Array* list = value.get<Array>();
  if (list == nullptr || place == Place::kPart || (shape.fields.empty() && !shape.list)) {
    context.from_real = is_real(shape);
    Status status = append_as(document, name, shape.as, value, context);
    if (!status) return fail(field_error(shape, value, std::move(status).error()));
    return {};
  }
  PENSTOCK_TRY(check_depth(context));
  bson_t child;
  PENSTOCK_TRY(appended(bson_append_array_begin(&document, name.data(), length_of(name), &child)));
  ++context.depth;
  Status status = fill_items(child, shape, *list, context);
  --context.depth;
  bson_append_array_end(&document, &child);
  return status;
}

tl::unexpected<Error> refuse_unchanged(const DocumentShape& shape, const EncodedId& id, std::size_t field) {
  return fail(ErrorKind::kInternal, describe_id(shape, id) + ": " + shape.fields[field].source +
                                        " was not sent, and a whole document cannot be made without it");
}

}  // namespace

Status append_field(bson_t& document, const FieldShape& field, const Value& value, EncodeCounts& counts) {
  if (value.is_unchanged()) return {};
  EncodeContext context{counts, false, is_real(field), 0};
  if (!field.fields.empty() || field.map || field.list)
    return append_shaped(document, field.name, field, Place::kWhole, value, context);
  Status status = append_as(document, field.name, field.as, value, context);
  if (!status) return fail(field_error(field, value, std::move(status).error()));
  return {};
}

Status encode_document(const DocumentShape& shape, const EncodedId& id, const Value* fields, bson_t& document,
                       EncodeCounts& counts, std::vector<std::uint16_t>* unchanged) {
  bson_t id_view;
  if (!view_of(id.bson, id_view)) return fail(ErrorKind::kInternal, shape.table + ": an `_id` is no BSON");
  PENSTOCK_TRY(appended(bson_concat(&document, &id_view)));
  for (std::size_t i = 0; i < shape.fields.size(); ++i) {
    PENSTOCK_TRY(append_field(document, shape.fields[i], fields[i], counts));
    if (!fields[i].is_unchanged() || shape.partial) continue;
    if (unchanged == nullptr) return refuse_unchanged(shape, id, i);
    unchanged->push_back(static_cast<std::uint16_t>(i));
  }
  return check_document_size(shape, id, document.len);
}

Result<EncodedPatch> encode_patch(const DocumentShape& shape, const EncodedId& id, const Value* fields,
                                  EncodeCounts& counts) {
  BsonDocument document;
  EncodedPatch patch;
  for (std::size_t i = 0; i < shape.fields.size(); ++i) {
    if (fields[i].is_unchanged()) continue;
    PENSTOCK_TRY(append_field(document.get(), shape.fields[i], fields[i], counts));
    patch.empty = false;
    if (needs_set_field(shape.fields[i].name)) patch.literal.push_back(static_cast<std::uint16_t>(i));
  }
  PENSTOCK_TRY(check_document_size(shape, id, document.get().len));
  patch.bson = document.bytes();
  return patch;
}

bool needs_set_field(std::string_view name) {
  return name.empty() || name.front() == '$' || name.find('.') != std::string_view::npos;
}

bool replace_is_refused(const DocumentShape& shape) {
  return std::any_of(shape.fields.begin(), shape.fields.end(),
                     [](const FieldShape& field) { return field.name.starts_with('$'); });
}

std::string describe_row(const DocumentShape& shape, const Value* id) {
  std::string out = shape.table + " (";
  for (std::size_t i = 0; i < shape.id.size(); ++i) {
    if (i > 0) out += ", ";
    const std::string described = describe(id[i]);
    const std::size_t space = described.find(' ');
    out.append(i < shape.id_columns.size() ? shape.id_columns[i] : shape.id[i].name).append(1, ' ');
    out += space == std::string::npos ? described : described.substr(space + 1);
  }
  return out + ")";
}

std::string describe_id(const DocumentShape& shape, const EncodedId& id) {
  constexpr std::size_t kShownBytes = 300;
  bson_t view;
  std::string out = shape.table + " ";
  if (!view_of(id.bson, view)) return out + "(unreadable `_id`)";
  char* json = bson_as_relaxed_extended_json(&view, nullptr);
  std::string text = json != nullptr ? json : "(unreadable `_id`)";
  bson_free(json);
  if (text.size() > kShownBytes) text = text.substr(0, kShownBytes) + "…";
  return out + text;
}

Status check_document_size(const DocumentShape& shape, const EncodedId& id, std::size_t bytes) {
  if (bytes <= kMaxDocumentBytes) return {};
  return fail(ErrorKind::kRejectedDocument,
              describe_id(shape, id) + ": its document in collection " + shape.name() + " would have " +
                  std::to_string(bytes) + " bytes, and MongoDB holds at most " +
                  std::to_string(kMaxDocumentBytes),
              "leave out large columns under collections: " + shape.name() +
                  ": fields:, or set `errors: dead_letter` to park such rows");
}

}  // namespace penstock::mongo
