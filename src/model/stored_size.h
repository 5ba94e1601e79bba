// How large documents will be where they are stored, about: for bounds, before they are encoded.
#pragma once

#include <cstddef>

#include "model/document_write.h"
#include "model/value.h"

namespace penstock {

std::size_t stored_size(const Value& value);
// Its fields, without its `_id`.
std::size_t stored_size(const DocumentWrite& write);

}  // namespace penstock
