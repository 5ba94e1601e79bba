// Bytes as text: encode() and decode() of PostgreSQL (manual: "Binary String Functions and Operators"), and
// the text of bytea.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace penstock::expression {

// `format`: hex, base64, escape, in any case.
Result<std::string> encode_bytes(std::string_view bytes, std::string_view format);
Result<std::string> decode_bytes(std::string_view text, std::string_view format);
// What bytea reads: '\x' and hexadecimal digits, or escape.
Result<std::string> parse_bytea(std::string_view text);
// Whether bytes are UTF-8 that PostgreSQL takes as text (no zero byte, no surrogates, shortest forms).
bool is_valid_text(std::string_view bytes);

}  // namespace penstock::expression
