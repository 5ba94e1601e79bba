#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <string_view>

#include "app/letters/letters_view.h"

namespace penstock::app {
namespace {

using mongo::Letter;
using mongo::LetterContents;
using mongo::ShownBytes;

class JsonWriter {
 public:
  std::string write(const LettersView& view) {
    writer_.StartObject();
    text("pipeline", view.pipeline);
    number("dead_letters", view.total());
    key("summary");
    writer_.StartArray();
    for (const mongo::LetterCount& count : view.counts) summary(count);
    writer_.EndArray();
    key("letters");
    writer_.StartArray();
    for (const Letter& one : view.letters) letter(one, view.whole);
    writer_.EndArray();
    writer_.EndObject();
    return buffer_.GetString();
  }

 private:
  void key(std::string_view name) { writer_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size())); }
  void value(std::string_view text) {
    writer_.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  }
  void text(std::string_view name, std::string_view content) {
    key(name);
    value(content);
  }
  void text_or_null(std::string_view name, std::string_view content) {
    key(name);
    content.empty() ? static_cast<void>(writer_.Null()) : value(content);
  }
  void number(std::string_view name, std::uint64_t content) {
    key(name);
    writer_.Uint64(content);
  }
  void texts(std::string_view name, const std::vector<std::string>& content) {
    key(name);
    writer_.StartArray();
    for (const std::string& one : content) value(one);
    writer_.EndArray();
  }

  void summary(const mongo::LetterCount& count) {
    writer_.StartObject();
    text_or_null("collection", count.collection);
    text("kind", count.kind);
    number("letters", count.letters);
    text("error", count.example);
    text_or_null("remedy", count.remedy);
    writer_.EndObject();
  }

  void letter(const Letter& one, const std::optional<LetterContents>& whole) {
    writer_.StartObject();
    text("id", one.id);
    text_or_null("collection", one.collection);
    text_or_null("table", one.table);
    texts("columns", one.columns);
    texts("key", one.key);
    place(one);
    text("at", time_text(one.at_millis));
    text("kind", one.kind);
    text("error", one.error);
    text_or_null("remedy", one.remedy);
    key("waiting");
    writer_.Bool(one.waiting);
    if (whole) contents(one, *whole);
    writer_.EndObject();
  }

  // Where it comes from: a position of the stream, a record, or neither (it was read from its table).
  void place(const Letter& one) {
    text_or_null("lsn", one.commit_lsn.is_set() ? to_string(one.commit_lsn) : std::string());
    key("ordinal");
    one.commit_lsn.is_set() ? writer_.Uint64(one.ordinal) : writer_.Null();
    text_or_null("topic", one.record ? one.record->topic : std::string());
    key("partition");
    one.record ? writer_.Int64(one.record->partition) : writer_.Null();
    key("offset");
    one.record ? writer_.Int64(one.record->offset) : writer_.Null();
  }

  void contents(const Letter& one, const LetterContents& whole) {
    key("row");
    if (whole.row_json.empty()) {
      writer_.Null();
    } else {
      writer_.RawValue(whole.row_json.data(), whole.row_json.size(), rapidjson::kObjectType);
    }
    key("record");
    if (!one.record) {
      writer_.Null();
      return;
    }
    writer_.StartObject();
    bytes("key", whole.key);
    bytes("value", whole.value);
    key("headers");
    writer_.StartArray();
    for (const LetterContents::Header& header : whole.headers) {
      writer_.StartObject();
      text("name", header.name);
      bytes("value", header.value);
      writer_.EndObject();
    }
    writer_.EndArray();
    text_or_null("timestamp", whole.timestamp_millis ? time_text(*whole.timestamp_millis) : std::string());
    writer_.EndObject();
  }

  // {text, size} or {base64, size}: `size` is that of the record, where more was cut off.
  void bytes(std::string_view name, const std::optional<ShownBytes>& content) {
    key(name);
    if (!content) {
      writer_.Null();
      return;
    }
    writer_.StartObject();
    text(content->text ? "text" : "base64", content->shown);
    number("size", content->size);
    writer_.EndObject();
  }

  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_{buffer_};
};

}  // namespace

std::string letters_json(const LettersView& view) { return JsonWriter().write(view); }

}  // namespace penstock::app
