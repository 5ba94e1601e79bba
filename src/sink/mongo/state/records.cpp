#include "sink/mongo/state/records.h"

#include <array>
#include <cstdlib>

namespace penstock::mongo {
namespace {

constexpr std::array<const char*, 4> kLoadStates = {"pending", "loading", "sweeping", "loaded"};

LoadState load_state_from(const std::string& name) {
  for (std::size_t i = 0; i < kLoadStates.size(); ++i) {
    if (name == kLoadStates[i]) return static_cast<LoadState>(i);
  }
  return LoadState::kPending;  // the safe reading of what nobody wrote: load again
}

}  // namespace

std::string stream_lane_id(const std::string& pipeline) { return pipeline; }
std::string load_lane_id(const std::string& pipeline, std::size_t number) {
  return pipeline + "/load-" + std::to_string(number);
}
std::string lease_id(const std::string& pipeline) { return pipeline + "/lease"; }

LaneRecord lane_from(const Bson& document) {
  const _bson_t* from = document.get();
  LaneRecord lane;
  lane.id = text_at(from, "_id").value_or("");
  lane.epoch = unsigned_at(from, "epoch");
  lane.sequence = unsigned_at(from, "sequence");
  lane.position.commit_lsn = Lsn{unsigned_at(from, "commit_lsn")};
  lane.position.ordinal = unsigned_at(from, "ordinal");
  lane.position.through_lsn = Lsn{unsigned_at(from, "through_lsn")};
  lane.has_source = has(from, "system_identifier");
  lane.restart = bool_at(from, "restart");
  lane.shared = bool_at(from, "shared");
  lane.shared_slot = text_at(from, "shared_slot").value_or("");
  // An unsigned 64-bit number: kept as text.
  lane.source.system_identifier =
      std::strtoull(text_at(from, "system_identifier").value_or("0").c_str(), nullptr, 10);
  lane.source.timeline = static_cast<std::uint32_t>(unsigned_at(from, "timeline"));
  lane.source.slot = text_at(from, "slot").value_or("");
  lane.source.publication = text_at(from, "publication").value_or("");
  lane.session = binary_at(from, "session").value_or("");
  lane.updated_millis = date_at(from, "updated_at").value_or(0);
  lane.last_commit_micros = long_at(from, "last_commit_micros").value_or(0);
  if (const auto since = long_at(from, "pending_since"))
    lane.pending.since = Lsn{static_cast<std::uint64_t>(*since)};
  lane.pending.building = texts_at(from, "building").value_or(std::vector<std::string>{});
  return lane;
}

void put_position(Bson& set, const Position& position) {
  set.put_unsigned("commit_lsn", position.commit_lsn.value);
  set.put_unsigned("ordinal", position.ordinal);
  set.put_unsigned("through_lsn", position.through_lsn.value);
  set.put_text("commit", to_string(position.commit_lsn));
  set.put_text("through", to_string(position.through_lsn));
}

void put_pending(Bson& set, const PendingDocuments& pending) {
  if (pending.since) {
    set.put_unsigned("pending_since", pending.since->value);
  } else {
    set.put_null("pending_since");
  }
  set.put_texts("building", pending.building);
}

void put_source(Bson& set, const SourceIdentity& source) {
  set.put_text("system_identifier", std::to_string(source.system_identifier));
  set.put_long("timeline", source.timeline);
  set.put_text("slot", source.slot);
  set.put_text("publication", source.publication);
}

void put_position_filter(Bson& filter, const Position& position) {
  filter.put_unsigned("commit_lsn", position.commit_lsn.value);
  filter.put_unsigned("ordinal", position.ordinal);
  filter.put_unsigned("through_lsn", position.through_lsn.value);
}

const char* name_of(LoadState state) { return kLoadStates[static_cast<std::size_t>(state)]; }

Bson table_id(const std::string& pipeline, const std::string& table) {
  return std::move(Bson().put_text("pipeline", pipeline).put_text("table", table));
}

Bson table_update(const TableCheckpoint& table) {
  Bson document;
  document.put_text("state", name_of(table.state)).put_unsigned("load_id", table.load_id);
  document.put_text("fingerprint", table.fingerprint).put_bool("sweep", table.sweep);
  if (table.upper) document.put_texts("upper", *table.upper);
  document.put_unsigned("estimated_rows", table.estimated_rows).put_now("updated_at");
  Bson update;
  update.put("$set", document);
  if (!table.upper) update.put("$unset", Bson().put_bool("upper", true));
  return update;
}

TableCheckpoint table_from(const Bson& document) {
  const _bson_t* from = document.get();
  TableCheckpoint table;
  table.table = text_at(from, "_id.table").value_or("");
  table.state = load_state_from(text_at(from, "state").value_or(""));
  if (has(from, "resync_at")) table.state = LoadState::kPending;
  table.load_id = unsigned_at(from, "load_id");
  table.fingerprint = text_at(from, "fingerprint").value_or("");
  table.sweep = bool_at(from, "sweep");
  table.upper = texts_at(from, "upper");
  table.estimated_rows = unsigned_at(from, "estimated_rows");
  return table;
}

Bson chunk_document(const std::string& pipeline, const std::string& table, std::uint64_t load_id,
                    const DoneChunk& chunk) {
  Bson id = table_id(pipeline, table);
  id.put_unsigned("load_id", load_id).put_unsigned("number", chunk.number);
  Bson document;
  document.put("_id", id);
  if (chunk.from) document.put_texts("from", *chunk.from);
  document.put_texts("to", chunk.to).put_unsigned("rows", chunk.rows);
  return document;
}

DoneChunk chunk_from(const Bson& document) {
  DoneChunk chunk;
  chunk.number = unsigned_at(document.get(), "_id.number");
  chunk.from = texts_at(document.get(), "from");
  chunk.to = texts_at(document.get(), "to").value_or(KeyText{});
  chunk.rows = unsigned_at(document.get(), "rows");
  return chunk;
}

Bson chunk_filter(const std::string& pipeline, const std::string& table,
                  std::optional<std::uint64_t> before_load) {
  Bson least = table_id(pipeline, table);
  least.put_min_key("load_id");
  Bson most = table_id(pipeline, table);
  if (before_load) {
    most.put_unsigned("load_id", *before_load).put_min_key("number");
  } else {
    most.put_max_key("load_id");
  }
  return std::move(Bson().put("_id", Bson().put("$gte", least).put("$lt", most)));
}

Bson place_id(const std::string& pipeline, const PartitionId& partition) {
  Bson id;
  id.put_text("pipeline", pipeline).put_text("topic", partition.topic).put_int("partition", partition.number);
  return id;
}

Bson place_document(const std::string& pipeline, const PartitionId& partition, const Place& place) {
  Bson document;
  document.put("_id", place_id(pipeline, partition)).append(place_fields(place));
  return document;
}

Bson shared_place_id(const std::string& pipeline, const PartitionId& partition) {
  return std::move(place_id(pipeline, partition).put_bool("shared", true));
}

std::string partition_owner(const std::string& pipeline, const PartitionId& partition) {
  return pipeline + "/spark " + to_string(partition);
}

Bson place_fields(const Place& place) {
  Bson fields;
  fields.put_long("next", place.next).put_long("last_millis", place.last_millis);
  fields.put_unsigned("last_commit", place.last_commit.value).put_unsigned("lsn", place.lsn.value);
  if (place.topic.is_set()) fields.put_text("topic_id", to_string(place.topic));
  return fields;
}

Bson origin_update(const std::string& lane, const Places& places) {
  BsonList origins;
  for (const auto& [partition, place] : places) {
    Bson origin;
    origin.put_text("lane", lane).put_text("topic", partition.topic).put_int("partition", partition.number);
    origins.add(origin.append(place_fields(place)));
  }
  Bson update;
  update.put("$set", Bson().put_text("lane", lane));
  update.put("$push", Bson().put("origins", Bson().put_array("$each", origins.elements())));
  return update;
}

Place place_fields_from(const Bson& document) {
  const _bson_t* from = document.get();
  Place place;
  place.next = long_at(from, "next").value_or(0);
  place.last_millis = long_at(from, "last_millis").value_or(-1);
  place.last_commit = Lsn{unsigned_at(from, "last_commit")};
  place.lsn = Lsn{unsigned_at(from, "lsn")};
  place.topic = parse_topic_id(text_at(from, "topic_id").value_or(""));
  return place;
}

SharedPlaces::Share share_from(const Bson& document) {
  SharedPlaces::Share share;
  if (has(document.get(), "next")) share.place = place_fields_from(document);
  share.worker = text_at(document.get(), "worker").value_or("");
  share.settled = long_at(document.get(), "settled");
  share.since_millis = date_at(document.get(), "taken_over_at").value_or(0);
  return share;
}

std::pair<PartitionId, Place> place_from(const Bson& document) {
  const _bson_t* from = document.get();
  PartitionId partition{text_at(from, "_id.topic").value_or(""),
                        static_cast<std::int32_t>(long_at(from, "_id.partition").value_or(0))};
  return {std::move(partition), place_fields_from(document)};
}

Bson health_document(const HealthView& health) {
  Bson document;
  document.put_now("at").put_unsigned("records", health.records).put_unsigned("again", health.again);
  document.put_unsigned("joined", health.joined).put_unsigned("parts", health.parts);
  document.put_unsigned("incomplete", health.incomplete);
  if (health.trouble.empty()) return document;
  document.put_text("trouble", health.trouble).put_text("remedy", health.remedy);
  document.put_date("trouble_since", health.trouble_millis);
  return document;
}

HealthView health_from(const Bson& lease) {
  const _bson_t* from = lease.get();
  HealthView health;
  health.updated_millis = date_at(from, "health.at").value_or(0);
  health.records = unsigned_at(from, "health.records");
  health.again = unsigned_at(from, "health.again");
  health.joined = unsigned_at(from, "health.joined");
  health.parts = unsigned_at(from, "health.parts");
  health.incomplete = unsigned_at(from, "health.incomplete");
  health.trouble = text_at(from, "health.trouble").value_or("");
  health.remedy = text_at(from, "health.remedy").value_or("");
  health.trouble_millis = date_at(from, "health.trouble_since").value_or(0);
  return health;
}

Bson reread_id(const std::string& pipeline, const Reread& reread) {
  return std::move(table_id(pipeline, reread.table).put_texts("key", reread.key));
}

Bson reread_update(const Reread& reread) {
  Bson update;
  Bson set;
  set.put_texts("columns", reread.columns);
  if (!reread.token.empty()) set.put_text("token", reread.token);
  update.put("$set", set);
  update.put("$min", Bson().put_unsigned("since", reread.since.value));
  return update;
}

Bson answered_filter(const std::string& pipeline, const Reread& reread) {
  Bson filter;
  filter.put("_id", reread_id(pipeline, reread));
  reread.token.empty() ? filter.put_null("token") : filter.put_text("token", reread.token);
  return filter;
}

Reread reread_from(const Bson& document) {
  Reread reread;
  reread.table = text_at(document.get(), "_id.table").value_or("");
  reread.key = texts_at(document.get(), "_id.key").value_or(KeyText{});
  reread.columns = texts_at(document.get(), "columns").value_or(std::vector<std::string>{});
  reread.since = Lsn{unsigned_at(document.get(), "since")};
  reread.token = text_at(document.get(), "token").value_or("");
  reread.id = reread_handle(reread.table, reread.key);
  return reread;
}

std::string reread_handle(const std::string& table, const KeyText& key) {
  std::string handle = table;
  for (const std::string& part : key) handle += '/' + std::to_string(part.size()) + ':' + part;
  return handle;
}

}  // namespace penstock::mongo
