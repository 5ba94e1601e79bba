#include "app/connector/transforms.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "app/connector/setting_reader.h"
#include "app/nearest.h"
#include "backbone/topic_router.h"

namespace penstock::app {
namespace {

using backbone::RouterOptions;
using backbone::Transform;
using envelope::DeleteMode;
using envelope::UnwrapOptions;

constexpr std::string_view kUnwrap = "io.debezium.transforms.ExtractNewRecordState";
constexpr std::string_view kRouter = "io.debezium.transforms.outbox.EventRouter";
constexpr std::string_view kTopicMatches = "org.apache.kafka.connect.transforms.predicates.TopicNameMatches";

const std::vector<std::string> kCommon{"type", "predicate", "negate"};
const std::vector<std::string> kUnwrapSettings{"delete.tombstone.handling.mode",
                                               "drop.tombstones",
                                               "delete.handling.mode",
                                               "add.fields",
                                               "add.fields.prefix",
                                               "add.headers",
                                               "add.headers.prefix",
                                               "route.by.field",
                                               "drop.fields.header.name",
                                               "drop.fields.from.key",
                                               "drop.fields.keep.schema.compatible",
                                               "replace.null.with.default"};
const std::vector<std::string> kRouterSettings{"table.field.event.id",
                                               "table.field.event.key",
                                               "table.field.event.type",
                                               "table.field.event.payload",
                                               "table.field.event.timestamp",
                                               "table.field.event.schema.version",
                                               "table.fields.additional.placement",
                                               "table.fields.additional.error.on.missing",
                                               "table.expand.json.payload",
                                               "table.json.payload.null.behavior",
                                               "table.op.invalid.behavior",
                                               "route.by.field",
                                               "route.topic.regex",
                                               "route.topic.replacement",
                                               "route.tombstone.on.empty.payload",
                                               "tracing.span.context.field",
                                               "tracing.operation.name",
                                               "tracing.with.context.field.only"};

// The settings of one transformation or predicate.
struct Section {
  const ConnectorFile& file;
  SettingReader in;
  std::string prefix;  // "transforms.unwrap."
  std::vector<std::string>& remarks;

  std::string at(const std::string& setting) const { return prefix + setting; }
  std::string text(const std::string& setting, const std::string& otherwise = "") const {
    return in.text(at(setting), otherwise);
  }

  // Settings that are not among `known` are named.
  void check(const std::vector<std::string>& known) const {
    for (const auto& [name, value] : file.settings) {
      if (!name.starts_with(prefix)) continue;
      const std::string rest = name.substr(prefix.size());
      const auto is = [&](const std::string& one) { return one == rest; };
      if (std::any_of(kCommon.begin(), kCommon.end(), is) || std::any_of(known.begin(), known.end(), is))
        continue;
      remarks.push_back(
          fmt::format("\"{}\" is no setting of the transformation{}", name, did_you_mean(rest, known)));
    }
  }
};

Status refuse(const Section& section, const std::string& setting, const std::string& remedy) {
  const std::string value = section.text(setting);
  if (value.empty()) return {};
  return fail(section.in.error(section.at(setting), "is \"" + value + "\", which is not supported", remedy));
}

// Up to version 2 there were two settings for deletes.
Result<DeleteMode> legacy_deletes(const Section& section) {
  PENSTOCK_ASSIGN(const bool drops, section.in.truth(section.at("drop.tombstones"), true));
  enum class Handling : std::uint8_t { kDrop, kRewrite, kNone };
  PENSTOCK_ASSIGN(const Handling handling, section.in.choice<Handling>(section.at("delete.handling.mode"),
                                                                       {{"drop", Handling::kDrop},
                                                                        {"rewrite", Handling::kRewrite},
                                                                        {"none", Handling::kNone}}));
  if (handling == Handling::kNone && !drops)
    return fail(section.in.error(section.at("delete.handling.mode"),
                                 "none with drop.tombstones false is not supported",
                                 "say delete.tombstone.handling.mode tombstone"));
  section.remarks.push_back(
      "\"" + section.prefix +
      "drop.tombstones\" and \"delete.handling.mode\" are read as Debezium did before version 3: "
      "say delete.tombstone.handling.mode");
  if (handling == Handling::kRewrite) return drops ? DeleteMode::kRewrite : DeleteMode::kRewriteWithTombstone;
  if (handling == Handling::kNone) return DeleteMode::kTombstone;
  return drops ? DeleteMode::kDrop : DeleteMode::kDeleteToTombstone;
}

Result<DeleteMode> read_deletes(const Section& section) {
  const bool legacy =
      !section.text("drop.tombstones").empty() || !section.text("delete.handling.mode").empty();
  if (legacy && section.text("delete.tombstone.handling.mode").empty()) return legacy_deletes(section);
  return section.in.choice<DeleteMode>(section.at("delete.tombstone.handling.mode"),
                                       {{"tombstone", DeleteMode::kTombstone},
                                        {"drop", DeleteMode::kDrop},
                                        {"rewrite", DeleteMode::kRewrite},
                                        {"rewrite-with-tombstone", DeleteMode::kRewriteWithTombstone},
                                        {"delete-to-tombstone", DeleteMode::kDeleteToTombstone}});
}

// An empty prefix is one too.
std::string prefix_of(const Section& section, const std::string& setting) {
  const std::string* given = section.file.find(section.at(setting));
  return given == nullptr ? "__" : *given;
}

Result<std::vector<envelope::MetadataField>> read_metadata(const Section& section,
                                                           const std::string& setting) {
  auto fields = envelope::parse_metadata(section.text(setting), prefix_of(section, setting + ".prefix"));
  if (!fields) return fail(section.in.error(section.at(setting), fields.error().message));
  for (const envelope::MetadataField& field : *fields)
    if (!is_known(field))
      section.remarks.push_back(
          fmt::format("\"{}\": events have no \"{}\", which is left out", section.at(setting), field.field));
  return fields;
}

Result<UnwrapOptions> read_unwrap(const Section& section) {
  section.check(kUnwrapSettings);
  PENSTOCK_TRY(refuse(section, "drop.fields.header.name", "leave columns out with column.exclude.list"));
  UnwrapOptions unwrap;
  PENSTOCK_ASSIGN(unwrap.deletes, read_deletes(section));
  PENSTOCK_ASSIGN(unwrap.fields, read_metadata(section, "add.fields"));
  PENSTOCK_ASSIGN(unwrap.headers, read_metadata(section, "add.headers"));
  unwrap.route_by = section.text("route.by.field");
  return unwrap;
}

// "type:header:eventType,region:envelope"
Status read_added(const Section& section, RouterOptions& router) {
  const std::string setting = "table.fields.additional.placement";
  for (const std::string& item : envelope::split_list(section.text(setting), ',')) {
    const std::vector<std::string> parts = envelope::split_list(item, ':');
    RouterOptions::Added added;
    if (parts.size() == 2 || parts.size() == 3) {
      added.column = parts[0];
      added.name = parts.back();
      if (parts.size() == 2) added.name = parts[0];
    }
    const std::string place = added.column.empty() ? "" : parts[1];
    if (place == "envelope") added.placement = RouterOptions::Placement::kEnvelope;
    if (place == "partition") added.placement = RouterOptions::Placement::kPartition;
    if (place != "header" && place != "envelope" && place != "partition")
      return fail(
          section.in.error(section.at(setting), "has \"" + item + "\"",
                           "write column:header, column:envelope or column:partition, and :name behind it"));
    router.added.push_back(std::move(added));
  }
  return {};
}

Result<RouterOptions> read_router(const Section& section) {
  section.check(kRouterSettings);
  PENSTOCK_TRY(
      refuse(section, "table.field.event.schema.version", "schemas of messages have no version here"));
  for (const char* tracing :
       {"tracing.span.context.field", "tracing.operation.name", "tracing.with.context.field.only"})
    if (!section.text(tracing).empty())
      section.remarks.push_back("\"" + section.at(tracing) + "\" has no effect: nothing is traced");
  RouterOptions router;
  router.id = section.text("table.field.event.id", router.id);
  router.key = section.text("table.field.event.key", router.key);
  router.payload = section.text("table.field.event.payload", router.payload);
  router.timestamp = section.text("table.field.event.timestamp");
  router.route_by = section.text("route.by.field", router.route_by);
  router.topic_pattern = section.text("route.topic.regex", router.topic_pattern);
  router.topic_replacement = section.text("route.topic.replacement", router.topic_replacement);
  const auto topics = backbone::TopicRouter::parse(router.topic_pattern, router.topic_replacement);
  if (!topics) return fail(section.in.error(section.at("route.topic.replacement"), topics.error().message));
  PENSTOCK_TRY(read_added(section, router));
  PENSTOCK_ASSIGN(router.missing_is_error,
                  section.in.truth(section.at("table.fields.additional.error.on.missing"), true));
  PENSTOCK_ASSIGN(router.tombstones, section.in.truth(section.at("route.tombstone.on.empty.payload"), false));
  PENSTOCK_ASSIGN(router.expands, section.in.truth(section.at("table.expand.json.payload"), false));
  PENSTOCK_ASSIGN(router.nulls_are_bytes,
                  section.in.choice<bool>(section.at("table.json.payload.null.behavior"),
                                          {{"ignore", false}, {"optional_bytes", true}}));
  PENSTOCK_ASSIGN(router.on_update,
                  section.in.choice<RouterOptions::OnUpdate>(section.at("table.op.invalid.behavior"),
                                                             {{"warn", RouterOptions::OnUpdate::kWarn},
                                                              {"error", RouterOptions::OnUpdate::kError},
                                                              {"fatal", RouterOptions::OnUpdate::kFatal}}));
  return router;
}

Status read_predicate(const Section& section, const std::string& name, Transform& transform) {
  const SettingReader& in = section.in;
  const std::string prefix = "predicates." + name + ".";
  const std::vector<std::string> declared = envelope::split_list(in.text("predicates"), ',');
  if (std::find(declared.begin(), declared.end(), name) == declared.end())
    return fail(
        in.error(section.at("predicate"), "names \"" + name + "\", which is not among \"predicates\""));
  if (in.text(prefix + "type") != kTopicMatches)
    return fail(in.error(prefix + "type", "is \"" + in.text(prefix + "type") + "\", which is not supported",
                         "use " + std::string(kTopicMatches)));
  const std::string pattern = in.text(prefix + "pattern");
  if (pattern.empty()) return fail(in.error(prefix + "pattern", "is missing"));
  try {
    transform.topics = std::regex(pattern);
  } catch (const std::regex_error& error) {
    return fail(in.error(prefix + "pattern", "is no regular expression: " + std::string(error.what())));
  }
  PENSTOCK_ASSIGN(transform.negated, in.truth(section.at("negate"), false));
  return {};
}

Result<Transform> read_one(const Section& section, const std::string& name) {
  Transform transform;
  transform.name = name;
  const std::string type = section.text("type");
  if (type == kUnwrap || type == std::string(kUnwrap) + "$Value") {
    PENSTOCK_ASSIGN(transform.what, read_unwrap(section));
  } else if (type == kRouter) {
    PENSTOCK_ASSIGN(transform.what, read_router(section));
  } else {
    return fail(section.in.error(section.at("type"), "is \"" + type + "\", which is not supported",
                                 "take the transformation out, or do it where the events are read"));
  }
  const std::string predicate = section.text("predicate");
  if (!predicate.empty()) PENSTOCK_TRY(read_predicate(section, predicate, transform));
  return transform;
}

}  // namespace

Result<std::vector<Transform>> read_transforms(const ConnectorFile& file, std::vector<std::string>& remarks) {
  const SettingReader in(file);
  std::vector<Transform> transforms;
  for (const std::string& name : envelope::split_list(in.text("transforms"), ',')) {
    PENSTOCK_ASSIGN(Transform made, read_one({file, in, "transforms." + name + ".", remarks}, name));
    transforms.push_back(std::move(made));
  }
  return transforms;
}

}  // namespace penstock::app
