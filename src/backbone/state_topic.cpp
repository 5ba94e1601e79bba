#include "backbone/state_topic.h"

#include <fmt/format.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <simdjson.h>

#include <charconv>

namespace penstock::backbone {
namespace {

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;
using Object = simdjson::dom::element;

constexpr std::string_view kTable = "table ";
constexpr std::string_view kChunk = "chunk ";
constexpr std::string_view kResync = "resync ";

tl::unexpected<Error> stranger(std::string_view key) {
  return fail(ErrorKind::kDivergence,
              "the state topic holds a record with the key \"" + std::string(key) + "\"",
              "let nobody else write to it; give the capture another name where two share one");
}

void put(Writer& writer, const char* name, const std::string& text) {
  writer.Key(name);
  writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void put(Writer& writer, const char* name, std::uint64_t number) {
  writer.Key(name);
  writer.Uint64(number);
}

void put(Writer& writer, const char* name, const KeyText& key) {
  writer.Key(name);
  writer.StartArray();
  for (const std::string& text : key)
    writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  writer.EndArray();
}

template <class Fill>
Record record_of(const std::string& topic, std::string key, Fill fill) {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  writer.StartObject();
  fill(writer);
  writer.EndObject();
  Record record;
  record.topic = topic;
  record.partition = 0;
  record.key = std::move(key);
  record.value = std::string(buffer.GetString(), buffer.GetSize());
  return record;
}

std::uint64_t number_at(const Object& object, const char* name) {
  std::uint64_t number = 0;
  return object[name].get(number) == simdjson::SUCCESS ? number : 0;
}

std::string text_at(const Object& object, const char* name) {
  std::string_view text;
  return object[name].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

std::optional<KeyText> key_at(const Object& object, const char* name) {
  simdjson::dom::array items;
  if (object[name].get(items) != simdjson::SUCCESS) return std::nullopt;
  KeyText key;
  for (const auto item : items) {
    std::string_view text;
    if (item.get(text) != simdjson::SUCCESS) return std::nullopt;
    key.emplace_back(text);
  }
  return key;
}

std::string chunk_key(const std::string& table, std::uint64_t load_id, std::uint64_t number) {
  return fmt::format("chunk {} {} {}", load_id, number, table);
}

// "chunk LOAD NUMBER NAME": the name is last, it may hold blanks.
struct ChunkKey {
  std::uint64_t load_id = 0;
  std::uint64_t number = 0;
  std::string table;
};

std::optional<ChunkKey> parse_chunk_key(std::string_view key) {
  ChunkKey parsed;
  for (std::uint64_t* number : {&parsed.load_id, &parsed.number}) {
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), *number);
    if (error != std::errc{} || end == key.data() + key.size() || *end != ' ') return std::nullopt;
    key.remove_prefix(static_cast<std::size_t>(end - key.data()) + 1);
  }
  parsed.table = key;
  return parsed;
}

Position position_of(const Object& object) {
  return {Lsn{number_at(object, "commit_lsn")}, number_at(object, "ordinal"),
          Lsn{number_at(object, "through_lsn")}};
}

SourceIdentity source_of(const Object& object) {
  SourceIdentity source;
  source.system_identifier = number_at(object, "system_identifier");
  source.timeline = static_cast<std::uint32_t>(number_at(object, "timeline"));
  source.slot = text_at(object, "slot");
  source.publication = text_at(object, "publication");
  return source;
}

TransactionMonitor::Open open_of(const Object& object) {
  TransactionMonitor::Open open;
  open.transaction = static_cast<std::uint32_t>(number_at(object, "transaction"));
  open.lsn = Lsn{number_at(object, "lsn")};
  simdjson::dom::object events;
  if (object["events"].get(events) != simdjson::SUCCESS) return open;
  for (const auto field : events) {
    std::uint64_t count = 0;
    if (field.value.get(count) == simdjson::SUCCESS) open.events[std::string(field.key)] = count;
  }
  return open;
}

WriterView writer_of(const Object& object) {
  WriterView writer;
  writer.run = text_at(object, "run");
  writer.host = text_at(object, "host");
  writer.pid = static_cast<std::int64_t>(number_at(object, "pid"));
  writer.since_millis = static_cast<std::int64_t>(number_at(object, "since_millis"));
  writer.ended = number_at(object, "ended") != 0;
  return writer;
}

WrittenBefore written_of(const Object& object) {
  WrittenBefore written;
  written.transaction = static_cast<std::uint32_t>(number_at(object, "transaction"));
  written.lsn = Lsn{number_at(object, "lsn")};
  std::uint64_t rows = 0;
  if (object["rows"].get(rows) == simdjson::SUCCESS) written.rows = rows;
  written.message = number_at(object, "message") != 0;
  const KeyText tables = key_at(object, "tables").value_or(KeyText{});
  written.tables.insert(tables.begin(), tables.end());
  return written;
}

TableCheckpoint table_of(const Object& object, std::string name) {
  TableCheckpoint table;
  table.table = std::move(name);
  table.state = static_cast<LoadState>(number_at(object, "state"));
  table.load_id = number_at(object, "load_id");
  table.fingerprint = text_at(object, "fingerprint");
  table.sweep = number_at(object, "sweep") != 0;
  table.upper = key_at(object, "upper");
  table.estimated_rows = number_at(object, "estimated_rows");
  table.problem = text_at(object, "problem");
  return table;
}

}  // namespace

Record position_record(const std::string& topic, const Position& position, const PositionTimes& times,
                       const std::set<std::string>& loading) {
  return record_of(topic, "position", [&](Writer& writer) {
    put(writer, "commit_lsn", position.commit_lsn.value);
    put(writer, "ordinal", position.ordinal);
    put(writer, "through_lsn", position.through_lsn.value);
    put(writer, "last_commit_micros", static_cast<std::uint64_t>(times.last_commit_micros));
    put(writer, "updated_millis", static_cast<std::uint64_t>(times.updated_millis));
    if (!loading.empty()) put(writer, "loading", KeyText(loading.begin(), loading.end()));
  });
}

Record source_record(const std::string& topic, const SourceIdentity& source) {
  return record_of(topic, "source", [&](Writer& writer) {
    put(writer, "system_identifier", source.system_identifier);
    put(writer, "timeline", std::uint64_t{source.timeline});
    put(writer, "slot", source.slot);
    put(writer, "publication", source.publication);
  });
}

Record table_record(const std::string& topic, const TableCheckpoint& table, Lsn begun) {
  return record_of(topic, "table " + table.table, [&](Writer& writer) {
    put(writer, "state", static_cast<std::uint64_t>(table.state));
    put(writer, "load_id", table.load_id);
    put(writer, "fingerprint", table.fingerprint);
    put(writer, "sweep", std::uint64_t{table.sweep ? 1U : 0U});
    if (table.upper) put(writer, "upper", *table.upper);
    put(writer, "estimated_rows", table.estimated_rows);
    if (!table.problem.empty()) put(writer, "problem", table.problem);
    if (begun.is_set()) put(writer, "begun", begun.value);
  });
}

Record chunk_record(const std::string& topic, const std::string& table, std::uint64_t load_id,
                    const DoneChunk& chunk) {
  return record_of(topic, chunk_key(table, load_id, chunk.number), [&](Writer& writer) {
    if (chunk.from) put(writer, "from", *chunk.from);
    put(writer, "to", chunk.to);
    put(writer, "rows", chunk.rows);
  });
}

Record no_chunk_record(const std::string& topic, const std::string& table, std::uint64_t load_id,
                       std::uint64_t number) {
  Record record;
  record.topic = topic;
  record.partition = 0;
  record.key = chunk_key(table, load_id, number);
  return record;
}

Record writer_record(const std::string& topic, const WriterView& view) {
  return record_of(topic, "writer", [&](Writer& writer) {
    put(writer, "run", view.run);
    put(writer, "host", view.host);
    put(writer, "pid", static_cast<std::uint64_t>(view.pid));
    put(writer, "since_millis", static_cast<std::uint64_t>(view.since_millis));
    put(writer, "ended", std::uint64_t{view.ended ? 1U : 0U});
  });
}

Record transaction_record(const std::string& topic, const TransactionMonitor::Open& open) {
  Record record = record_of(topic, "transaction", [&](Writer& writer) {
    put(writer, "transaction", std::uint64_t{open.transaction});
    put(writer, "lsn", open.lsn.value);
    writer.Key("events");
    writer.StartObject();
    for (const auto& [table, count] : open.events) put(writer, table.c_str(), count);
    writer.EndObject();
  });
  if (open.transaction == 0) record.value.reset();
  return record;
}

Record written_record(const std::string& topic, const WrittenBefore& written) {
  return record_of(topic, "written", [&](Writer& writer) {
    put(writer, "transaction", std::uint64_t{written.transaction});
    put(writer, "lsn", written.lsn.value);
    if (written.rows) put(writer, "rows", *written.rows);
    put(writer, "message", std::uint64_t{written.message ? 1U : 0U});
    put(writer, "tables", KeyText(written.tables.begin(), written.tables.end()));
  });
}

Record trouble_record(const std::string& topic, const Trouble& trouble) {
  Record record = record_of(topic, "trouble", [&](Writer& writer) {
    put(writer, "message", trouble.message);
    put(writer, "remedy", trouble.remedy);
    put(writer, "since_millis", static_cast<std::uint64_t>(trouble.since_millis));
  });
  if (!trouble.exists()) record.value.reset();
  return record;
}

Record restart_record(const std::string& topic, bool wanted) {
  Record record = record_of(topic, "restart", [](Writer&) {});
  if (!wanted) record.value.reset();
  return record;
}

Record resync_record(const std::string& topic, const std::string& table,
                     const std::optional<std::string>& id) {
  Record record = record_of(topic, "resync " + table, [&](Writer& writer) {
    if (id) put(writer, "id", *id);
  });
  if (!id) record.value.reset();
  return record;
}

Status StateReader::forget(std::string_view key) {
  if (key.starts_with(kChunk)) {
    const auto chunk = parse_chunk_key(key.substr(kChunk.size()));
    if (!chunk) return stranger(key);
    chunks_[chunk->table].erase({chunk->load_id, chunk->number});
  } else if (key.starts_with(kResync)) {
    state_.resyncs.erase(std::string(key.substr(kResync.size())));
  } else if (key == "restart") {
    state_.checkpoint.restart = false;
  } else if (key == "transaction") {
    state_.open = {};
  } else if (key == "trouble") {
    state_.trouble = {};
  }
  return {};
}

Status StateReader::take(std::string_view key, std::optional<std::string_view> value) {
  if (!value) return forget(key);
  simdjson::dom::parser parser;
  Object object;
  if (parser.parse(value->data(), value->size()).get(object) != simdjson::SUCCESS) return stranger(key);
  if (key.starts_with(kChunk)) {
    const auto chunk = parse_chunk_key(key.substr(kChunk.size()));
    if (!chunk) return stranger(key);
    chunks_[chunk->table][{chunk->load_id, chunk->number}] = {chunk->number, key_at(object, "from"),
                                                              key_at(object, "to").value_or(KeyText{}),
                                                              number_at(object, "rows")};
  } else if (key.starts_with(kTable)) {
    const std::string name(key.substr(kTable.size()));
    state_.checkpoint.tables[name] = table_of(object, name);
    state_.loads_begun.erase(name);
    if (const Lsn begun{number_at(object, "begun")}; begun.is_set()) state_.loads_begun[name] = begun;
  } else if (key.starts_with(kResync)) {
    state_.resyncs[std::string(key.substr(kResync.size()))] = text_at(object, "id");
  } else if (key == "position") {
    state_.checkpoint.position = position_of(object);
    state_.times = {static_cast<std::int64_t>(number_at(object, "last_commit_micros")),
                    static_cast<std::int64_t>(number_at(object, "updated_millis"))};
    const KeyText loading = key_at(object, "loading").value_or(KeyText{});
    state_.loading = {loading.begin(), loading.end()};
    state_.checkpoint.exists = true;
  } else if (key == "restart") {
    state_.checkpoint.restart = true;
  } else if (key == "written") {
    state_.checkpoint.written = written_of(object);
  } else if (key == "writer") {
    state_.writer = writer_of(object);
  } else if (key == "trouble") {
    state_.trouble = {text_at(object, "message"), text_at(object, "remedy"),
                      static_cast<std::int64_t>(number_at(object, "since_millis"))};
  } else if (key == "transaction") {
    state_.open = open_of(object);
  } else if (key == "source") {
    state_.checkpoint.source = source_of(object);
  } else {
    return stranger(key);
  }
  return {};
}

CaptureState StateReader::state() const {
  CaptureState state = state_;
  for (const auto& [name, chunks] : chunks_)
    for (const auto& [number, chunk] : chunks) state.chunks[name].insert(number);
  for (auto& [name, table] : state.checkpoint.tables) {
    const auto chunks = chunks_.find(name);
    if (chunks == chunks_.end() || table.state == LoadState::kLoaded) continue;
    for (const auto& [number, chunk] : chunks->second) {
      if (number.first == table.load_id) table.done.push_back(chunk);
    }
  }
  return state;
}

}  // namespace penstock::backbone
