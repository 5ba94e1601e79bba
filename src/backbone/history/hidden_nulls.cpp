#include "backbone/history/hidden_nulls.h"

namespace penstock::backbone {
namespace {

// "the row (1, a) of public.t"
std::string row_of(const TableSchema& schema, const Value* row) {
  std::string text;
  for (const std::uint16_t column : schema.key) {
    if (!text.empty()) text += ", ";
    text += to_text(row[column]);
  }
  return "the row (" + text + ") of " + to_string(schema.table);
}

std::string cell(const Column& column, const std::string& row) {
  return "column " + column.name + " of " + row;
}

// PostgreSQL moves nothing out of line that is smaller than the pointer to it (PostgreSQL manual: "TOAST").
bool may_be_out_of_line(const Value& value) {
  constexpr std::size_t kDigits = 40;  // of 24 bytes
  constexpr std::size_t kBytes = 16;
  if (value.is_null()) return false;
  if (const auto* decimal = value.get<Decimal>()) return decimal->text.size() > kDigits;
  if (const auto* bytes = value.get<Bytes>()) return bytes->bytes.size() > kBytes;
  return true;
}

}  // namespace

void HiddenNulls::take(const Event& event, bool leaves_out) {
  if (event.schema == nullptr || event.schema->key.empty()) return;
  const TableSchema& schema = *event.schema;
  if (event.kind == EventKind::kTruncate) {
    const std::string end = " of " + to_string(schema.table);
    std::erase_if(large_, [&](const std::string& one) { return one.ends_with(end); });
    std::erase_if(doubtful_, [&](const std::string& one) { return one.ends_with(end); });
    return;
  }
  if (event.after == nullptr) return forget(schema, row_of(schema, event.before));
  take_row(event, row_of(schema, event.after), leaves_out && schema.replica_identity != 'f');
}

void HiddenNulls::take_row(const Event& event, const std::string& row, bool leaves_out) {
  const TableSchema& schema = *event.schema;
  for (std::size_t i = 0; i < schema.columns.size(); ++i) {
    const Column& column = schema.columns[i];
    const Value& value = event.after[i];
    if (value.is_unchanged() || !values_.may_hide(column)) continue;
    const std::string name = cell(column, row);
    const std::string any = cell(column, to_string(schema.table));
    if (may_be_out_of_line(value)) {
      large_.insert(name);
      had_large_.insert(any);
      doubtful_.erase(name);
      continue;
    }
    // A changed key does not say under which one its values came.
    const bool is_new = leaves_out && event.kind != EventKind::kUpdate;
    if (value.is_null() && leaves_out && (large_.contains(name) || (is_new && had_large_.contains(any)))) {
      doubtful_.insert(name);
      continue;
    }
    large_.erase(name);
    doubtful_.erase(name);
  }
}

void HiddenNulls::forget(const TableSchema& schema, const std::string& row) {
  for (const Column& column : schema.columns) {
    if (!values_.may_hide(column)) continue;
    large_.erase(cell(column, row));
    doubtful_.erase(cell(column, row));
  }
}

std::optional<std::string> HiddenNulls::doubtful() const {
  if (doubtful_.empty()) return std::nullopt;
  return *doubtful_.begin();
}

}  // namespace penstock::backbone
