// Errors of one field, with the column it comes from and the beginning of its value.
#pragma once

#include <string>

#include "base/error.h"
#include "model/document_write.h"

namespace penstock::mongo {

// "public.orders.phone numeric(10,2): decimal 12.50 cannot be written as int: it is no integer of 64 bits"
inline Error field_error(const FieldShape& field, const Value& value, Error reason) {
  std::string message = field.source + ": " + describe(value) + " cannot be written";
  if (field.as != BsonType::kDefault) message.append(" as ").append(name_of(field.as));
  reason.message = message + ": " + reason.message;
  return reason;
}

// The source ends with the column's type. PostgreSQL prints real and double precision differently.
inline bool is_real(const FieldShape& field) { return field.source.ends_with(" real"); }

}  // namespace penstock::mongo
