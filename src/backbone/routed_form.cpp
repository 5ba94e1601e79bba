#include <algorithm>

#include "backbone/json_expansion.h"
#include "backbone/record_form.h"
#include "backbone/topic_router.h"
#include "base/log.h"

namespace penstock::backbone {
namespace {

using envelope::ConnectSchema;
using envelope::Form;
using envelope::Operation;
using Placement = RouterOptions::Placement;

// A column of the outbox table.
struct Part {
  std::size_t place = 0;
  const envelope::ValueWriter* writer = nullptr;
  ConnectSchema schema = {};  // where schemas are asked for
};

struct AddedPart {
  Part part;
  Placement placement = Placement::kHeader;
  std::string name;
};

struct Parts {
  Part id, key, payload, route;
  std::optional<Part> timestamp;
  std::vector<AddedPart> added;
  bool has_envelope = false;
};

// Of forms whose texts are their JSON without quotes. Of dates and decimals of Kafka Connect's own, headers
// have other texts than values.
bool fits_header(const envelope::ValueWriter& writer, const envelope::Options& options) {
  const Form form = writer.form().form;
  if (form == Form::kFixedDecimal || form == Form::kVariableDecimal || form == Form::kMoney) return false;
  const bool connect = options.times == envelope::TimeMode::kConnect;
  return !connect || (form != Form::kDate && form != Form::kMillis && form != Form::kTimeMillis);
}

class RoutedForm final : public RecordForm {
 public:
  RoutedForm(const envelope::Options& values, const RouterOptions& options, TopicRouter router, Parts parts,
             std::string table, std::string schema_place)
      : values_(values),
        options_(options),
        router_(std::move(router)),
        parts_(std::move(parts)),
        table_(std::move(table)),
        schema_place_(std::move(schema_place)) {}

  Status append(const envelope::Change& change, Record record, std::vector<Record>& records) override {
    if (change.operation == Operation::kDelete || change.operation == Operation::kTruncate) return {};
    if (change.operation == Operation::kUpdate) return unexpected();
    const Value* row = change.after;
    const Value& payload = row[parts_.payload.place];
    const std::string route = to_text(row[parts_.route.place]);
    record.topic = router_.topic_of(route);
    record.timestamp = timestamp_of(change);
    record.key.emplace();
    PENSTOCK_TRY(append_key(*record.key, row));
    PENSTOCK_TRY(add_header("id", parts_.id, row, record));
    for (const AddedPart& added : parts_.added) PENSTOCK_TRY(place(added, row, record));
    if (!options_.tombstones || !is_empty(payload)) {
      record.value.emplace();
      PENSTOCK_TRY(append_value(*record.value, row, route));
    }
    records.push_back(std::move(record));
    return {};
  }

  void append_tombstone(const envelope::Change&, Record, std::vector<Record>&) override {}

 private:
  Status unexpected() const {
    const std::string said = "a row of the outbox table " + table_ + " was updated: outbox rows are inserted";
    if (options_.on_update == RouterOptions::OnUpdate::kFatal)
      return fail(ErrorKind::kBadValue, said, "table.op.invalid.behavior is fatal: warn goes on without it");
    if (options_.on_update == RouterOptions::OnUpdate::kError) {
      log::error("{}; the change is left out", said);
    } else {
      log::warn("{}; the change is left out", said);
    }
    return {};
  }

  static bool is_empty(const Value& payload) {
    return payload.is_null() || to_text(payload).find_first_not_of(" \t\r\n") == std::string::npos;
  }

  std::int64_t timestamp_of(const envelope::Change& change) const {
    const auto* moment = parts_.timestamp ? change.after[parts_.timestamp->place].get<Timestamp>() : nullptr;
    return moment != nullptr ? moment->micros / 1000 : change.now_nanos / 1'000'000;
  }

  Status append_key(std::string& out, const Value* row) const {
    if (values_.key_schemas) out += envelope::with_schema(parts_.key.schema);
    PENSTOCK_TRY(parts_.key.writer->append(out, row[parts_.key.place]));
    if (values_.key_schemas) out += '}';
    return {};
  }

  static Status add_header(const std::string& name, const Part& part, const Value* row, Record& record) {
    const Value& value = row[part.place];
    if (value.is_null()) {
      record.headers.push_back({name, std::nullopt});
      return {};
    }
    std::string text;
    if (part.writer->form().form == Form::kText && !part.writer->form().list && !part.writer->column().mask) {
      append_text(text, value);
    } else {
      PENSTOCK_TRY(part.writer->append(text, value));
      if (text.size() >= 2 && text.front() == '"') text = text.substr(1, text.size() - 2);
    }
    record.headers.push_back({name, std::move(text)});
    return {};
  }

  static Status place(const AddedPart& added, const Value* row, Record& record) {
    if (added.placement == Placement::kHeader) return add_header(added.name, added.part, row, record);
    if (added.placement == Placement::kPartition) {
      const auto* number = row[added.part.place].get<std::int32_t>();
      if (number != nullptr) record.partition = *number;
    }
    return {};
  }

  Status append_value(std::string& out, const Value* row, const std::string& route) {
    const Value& payload = row[parts_.payload.place];
    std::string json;
    ConnectSchema schema = parts_.payload.schema;
    auto expanded = expansion_of(payload);
    if (expanded) {
      schema = std::move(expanded->schema);
      json = std::move(expanded->json);
    } else {
      PENSTOCK_TRY(parts_.payload.writer->append(json, payload));
    }
    if (values_.value_schemas)
      out += envelope::with_schema(parts_.has_envelope ? around(schema, route) : schema);
    if (!parts_.has_envelope) {
      out += json;
    } else {
      out += R"({"payload":)" + json;
      for (const AddedPart& added : parts_.added) {
        if (added.placement != Placement::kEnvelope) continue;
        out += ',';
        envelope::append_json_string(out, added.name);
        out += ':';
        PENSTOCK_TRY(added.part.writer->append(out, row[added.part.place]));
      }
      out += '}';
    }
    if (values_.value_schemas) out += '}';
    return {};
  }

  std::optional<Expanded> expansion_of(const Value& payload) const {
    if (!options_.expands || payload.is_null() || parts_.payload.writer->form().form != Form::kText)
      return std::nullopt;
    auto expanded = expand_json(to_text(payload), options_.payload, options_.nulls_are_bytes);
    if (!expanded)
      log::warn("a payload of {} is no JSON object that can be expanded: it stays a text", table_);
    return expanded;
  }

  // {"payload":…} and what goes beside it.
  ConnectSchema around(const ConnectSchema& payload, const std::string& route) const {
    std::vector<envelope::SchemaField> fields{{"payload", payload}};
    for (const AddedPart& added : parts_.added)
      if (added.placement == Placement::kEnvelope) fields.push_back({added.name, added.part.schema});
    return envelope::struct_of(fields, schema_place_ + route + ".Value");
  }

  const envelope::Options& values_;
  const RouterOptions options_;
  const TopicRouter router_;
  const Parts parts_;
  const std::string table_;
  const std::string schema_place_;  // "shop.public.outbox."
};

class PartFinder {
 public:
  PartFinder(const TopicOptions& options, const std::string& transform, const envelope::TableFacts& facts,
             const envelope::TableEnvelope& table)
      : options_(options), transform_(transform), facts_(facts), table_(table) {}

  Result<Part> find(const std::string& setting, const std::string& column) const {
    Part part;
    part.writer = table_.writer_of(column, part.place);
    if (part.writer == nullptr) return fail(error(setting, "has no column \"" + column + "\""));
    for (const envelope::SchemaField& field : table_.row_fields())
      if (field.name == column) part.schema = field.schema;
    return part;
  }

  Error error(const std::string& setting, const std::string& what) const {
    return make_error(
        ErrorKind::kConfiguration,
        "transforms." + transform_ + "." + setting + ": the table " + facts_.schema + "." + facts_.table +
            " " + what,
        "correct the setting, or give the transformation a predicate that leaves the table out");
  }

  Status check_header(const std::string& setting, const Part& part) const {
    if (fits_header(*part.writer, options_.values)) return {};
    return fail(error(setting, "has a column \"" + part.writer->column().name +
                                   "\" of a type that is not written into headers here"));
  }

 private:
  const TopicOptions& options_;
  const std::string& transform_;
  const envelope::TableFacts& facts_;
  const envelope::TableEnvelope& table_;
};

Status find_added(const PartFinder& finder, const RouterOptions& router, Parts& parts) {
  const std::string setting = "table.fields.additional.placement";
  for (const RouterOptions::Added& added : router.added) {
    auto part = finder.find(setting, added.column);
    if (!part && !router.missing_is_error) continue;
    if (!part) return fail(std::move(part).error());
    if (added.placement == Placement::kHeader) PENSTOCK_TRY(finder.check_header(setting, *part));
    if (added.placement == Placement::kPartition && part->writer->column().type != 23)
      return fail(finder.error(setting, "has no column \"" + added.column + "\" of integer"));
    parts.has_envelope = parts.has_envelope || added.placement == Placement::kEnvelope;
    parts.added.push_back({std::move(*part), added.placement, added.name});
  }
  return {};
}

Result<Parts> find_parts(const PartFinder& finder, const RouterOptions& router) {
  Parts parts;
  PENSTOCK_ASSIGN(parts.id, finder.find("table.field.event.id", router.id));
  PENSTOCK_TRY(finder.check_header("table.field.event.id", parts.id));
  PENSTOCK_ASSIGN(parts.key, finder.find("table.field.event.key", router.key));
  PENSTOCK_ASSIGN(parts.payload, finder.find("table.field.event.payload", router.payload));
  PENSTOCK_ASSIGN(parts.route, finder.find("route.by.field", router.route_by));
  if (parts.route.writer->form().form != Form::kText || parts.route.writer->form().list)
    return fail(finder.error("route.by.field", "has no column \"" + router.route_by + "\" of text"));
  if (!router.timestamp.empty()) {
    PENSTOCK_ASSIGN(parts.timestamp, finder.find("table.field.event.timestamp", router.timestamp));
    const Form form = parts.timestamp->writer->form().form;
    if (form != Form::kMillis && form != Form::kMicros && form != Form::kNanos)
      return fail(finder.error("table.field.event.timestamp",
                               "has no column \"" + router.timestamp + "\" of timestamp in numbers"));
  }
  PENSTOCK_TRY(find_added(finder, router, parts));
  return parts;
}

}  // namespace

Result<std::unique_ptr<RecordForm>> routed_form(const TopicOptions& options, const Transform& transform,
                                                const envelope::TableFacts& facts,
                                                const envelope::TableEnvelope& table) {
  const auto& router = std::get<RouterOptions>(transform.what);
  const PartFinder finder(options, transform.name, facts, table);
  PENSTOCK_ASSIGN(Parts parts, find_parts(finder, router));
  auto topics = TopicRouter::parse(router.topic_pattern, router.topic_replacement);
  if (!topics) return fail(finder.error("route.topic.regex", topics.error().message));
  return std::unique_ptr<RecordForm>(std::make_unique<RoutedForm>(
      options.values, router, std::move(*topics), std::move(parts), facts.schema + "." + facts.table,
      envelope::adjusted(facts.topic, options.values.names) + "."));
}

}  // namespace penstock::backbone
