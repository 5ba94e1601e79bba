#include <fmt/format.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <string_view>

#include "app/commands/status_view.h"

namespace penstock::app {
namespace {

class JsonWriter {
 public:
  std::string write(const StatusView& view) {
    writer_.StartObject();
    text("pipeline", view.pipeline);
    text("phase", view.phase);
    position(view);
    lag(view);
    source(view);
    writer(view);
    tables(view);
    if (view.is_capture) {
      capture_topics(view);
    } else {
      collections(view);
    }
    if (view.topics) {
      counts(view.health);
      trouble(view);
    }
    number("rereads_pending", view.rereads);
    pending(view);
    journal(view);
    writer_.EndObject();
    return std::string(buffer_.GetString(), buffer_.GetSize());
  }

 private:
  void key(std::string_view name) { writer_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size())); }
  void text(std::string_view name, std::string_view value) {
    key(name);
    writer_.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  }
  void number(std::string_view name, std::uint64_t value) {
    key(name);
    writer_.Uint64(value);
  }
  void truth(std::string_view name, bool value) {
    key(name);
    writer_.Bool(value);
  }

  void position(const StatusView& view) {
    key("position");
    if (!view.position.through_lsn.is_set()) {
      writer_.Null();
      return;
    }
    writer_.StartObject();
    text("through_lsn", to_string(view.position.through_lsn));
    text("commit_lsn", to_string(view.position.commit_lsn));
    number("ordinal", view.position.ordinal);
    number("last_commit_micros",
           static_cast<std::uint64_t>(std::max<std::int64_t>(0, view.progress.last_commit_micros)));
    number("updated_millis",
           static_cast<std::uint64_t>(std::max<std::int64_t>(0, view.progress.updated_millis)));
    writer_.EndObject();
  }

  void lag(const StatusView& view) {
    key("lag");
    writer_.StartObject();
    key("bytes");
    view.lag_bytes() ? writer_.Uint64(*view.lag_bytes()) : writer_.Null();
    key("seconds");
    view.lag_seconds() ? writer_.Double(*view.lag_seconds()) : writer_.Null();
    if (view.topics) optional("records", view.topics->lag());
    writer_.EndObject();
  }

  template <class Number>
  void optional(std::string_view name, const std::optional<Number>& value) {
    key(name);
    if (!value) {
      writer_.Null();
    } else if constexpr (std::is_signed_v<Number>) {
      writer_.Int64(*value);
    } else {
      writer_.Uint64(*value);
    }
  }

  void source(const StatusView& view) {
    key("source");
    writer_.StartObject();
    if (view.topics) return kafka(view);
    truth("reachable", view.source_error.empty());
    if (!view.source_error.empty()) text("error", view.source_error);
    text("wal_end", to_string(view.wal_end));
    key("slot");
    writer_.StartObject();
    text("name", view.slot_name);
    truth("exists", view.slot.exists);
    truth("active", view.slot.active);
    text("wal_status", view.slot.wal_status);
    text("invalidation_reason", view.slot.invalidation_reason);
    text("confirmed_flush_lsn", to_string(view.slot.confirmed_flush_lsn));
    number("retained_bytes", view.slot.retained_bytes);
    writer_.EndObject();
    writer_.EndObject();
  }

  void kafka(const StatusView& view) {
    text("kind", "kafka");
    truth("reachable", view.source_error.empty());
    if (!view.source_error.empty()) text("error", view.source_error);
    text("brokers", view.topics->brokers);
    text("cluster", view.topics->cluster);
    text("group", view.topics->group);
    optional("newest_change_micros", std::optional<std::int64_t>(view.progress.last_commit_micros));
    writer_.EndObject();
    key("topics");
    writer_.StartArray();
    for (const auto& topic : view.topics->topics) {
      writer_.StartObject();
      text("table", topic.table);
      text("topic", topic.name);
      truth("missing", topic.missing);
      key("partitions");
      writer_.StartArray();
      for (const auto& partition : topic.partitions) {
        writer_.StartObject();
        key("partition");
        writer_.Int(partition.number);
        optional("applied", partition.applied);
        optional("end", partition.end);
        optional("lag", partition.lag);
        if (view.topics->workers) text("worker", partition.worker);
        writer_.EndObject();
      }
      writer_.EndArray();
      writer_.EndObject();
    }
    writer_.EndArray();
    if (view.topics->workers) workers(*view.topics->workers);
  }

  void workers(const WorkersView& view) {
    key("workers");
    writer_.StartArray();
    for (const auto& worker : view.workers) {
      writer_.StartObject();
      text("worker", worker.name);
      number("partitions", worker.partitions);
      optional("lag", worker.lag);
      key("in_group");
      worker.in_group ? writer_.Bool(*worker.in_group) : writer_.Null();
      key("since_millis");
      writer_.Int64(worker.since_millis);
      writer_.EndObject();
    }
    writer_.EndArray();
  }

  void writer(const StatusView& view) {
    key("writer");
    if (!view.has_writer()) {
      writer_.Null();
      return;
    }
    writer_.StartObject();
    text("host", view.lease->host);
    key("pid");
    writer_.Int64(view.lease->pid);
    key("since_millis");
    writer_.Int64(view.lease->since_millis);
    number("epoch", view.lease->epoch);
    writer_.EndObject();
  }

  void pending(const StatusView& view) {
    key("pending_since");
    view.pending.since ? text_value(to_string(*view.pending.since)) : writer_.Null();
    key("building");
    writer_.StartArray();
    for (const std::string& name : view.pending.building) text_value(name);
    writer_.EndArray();
  }
  bool text_value(std::string_view value) {
    return writer_.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  }

  void journal(const StatusView& view) {
    key("journal");
    if (!view.journal) {
      writer_.Null();
      return;
    }
    writer_.StartObject();
    text("folder", view.journal->folder);
    number("bytes", view.journal->bytes);
    number("segments", view.journal->segments);
    text("from_lsn", to_string(view.journal->from));
    text("from_time", journal::time_text(view.journal->from_micros));
    text("to_lsn", to_string(view.journal->to));
    key("tables");
    writer_.StartObject();
    for (const auto& [name, since] : view.journal->tables) {
      key(name);
      writer_.StartObject();
      key("complete_since");
      since ? text_value(to_string(since->lsn)) : writer_.Null();
      key("complete_since_time");
      since ? text_value(journal::time_text(since->micros)) : writer_.Null();
      writer_.EndObject();
    }
    writer_.EndObject();
    writer_.EndObject();
  }

  void tables(const StatusView& view) {
    key("tables");
    writer_.StartArray();
    for (const auto& table : view.tables) {
      writer_.StartObject();
      text("table", table.name);
      text("state", table.state);
      number("rows", table.rows);
      number("estimated_rows", table.estimated_rows);
      if (!table.problem.empty()) text("problem", table.problem);
      writer_.EndObject();
    }
    writer_.EndArray();
  }

  void capture_topics(const StatusView& view) {
    key("kafka");
    writer_.StartObject();
    truth("reachable", view.kafka_error.empty());
    if (!view.kafka_error.empty()) text("error", view.kafka_error);
    key("topics");
    writer_.StartArray();
    for (const auto& topic : view.written) {
      writer_.StartObject();
      text("topic", topic.name);
      truth("exists", topic.exists);
      number("partitions", static_cast<std::uint64_t>(topic.partitions));
      number("records", topic.records);
      writer_.EndObject();
    }
    writer_.EndArray();
    writer_.EndObject();
    trouble(view);
  }

  void trouble(const StatusView& view) {
    key("trouble");
    if (view.trouble.message.empty()) {
      writer_.Null();
      return;
    }
    writer_.StartObject();
    text("message", view.trouble.message);
    text("remedy", view.trouble.remedy);
    key("since_millis");
    writer_.Int64(view.trouble.since_millis);
    writer_.EndObject();
  }

  // Of an apply, since its process began.
  void counts(const mongo::HealthView& health) {
    key("counts");
    writer_.StartObject();
    number("records", health.records);
    number("delivered_again", health.again);
    number("transactions_whole", health.joined);
    number("transaction_parts", health.parts);
    number("transactions_incomplete", health.incomplete);
    number("updated_millis", static_cast<std::uint64_t>(health.updated_millis));
    writer_.EndObject();
  }

  void collections(const StatusView& view) {
    key("collections");
    writer_.StartArray();
    std::uint64_t dead_letters = view.unassigned_dead_letters;
    for (const auto& collection : view.collections) {
      dead_letters += collection.dead_letters;
      writer_.StartObject();
      text("collection", collection.name);
      number("documents", collection.documents);
      number("dead_letters", collection.dead_letters);
      writer_.EndObject();
    }
    writer_.EndArray();
    number("unassigned_dead_letters", view.unassigned_dead_letters);
    number("dead_letters", dead_letters);
  }

  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_{buffer_};
};

}  // namespace

std::string status_json(const StatusView& view) { return JsonWriter().write(view); }

}  // namespace penstock::app
