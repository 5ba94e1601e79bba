#include "model/document_write.h"

namespace penstock {

const char* name_of(BsonType type) {
  switch (type) {
    case BsonType::kDefault:
      return "default";
    case BsonType::kInt:
      return "int";
    case BsonType::kLong:
      return "long";
    case BsonType::kDouble:
      return "double";
    case BsonType::kDecimal:
      return "decimal";
    case BsonType::kString:
      return "string";
    case BsonType::kBool:
      return "bool";
    case BsonType::kDate:
      return "date";
    case BsonType::kBinary:
      return "binary";
    case BsonType::kObjectId:
      return "objectId";
    case BsonType::kJson:
      return "json";
  }
  return "default";
}

}  // namespace penstock
