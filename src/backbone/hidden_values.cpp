#include "backbone/hidden_values.h"

#include <algorithm>
#include <array>
#include <utility>

namespace penstock::backbone {
namespace {

constexpr std::uint32_t kBytea = 17;
// text, json, xml, int4[], text[], char[], varchar[], int8[], char, varchar, uuid[], tsvector, jsonb, jsonb[]
// and numrange (PostgreSQL source: pg_type.dat): these have a placeholder, so that their null is NULL.
constexpr std::array<std::uint32_t, 15> kMarked{25,   114,  142,  1007, 1009, 1014, 1015, 1016,
                                                1042, 1043, 2951, 3614, 3802, 3807, 3906};

Reread row_of(const Event& event) {
  Reread reread;
  reread.table = to_string(event.schema->table);
  for (const std::uint16_t column : event.schema->key) {
    reread.columns.push_back(event.schema->columns[column].name);
    reread.key.push_back(to_text(event.after[column]));
  }
  return reread;
}

}  // namespace

bool HiddenValues::may_hide(const Column& column) const {
  if (!column.out_of_line) return false;
  if (column.type_oid == kBytea)
    return binary_ == envelope::BinaryMode::kBase64 || binary_ == envelope::BinaryMode::kBase64UrlSafe;
  return std::find(kMarked.begin(), kMarked.end(), column.type_oid) == kMarked.end();
}

Status HiddenValues::settle(Event& event, EventBatch& batch) const {
  const TableSchema& schema = *event.schema;
  // With the whole old row at hand Debezium fills them in itself.
  if (event.after == nullptr || schema.replica_identity == 'f' || schema.key.empty() || !read_) return {};
  std::vector<std::size_t> hidden;
  for (std::size_t i = 0; i < schema.columns.size(); ++i)
    if (event.after[i].is_null() && may_hide(schema.columns[i])) hidden.push_back(i);
  if (hidden.empty()) return {};
  const Reread wanted = row_of(event);
  PENSTOCK_ASSIGN(const EventBatchPtr answer, read_(wanted.table, {wanted}));
  const Event& now = answer->events.front();
  const bool is_there = now.kind == EventKind::kLoad;
  Value* row = batch.arena.array<Value>(schema.columns.size());
  std::copy_n(event.after, schema.columns.size(), row);
  for (const std::size_t column : hidden) {
    const auto place = is_there ? now.schema->find(schema.columns[column].name) : std::nullopt;
    row[column] = place ? now.after[*place] : Value(Unchanged{});
  }
  if (!is_there) event.kind = EventKind::kUpdate;
  event.after = row;
  batch.kept.push_back(answer);
  return {};
}

}  // namespace penstock::backbone
