// BSON back to the JSON text it was made from, for keys of type jsonb. Not extended JSON: numbers stand for
// themselves.
#pragma once

#include <bson/bson.h>

#include <optional>
#include <string>
#include <string_view>

namespace penstock::mongo {

// Nothing when the element holds a type that JSON text is not encoded to.
std::optional<std::string> bson_to_json(const bson_iter_t* element);
std::string json_string(std::string_view text);  // quoted and escaped

}  // namespace penstock::mongo
