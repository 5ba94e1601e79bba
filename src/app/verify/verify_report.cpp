#include "app/verify/verify_report.h"

#include <fmt/format.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>

#include "app/progress_text.h"

namespace penstock::app {
namespace {

using mongo::CollectionResult;
using mongo::Difference;
using mongo::DifferenceKind;
using mongo::FieldDifference;

constexpr std::size_t kShownBytes = 200;

// Cut between characters.
std::string shortened(const std::string& text) {
  if (text.size() <= kShownBytes) return text;
  std::size_t end = kShownBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "…";
}

std::string field_text(const FieldDifference& field) {
  if (field.expected.empty())
    return fmt::format("{}: should not be there, found {}", field.path, shortened(field.found));
  if (field.found.empty())
    return fmt::format("{}: should be {}, is not there", field.path, shortened(field.expected));
  return fmt::format("{}: should be {}, found {}", field.path, shortened(field.expected),
                     shortened(field.found));
}

std::string difference_text(const Difference& difference) {
  std::string text = fmt::format("  {:<8} {} {}\n", mongo::name_of(difference.kind), difference.collection,
                                 shortened(difference.id));
  for (const FieldDifference& field : difference.fields) text += "             " + field_text(field) + "\n";
  return text;
}

std::string collection_text(const CollectionResult& one, double sample) {
  std::string text = fmt::format("{}: {} documents", one.collection, grouped(one.expected));
  if (sample < 1) text += fmt::format(", {} of them compared", grouped(one.compared));
  if (one.rejected > 0) text += fmt::format(", {} rows make none (dead letters)", grouped(one.rejected));
  if (one.equal()) {
    text += ", equal";
  } else {
    text += fmt::format(": {} missing, {} too many, {} different", grouped(one.missing), grouped(one.extra),
                        grouped(one.differing));
  }
  if (!one.expected_digest.empty() && one.expected_digest == one.found_digest)
    text += "; digest " + one.expected_digest;
  if (!one.expected_digest.empty() && one.expected_digest != one.found_digest)
    text +=
        fmt::format("; digest {} of the rows, {} of the documents", one.expected_digest, one.found_digest);
  return text + "\n";
}

class JsonReport {
 public:
  std::string write(const VerifyReport& report, std::size_t limit) {
    writer_.StartObject();
    text("pipeline", report.pipeline);
    key("equal");
    writer_.Bool(report.equal());
    text("position", to_string(report.position.through_lsn));
    key("one_position");
    writer_.Bool(report.one_position);
    number("sample_percent", report.sample * 100);
    number("seconds", report.seconds);
    count("different", report.different());
    count("repaired", report.repaired);
    key("collections");
    writer_.StartArray();
    for (const CollectionResult& one : report.collections) collection(one);
    writer_.EndArray();
    key("differences");
    writer_.StartArray();
    for (std::size_t i = 0; i < std::min(limit, report.differences.size()); ++i)
      difference(report.differences[i]);
    writer_.EndArray();
    writer_.EndObject();
    return {buffer_.GetString(), buffer_.GetSize()};
  }

 private:
  void key(std::string_view name) { writer_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size())); }
  void text(std::string_view name, std::string_view value) {
    key(name);
    writer_.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  }
  void count(std::string_view name, std::uint64_t value) {
    key(name);
    writer_.Uint64(value);
  }
  void number(std::string_view name, double value) {
    key(name);
    writer_.Double(value);
  }
  // Extended JSON as it is.
  void json(std::string_view name, std::string_view value) {
    key(name);
    writer_.RawValue(value.data(), value.size(), rapidjson::kObjectType);
  }

  void collection(const CollectionResult& one) {
    writer_.StartObject();
    text("name", one.collection);
    key("equal");
    writer_.Bool(one.equal());
    count("expected", one.expected);
    count("stored", one.stored);
    count("compared", one.compared);
    count("missing", one.missing);
    count("extra", one.extra);
    count("differing", one.differing);
    count("rejected", one.rejected);
    digest("digest_postgres", one.expected_digest);
    digest("digest_mongodb", one.found_digest);
    writer_.EndObject();
  }
  void digest(std::string_view name, const std::string& value) {
    if (!value.empty()) return text(name, value);
    key(name);
    writer_.Null();
  }

  void difference(const Difference& one) {
    writer_.StartObject();
    text("collection", one.collection);
    json("id", one.id);
    text("kind", mongo::name_of(one.kind));
    key("fields");
    writer_.StartArray();
    for (const FieldDifference& field : one.fields) {
      writer_.StartObject();
      text("path", field.path);
      if (!field.expected.empty()) json("expected", field.expected);
      if (!field.found.empty()) json("found", field.found);
      writer_.EndObject();
    }
    writer_.EndArray();
    writer_.EndObject();
  }

  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_{buffer_};
};

}  // namespace

bool VerifyReport::equal() const {
  return std::all_of(collections.begin(), collections.end(), [](const auto& one) { return one.equal(); });
}

std::uint64_t VerifyReport::different() const {
  std::uint64_t sum = 0;
  for (const CollectionResult& one : collections) sum += one.missing + one.extra + one.differing;
  return sum;
}

std::string verify_text(const VerifyReport& report, std::size_t limit) {
  std::string out;
  for (const CollectionResult& one : report.collections) out += collection_text(one, report.sample);
  const std::size_t shown = std::min(limit, report.differences.size());
  for (std::size_t i = 0; i < shown; ++i) out += difference_text(report.differences[i]);
  if (report.different() > shown)
    out += fmt::format("  and {} more (--limit)\n", grouped(report.different() - shown));
  if (report.repaired > 0) out += fmt::format("{} documents repaired\n", grouped(report.repaired));
  out += fmt::format("{} at {}{}, in {:.1f} s\n", report.equal() ? "equal" : "different",
                     to_string(report.position.through_lsn),
                     report.one_position ? "" : " (the last of several positions)", report.seconds);
  return out;
}

std::string verify_json(const VerifyReport& report, std::size_t limit) {
  return JsonReport().write(report, limit);
}

}  // namespace penstock::app
