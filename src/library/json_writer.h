// JSON answers, written in order.
#pragma once

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace penstock::library {

class JsonWriter {
 public:
  JsonWriter& key(std::string_view name) {
    writer_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
    return *this;
  }
  JsonWriter& begin() { return writer_.StartObject(), *this; }
  JsonWriter& end() { return writer_.EndObject(), *this; }
  JsonWriter& begin_list() { return writer_.StartArray(), *this; }
  JsonWriter& end_list() { return writer_.EndArray(), *this; }
  JsonWriter& item(std::string_view value) {
    writer_.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
    return *this;
  }
  JsonWriter& null() { return writer_.Null(), *this; }
  JsonWriter& raw(const std::string& json) {
    writer_.RawValue(json.data(), json.size(), rapidjson::kObjectType);
    return *this;
  }
  JsonWriter& text(std::string_view name, std::string_view value) { return key(name).item(value); }
  JsonWriter& number(std::string_view name, std::int64_t value) {
    key(name);
    writer_.Int64(value);
    return *this;
  }
  JsonWriter& truth(std::string_view name, bool value) {
    key(name);
    writer_.Bool(value);
    return *this;
  }
  std::string finish() { return {buffer_.GetString(), buffer_.GetSize()}; }

 private:
  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_{buffer_};
};

}  // namespace penstock::library
