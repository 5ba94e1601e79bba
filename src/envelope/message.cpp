#include "envelope/message.h"

#include <fmt/format.h>

#include "envelope/envelope_schemas.h"

namespace penstock::envelope {

std::string message_key(const Options& options, std::string_view prefix) {
  std::string key = R"({"prefix":)";
  append_json_string(key, prefix);
  return wrapped(options.key_schemas, message_key_schema(options.names), key + "}");
}

std::string message_value(const Options& options, const Message& message) {
  std::string value = fmt::format(R"({{"op":"m","ts_ms":{},"source":)", message.now_nanos / 1'000'000);
  append_source(value, source_parts(options, "", ""), message.origin);
  append_transaction(value, message.transaction);
  value += R"(,"message":{"prefix":)";
  append_json_string(value, message.prefix);
  value += fmt::format(R"(,"content":"{}"}}}})", text_of_bytes(message.content, options.binary));
  return wrapped(options.value_schemas, message_value_schema(options), value);
}

}  // namespace penstock::envelope
