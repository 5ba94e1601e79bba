// The durable state of a pipeline as documents of <db>.penstock_*: their shapes, to and from the model.
//   penstock_positions  {_id: "<pipeline>", kind: "stream", ...}, {_id: "<pipeline>/load-N", kind: "load",
//   ...}: lanes
//                       {_id: "<pipeline>/lease", kind: "lease", ...}: see lease.h
//   penstock_tables     {_id: {pipeline, table}, state, load_id, fingerprint, sweep, upper, estimated_rows,
//                        and while a resync is asked for: resync_at, resync_load (the load_id then)}
//   penstock_chunks     {_id: {pipeline, table, load_id, number}, from, to, rows}
//   penstock_rereads    {_id: {pipeline, table, key}, columns, since, and for dead letters: token}
//                        and of a worker: lane, origins [{lane, topic, partition, next, ...}]
//                        (worker/claims.h)
//   penstock_offsets    {_id: {pipeline, topic, partition}, next, last_millis, last_commit, lsn, topic_id}:
//   model/places.h
// LSNs are longs (the WAL never reaches 2^63) with a readable twin beside them.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "model/checkpoint.h"
#include "sink/mongo/bson.h"
#include "sink/mongo/reader.h"

namespace penstock::mongo {

std::string stream_lane_id(const std::string& pipeline);
std::string load_lane_id(const std::string& pipeline, std::size_t number);
std::string lease_id(const std::string& pipeline);

// What a lane's position document says.
struct LaneRecord {
  std::string id;
  std::uint64_t epoch = 0;
  std::uint64_t sequence = 0;  // groups committed, under all epochs
  Position position;           // stream lane
  SourceIdentity source;       // stream lane
  bool has_source = false;     // store_source() was called
  bool restart = false;        // a resync of the whole pipeline was asked for
  bool shared = false;         // stream lane: workers write the plain collections (worker/claims.h)
  std::string shared_slot;     // that they read from; empty: they have not begun
  std::string session;         // 16 bytes of the writer's lsid; may be empty
  std::int64_t updated_millis = 0;
  std::int64_t last_commit_micros = 0;  // of the newest source transaction applied; 0: none
  PendingDocuments pending;             // stream lane
};
LaneRecord lane_from(const Bson& document);
// The fields of `position`, for $set.
void put_position(Bson& set, const Position& position);
void put_pending(Bson& set, const PendingDocuments& pending);
void put_source(Bson& set, const SourceIdentity& source);
// Equality conditions on the stored position, for the compare-and-set.
void put_position_filter(Bson& filter, const Position& position);

const char* name_of(LoadState state);  // pending, loading, sweeping, loaded

Bson table_id(const std::string& pipeline, const std::string& table);
// An update that makes the stored table say what `table` says.
Bson table_update(const TableCheckpoint& table);
// A table whose resync was asked for and has not begun reads as kPending.
TableCheckpoint table_from(const Bson& document);

Bson chunk_document(const std::string& pipeline, const std::string& table, std::uint64_t load_id,
                    const DoneChunk& chunk);
DoneChunk chunk_from(const Bson& document);
// Matches the chunks of a table by index: all of them, or those of loads before `before_load`.
Bson chunk_filter(const std::string& pipeline, const std::string& table,
                  std::optional<std::uint64_t> before_load);

Bson place_id(const std::string& pipeline, const PartitionId& partition);
Bson place_document(const std::string& pipeline, const PartitionId& partition, const Place& place);
// Of a partition that workers share: no leg of one writer reads it.
Bson shared_place_id(const std::string& pipeline, const PartitionId& partition);
// Who owns a partition that engines write for whose tasks may run twice (worker/partition_sink.h).
std::string partition_owner(const std::string& pipeline, const PartitionId& partition);
Bson place_fields(const Place& place);
// Of a stored re-read: the lane that asked, and {lane, topic, partition, and the place's fields} of each of
// its partitions.
Bson origin_update(const std::string& lane, const Places& places);
Place place_fields_from(const Bson& document);
SharedPlaces::Share share_from(const Bson& document);
std::pair<PartitionId, Place> place_from(const Bson& document);

// Beside what the lease itself says of its holder.
Bson health_document(const HealthView& health);
HealthView health_from(const Bson& lease);

Bson reread_id(const std::string& pipeline, const Reread& reread);
// An update that stores the request, keeping the oldest `since` of equal ones.
Bson reread_update(const Reread& reread);
// Matches the stored request unless it was made anew, with another token, after this one was taken up.
Bson answered_filter(const std::string& pipeline, const Reread& reread);
Reread reread_from(const Bson& document);
// Reread::id: equal for equal requests.
std::string reread_handle(const std::string& table, const KeyText& key);

}  // namespace penstock::mongo
