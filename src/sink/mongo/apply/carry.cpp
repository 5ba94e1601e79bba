#include "sink/mongo/apply/carry.h"

#include <bson/bson.h>

#include "base/check.h"

namespace penstock::mongo {
namespace {

void append(Bson& to, const bson_iter_t& field) {
  PENSTOCK_CHECK(bson_append_iter(to.get(), bson_iter_key(&field), -1, &field));
}

}  // namespace

std::optional<Bson> carried_document(const DocumentShape& shape, const Run& run, const Item& item,
                                     const Carry& carry, const Bson& old) {
  bson_t known;
  bson_iter_t sent;
  PENSTOCK_CHECK(bson_init_static(&known, run.body(item), item.body_bytes));
  PENSTOCK_CHECK(bson_iter_init(&sent, &known) && bson_iter_next(&sent));
  Bson whole;
  append(whole, sent);  // _id
  std::size_t missing = 0;
  for (std::size_t i = 0; i < shape.fields.size(); ++i) {
    if (missing == carry.unchanged.size() || carry.unchanged[missing] != i) {
      if (bson_iter_next(&sent)) append(whole, sent);
      continue;
    }
    ++missing;
    bson_iter_t kept;
    if (!bson_iter_init_find(&kept, old.get(), shape.fields[i].name.c_str())) return std::nullopt;
    append(whole, kept);
  }
  return whole;
}

}  // namespace penstock::mongo
