#include "app/commands/status_view.h"

#include <fmt/format.h>

#include <algorithm>

namespace penstock::app {
namespace {

// A COMMIT record is smaller than this: a position further on was moved by a keep-alive.
constexpr std::uint64_t kLargestCommit = 8192;

std::string bytes_text(std::uint64_t bytes) {
  if (bytes < 10240) return fmt::format("{} bytes", bytes);
  if (bytes < 10485760) return fmt::format("{} KiB", bytes / 1024);
  return fmt::format("{} MiB", bytes / 1048576);
}

std::string line(const std::string& name, const std::string& value) {
  return fmt::format("{:<12} {}\n", name, value);
}

std::string lag_line(const StatusView& view) {
  if (view.topics) {
    const auto records = view.topics->lag();
    if (!records) return line("lag", "unknown");
    const auto seconds = view.lag_seconds();
    return line("lag",
                fmt::format("{} records{}", *records, seconds ? fmt::format(", {:.1f} s", *seconds) : ""));
  }
  if (!view.lag_bytes()) return line("lag", "unknown");
  return line("lag", fmt::format("{}, {:.1f} s", bytes_text(*view.lag_bytes()), *view.lag_seconds()));
}

std::string topic_lines(const TopicsView& topics) {
  std::string text;
  for (const auto& topic : topics.topics) {
    if (topic.missing) {
      text += line("topic",
                   fmt::format("{}: missing; {} counts as empty until it is there", topic.name, topic.table));
      continue;
    }
    if (topic.partitions.empty()) text += line("topic", topic.name + ": not begun");
    for (const auto& partition : topic.partitions) {
      const std::string applied =
          partition.applied ? fmt::format("applied up to {}", *partition.applied) : "not begun";
      const std::string end =
          partition.end ? fmt::format(", ends at {}, lag {}", *partition.end, *partition.lag) : "";
      const std::string worker = partition.worker.empty() ? "" : ", worker " + partition.worker;
      text +=
          line("topic", fmt::format("{}[{}]: {}{}{}", topic.name, partition.number, applied, end, worker));
    }
  }
  return text;
}

std::string worker_lines(const StatusView& view) {
  std::string text;
  if (view.topics->workers->workers.empty()) return line("workers", "none");
  for (const auto& worker : view.topics->workers->workers) {
    const double seconds = static_cast<double>(view.now_micros - worker.since_millis * 1000) / 1e6;
    text += line("worker",
                 fmt::format("{}: {}{}{}", worker.name,
                             worker.partitions == 0
                                 ? "stands by"
                                 : fmt::format("{} partitions for {:.0f} s", worker.partitions, seconds),
                             worker.lag && worker.partitions > 0 ? fmt::format(", lag {}", *worker.lag) : "",
                             worker.in_group.value_or(true) ? "" : ", gone from the group"));
  }
  return text;
}

std::string kafka_line(const StatusView& view) {
  const TopicsView& topics = *view.topics;
  std::string text =
      fmt::format("Kafka cluster {} at {}, group {}", topics.cluster.empty() ? "?" : topics.cluster,
                  topics.brokers.empty() ? "?" : topics.brokers, topics.group);
  if (!view.source_error.empty()) text += ": " + view.source_error;
  return line("source", text);
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

std::string table_line(const StatusView::Table& table) {
  if (!table.problem.empty()) return line("table", table.name + ": " + table.problem);
  if (table.state == "loaded") return line("table", table.name + ": loaded");
  return line("table", fmt::format("{}: {}, {} of about {} rows", table.name, table.state, table.rows,
                                   table.estimated_rows));
}

std::string kafka_lines(const StatusView& view) {
  std::string text;
  if (!view.kafka_error.empty()) text += line("kafka", "unknown, " + view.kafka_error);
  if (!view.trouble.message.empty())
    text += line("trouble",
                 fmt::format("for {:.0f} s: {}",
                             static_cast<double>(view.now_micros - view.trouble.since_millis * 1000) / 1e6,
                             view.trouble.message)) +
            line("", "-> " + view.trouble.remedy);
  for (const auto& topic : view.written)
    text += line("topic", topic.exists
                              ? fmt::format("{}: {} partition{}, about {} records", topic.name,
                                            topic.partitions, topic.partitions == 1 ? "" : "s", topic.records)
                              : topic.name + ": not there yet");
  return text;
}

// What an apply counted since it began, where there is more to say than that all went well.
std::string count_lines(const mongo::HealthView& health) {
  std::string text;
  if (health.joined + health.parts + health.incomplete > 0)
    text += line("transactions", fmt::format("{} applied whole, {} parts of larger ones, {} incomplete",
                                             health.joined, health.parts, health.incomplete));
  if (health.again > 0)
    text += line("redelivery", fmt::format("{} records were delivered again and left out", health.again));
  return text;
}

std::string writer_line(const StatusView& view) {
  const bool of_models = view.topics && view.topics->workers;
  if (of_models && !view.has_writer())
    return view.has_models ? line("read models", "written by nobody now") : "";
  if (!view.lease) return line("writer", "none");
  if (view.lease->released) return line("writer", "none; the last one ended in good order");
  if (view.lease->dead) return line("writer", fmt::format("none; process {} is dead", view.lease->pid));
  const double seconds = static_cast<double>(view.now_micros - view.lease->since_millis * 1000) / 1e6;
  return line(of_models ? "read models" : "writer",
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
  if (topics) {
    const auto records = topics->lag();
    if (records && *records == 0) return 0.0;
    if (!records || progress.last_commit_micros <= 0) return std::nullopt;
    return std::max(0.0, static_cast<double>(now_micros - progress.last_commit_micros) / 1e6);
  }
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

std::string status_text(const StatusView& view) {
  std::string text =
      line(view.is_capture ? "capture" : "pipeline", fmt::format("{}, {}", view.pipeline, view.phase));
  if (view.topics) {
    text += kafka_line(view);
  } else {
    text += line("position", view.position.through_lsn.is_set() ? to_string(view.position) : "none");
  }
  text += lag_line(view) + (view.topics ? topic_lines(*view.topics) : slot_line(view));
  if (view.topics && view.topics->workers) text += worker_lines(view);
  text += writer_line(view);
  if (view.rereads > 0) text += line("re-reads", fmt::format("{} rows wait to be read again", view.rereads));
  for (const std::string& name : view.pending.building)
    text += line("building", name + ": readers see the former documents, or none, until it is complete");
  if (view.pending.since && view.topics && view.pending.building.empty())
    text += line("pending", "documents that show changed rows are still being written");
  if (view.pending.since && !view.topics && view.pending.building.empty())
    text +=
        line("pending", fmt::format("documents that show what was committed at {} are still being written",
                                    to_string(*view.pending.since)));
  for (const auto& table : view.tables)
    text += view.topics ? line("table", table.name + ": " + table.state) : table_line(table);
  text += kafka_lines(view);
  if (view.topics) text += count_lines(view.health);
  for (const auto& collection : view.collections)
    text += line("collection", fmt::format("{}: {} documents{}", collection.name, collection.documents,
                                           collection.dead_letters > 0
                                               ? fmt::format(", {} dead letters in {}_dead_letters",
                                                             collection.dead_letters, collection.name)
                                               : ""));
  if (view.unassigned_dead_letters > 0)
    text += line("records", fmt::format("{} dead letters of no known collection in penstock_dead_letters",
                                        view.unassigned_dead_letters));
  if (view.journal) text += journal_lines(*view.journal);
  return text;
}

}  // namespace penstock::app
