#include "sink/mongo/encode/document_json.h"

#include "sink/mongo/bson.h"
#include "sink/mongo/encode/document_encoder.h"

namespace penstock::mongo {

Result<std::string> document_json(const DocumentWrite& write) {
  EncodeCounts counts;
  std::vector<std::uint16_t> unchanged;
  PENSTOCK_ASSIGN(const EncodedId id, encode_id(*write.shape, write.id, counts));
  Bson document;
  PENSTOCK_TRY(encode_document(*write.shape, id, write.fields, *document.get(), counts, &unchanged));
  return document.json();
}

}  // namespace penstock::mongo
