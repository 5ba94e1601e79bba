#include "app/commands/status_view.h"

#include <fmt/format.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <string_view>

namespace penstock::app {
namespace {

// A COMMIT record is smaller than this: a position further on was moved by a keep-alive.
constexpr std::uint64_t kLargestCommit = 8192;

std::string bytes_text(std::uint64_t bytes) {
  if (bytes < 10240) return fmt::format("{} bytes", bytes);
  if (bytes < 10485760) return fmt::format("{} KiB", bytes / 1024);
  return fmt::format("{} MiB", bytes / 1048576);
}

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
    collections(view);
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
    writer_.EndObject();
  }

  void source(const StatusView& view) {
    key("source");
    writer_.StartObject();
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
      writer_.EndObject();
    }
    writer_.EndArray();
  }

  void collections(const StatusView& view) {
    key("collections");
    writer_.StartArray();
    std::uint64_t dead_letters = 0;
    for (const auto& collection : view.collections) {
      dead_letters += collection.dead_letters;
      writer_.StartObject();
      text("collection", collection.name);
      number("documents", collection.documents);
      number("dead_letters", collection.dead_letters);
      writer_.EndObject();
    }
    writer_.EndArray();
    number("dead_letters", dead_letters);
  }

  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_{buffer_};
};

std::string line(const std::string& name, const std::string& value) {
  return fmt::format("{:<12} {}\n", name, value);
}

std::string lag_line(const StatusView& view) {
  if (!view.lag_bytes()) return line("lag", "unknown");
  return line("lag", fmt::format("{}, {:.1f} s", bytes_text(*view.lag_bytes()), *view.lag_seconds()));
}

std::string slot_line(const StatusView& view) {
  if (!view.source_error.empty())
    return line("slot", fmt::format("{}: unknown, {}", view.slot_name, view.source_error));
  if (!view.slot.exists) return line("slot", view.slot_name + ": does not exist");
  std::string text = fmt::format(
      "{}: {}, {}, keeps {} of WAL", view.slot_name,
      view.slot.active ? fmt::format("read by process {}", view.slot.active_pid) : "not being read",
      view.slot.wal_status.empty() ? "no WAL yet" : view.slot.wal_status,
      bytes_text(view.slot.retained_bytes));
  if (!view.slot.invalidation_reason.empty()) text += ", invalidated: " + view.slot.invalidation_reason;
  return line("slot", text);
}

std::string writer_line(const StatusView& view) {
  if (!view.lease) return line("writer", "none");
  if (view.lease->released) return line("writer", "none; the last one ended in good order");
  if (view.lease->dead) return line("writer", fmt::format("none; process {} is dead", view.lease->pid));
  const double seconds = static_cast<double>(view.now_micros - view.lease->since_millis * 1000) / 1e6;
  return line("writer",
              fmt::format("process {} on {}, for {:.0f} s", view.lease->pid, view.lease->host, seconds));
}

std::string journal_lines(const JournalView& journal) {
  std::string text =
      line("journal", fmt::format("{}: {} in {} segments, from {} ({}) to {}", journal.folder,
                                  bytes_text(journal.bytes), journal.segments, to_string(journal.from),
                                  journal::time_text(journal.from_micros), to_string(journal.to)));
  for (const auto& [table, since] : journal.tables)
    text += line(
        "", since ? fmt::format("{}: complete since {} ({})", table, to_string(since->lsn),
                                journal::time_text(since->micros))
                  : table + ": not complete; it will be once the table is loaded anew (penstock resync)");
  return text;
}

}  // namespace

std::optional<std::uint64_t> StatusView::lag_bytes() const {
  if (!position.through_lsn.is_set() || !wal_end.is_set()) return std::nullopt;
  return includes(position.through_lsn, wal_end) ? 0 : wal_end.value - position.through_lsn.value;
}

std::optional<double> StatusView::lag_seconds() const {
  const auto bytes = lag_bytes();
  if (!bytes) return std::nullopt;
  if (*bytes == 0) return 0.0;
  const bool moved_by_commit = position.inside_transaction() ||
                               position.through_lsn.value - position.commit_lsn.value < kLargestCommit;
  const std::int64_t since = moved_by_commit && progress.last_commit_micros > 0
                                 ? progress.last_commit_micros
                                 : progress.updated_millis * 1000;
  return std::max(0.0, static_cast<double>(now_micros - since) / 1e6);
}

std::string status_json(const StatusView& view) { return JsonWriter().write(view); }

std::string status_text(const StatusView& view) {
  std::string text = line("pipeline", fmt::format("{}, {}", view.pipeline, view.phase));
  text += line("position", view.position.through_lsn.is_set() ? to_string(view.position) : "none");
  text += lag_line(view) + slot_line(view) + writer_line(view);
  if (view.rereads > 0) text += line("re-reads", fmt::format("{} rows wait to be read again", view.rereads));
  for (const std::string& name : view.pending.building)
    text += line("building", name + ": readers see the former documents, or none, until it is complete");
  if (view.pending.since && view.pending.building.empty())
    text +=
        line("pending", fmt::format("documents that show what was committed at {} are still being written",
                                    to_string(*view.pending.since)));
  for (const auto& table : view.tables)
    text +=
        line("table", table.state == "loaded" ? table.name + ": loaded"
                                              : fmt::format("{}: {}, {} of about {} rows", table.name,
                                                            table.state, table.rows, table.estimated_rows));
  for (const auto& collection : view.collections)
    text += line("collection", fmt::format("{}: {} documents{}", collection.name, collection.documents,
                                           collection.dead_letters > 0
                                               ? fmt::format(", {} dead letters in {}_dead_letters",
                                                             collection.dead_letters, collection.name)
                                               : ""));
  if (view.journal) text += journal_lines(*view.journal);
  return text;
}

}  // namespace penstock::app
