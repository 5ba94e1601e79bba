#include "app/verify/repair.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <set>

#include "app/commands/writer.h"
#include "app/verify/collection_shapes.h"
#include "base/log.h"
#include "base/retry.h"
#include "pgtype/decoder.h"
#include "sink/mongo/encode/document_encoder.h"
#include "sink/mongo/reader.h"
#include "source/postgres/catalog.h"

namespace penstock::app {
namespace {

using Clock = std::chrono::steady_clock;
using mongo::Difference;
using mongo::DifferenceKind;
constexpr std::chrono::seconds kSayEvery{10};
constexpr std::chrono::milliseconds kPoll{250};

// Tells `_id`s that a row's key could give from those of other programs: reading those by key would fail.
class RowKeys {
 public:
  static Result<RowKeys> open(const Settings& settings) {
    PENSTOCK_ASSIGN(auto connection, postgres::Connection::open(settings.source.postgres));
    return RowKeys(settings, std::move(connection));
  }

  Result<bool> gives(const Difference& difference) {
    if (!difference.repair) return false;
    PENSTOCK_ASSIGN(const Collection* collection, collection_of(difference.collection));
    Arena arena;
    std::vector<Value> id;
    for (std::size_t i = 0; i < difference.repair->key.size(); ++i) {
      auto value = collection->decoders[i]->decode(difference.repair->key[i], arena);
      if (!value) return false;
      id.push_back(*value);
    }
    mongo::EncodeCounts counts;
    const auto encoded = mongo::encode_id(collection->shape, id.data(), counts);
    return encoded && encoded->key == difference.key;
  }

 private:
  struct Collection {
    DocumentShape shape;
    std::vector<std::shared_ptr<const pgtype::Decoder>> decoders;
  };

  RowKeys(const Settings& settings, postgres::Connection connection)
      : settings_(settings), connection_(std::make_unique<postgres::Connection>(std::move(connection))) {}

  Result<const Collection*> collection_of(const std::string& name) {
    const auto known = collections_.find(name);
    if (known != collections_.end()) return &known->second;
    const auto found = std::find_if(settings_.collections.begin(), settings_.collections.end(),
                                    [&](const auto& one) { return one.spec.name == name; });
    if (found == settings_.collections.end())
      return fail(ErrorKind::kInternal, "no collection is called " + name);
    const CollectionSpec& spec = found->spec;
    PENSTOCK_ASSIGN(const auto table, postgres::describe_table(*connection_, spec.from,
                                                               settings_.source.publication, spec.key));
    Collection made;
    PENSTOCK_ASSIGN(made.shape, outline(spec, *table.schema));
    pgtype::TypeCatalog types = postgres::type_catalog(*connection_);
    for (const std::string& column : made.shape.id_columns) {
      const auto index = table.schema->find(column);
      if (!index) return fail(ErrorKind::kInternal, "no column is called " + column);
      PENSTOCK_ASSIGN(auto decoder, pgtype::decoder_for(table.schema->columns[*index].type_oid, types));
      made.decoders.push_back(std::move(decoder));
    }
    return &collections_.emplace(name, std::move(made)).first->second;
  }

  const Settings& settings_;
  std::unique_ptr<postgres::Connection> connection_;
  std::map<std::string, Collection> collections_;
};

const CollectionSpec* spec_of(const Settings& settings, const std::string& name) {
  for (const auto& collection : settings.collections)
    if (collection.spec.name == name) return &collection.spec;
  return nullptr;
}

// What is still to be done.
struct Left {
  std::size_t rows = 0;
  std::size_t collections = 0;
};

Result<Left> look(mongo::Reader& reader, const std::set<std::string>& rows, const RepairPlan& plan) {
  Left left;
  // The requests first: what is taken up is among those being built before it is off the list.
  PENSTOCK_ASSIGN(const auto requests, reader.rebuild_requests());
  PENSTOCK_ASSIGN(const Checkpoint checkpoint, reader.read_checkpoint());
  for (const Reread& reread : checkpoint.rereads) left.rows += rows.contains(reread.id) ? 1 : 0;
  for (const std::string& name : plan.rebuilds) {
    const auto among = [&](const std::vector<std::string>& names) {
      return std::find(names.begin(), names.end(), name) != names.end();
    };
    left.collections += among(requests) || among(checkpoint.pending.building) ? 1 : 0;
  }
  return left;
}

}  // namespace

std::vector<std::string> RepairPlan::collections() const { return collections_; }

Result<RepairPlan> plan_repair(const Settings& settings, const VerifyReport& report) {
  RepairPlan plan;
  PENSTOCK_ASSIGN(RowKeys keys, RowKeys::open(settings));
  std::set<std::string> rebuilds;
  std::set<std::string> changing;
  std::map<std::string, std::uint64_t> remembered;
  for (const Difference& difference : report.differences) {
    ++remembered[difference.collection];
    const CollectionSpec* spec = spec_of(settings, difference.collection);
    if (spec == nullptr || rebuilds.contains(difference.collection)) continue;
    bool by_row = difference.repair.has_value();
    if (by_row && difference.kind == DifferenceKind::kExtra) {
      PENSTOCK_ASSIGN(by_row, keys.gives(difference));
    }
    if (by_row) {
      plan.rows.push_back(*difference.repair);
      changing.insert(difference.collection);
    } else if (spec->is_summary()) {
      rebuilds.insert(difference.collection);
    } else {
      plan.by_hand.push_back(&difference);
    }
  }
  for (const mongo::CollectionResult& one : report.collections)
    if (one.missing + one.extra + one.differing > remembered[one.collection])
      plan.too_many.push_back(one.collection);
  changing.insert(rebuilds.begin(), rebuilds.end());
  plan.rebuilds.assign(rebuilds.begin(), rebuilds.end());
  plan.collections_.assign(changing.begin(), changing.end());
  return plan;
}

Result<bool> repair(const Settings& settings, const RepairPlan& plan, std::stop_token stop) {
  PENSTOCK_ASSIGN(const auto reader,
                  mongo::Reader::open(settings.sink.mongodb, settings.sink.database, settings.pipeline));
  if (!plan.rows.empty()) PENSTOCK_TRY(reader->request_repair(plan.rows));
  for (const std::string& collection : plan.rebuilds) PENSTOCK_TRY(reader->request_rebuild(collection));
  PENSTOCK_ASSIGN(const auto writer, find_writer(*reader));
  if (!writer) return false;
  log::info("process {} on {} repairs {} documents{}", writer->pid, writer->host, plan.rows.size(),
            plan.rebuilds.empty() ? std::string()
                                  : fmt::format(" and builds {} anew", fmt::join(plan.rebuilds, ", ")));
  std::set<std::string> rows;
  for (const Reread& row : plan.rows) rows.insert(row.id);
  auto say_at = Clock::now() + kSayEvery;
  for (;;) {
    PENSTOCK_ASSIGN(const Left left, look(*reader, rows, plan));
    if (left.rows + left.collections == 0) return true;
    if (Clock::now() >= say_at) {
      log::info("waiting: {} rows are to be read again, {} collections to be built", left.rows,
                left.collections);
      PENSTOCK_ASSIGN(const auto still, find_writer(*reader));
      if (!still) return false;
      say_at = Clock::now() + kSayEvery;
    }
    if (!sleep_unless_stopped(stop, kPoll))
      return fail(ErrorKind::kCheckFailed, "stopped while waiting for the repair, which goes on");
  }
}

}  // namespace penstock::app
