#include <algorithm>

#include "backbone/record_form.h"

namespace penstock::backbone {
namespace {

using envelope::DeleteMode;
using envelope::Operation;
using envelope::UnwrapOptions;

class UnwrappedForm final : public RecordForm {
 public:
  UnwrappedForm(const envelope::Options& values, const UnwrapOptions& options,
                const envelope::TableFacts& facts, const envelope::TableEnvelope& table)
      : rows_(values, facts, table, options), deletes_(options.deletes) {}

  // The column that names the topic.
  void route_by(std::size_t place) { route_ = place; }

  Status append(const envelope::Change& change, Record record, std::vector<Record>& records) override {
    if (change.operation == Operation::kTruncate) return {};
    const bool deleted = change.operation == Operation::kDelete;
    if (deleted && deletes_ == DeleteMode::kDrop) return {};
    route(deleted ? change.before : change.after, record);
    add(rows_.headers(change), record);
    if (!deleted || deletes_ == DeleteMode::kRewrite || deletes_ == DeleteMode::kRewriteWithTombstone) {
      record.value.emplace();
      PENSTOCK_TRY(rows_.append_row(*record.value, change));
    } else if (deletes_ == DeleteMode::kTombstone) {
      record.value.emplace();
      rows_.append_null(*record.value);
    }
    records.push_back(std::move(record));
    return {};
  }

  // Its headers are the delete's, and its own.
  void append_tombstone(const envelope::Change& change, Record record,
                        std::vector<Record>& records) override {
    if (deletes_ != DeleteMode::kRewriteWithTombstone) return;
    add(rows_.headers(change), record);
    add(rows_.tombstone_headers(), record);
    records.push_back(std::move(record));
  }

 private:
  void route(const Value* row, Record& record) const {
    if (!route_ || row[*route_].is_null() || row[*route_].is_unchanged()) return;
    std::string topic = to_text(row[*route_]);
    if (topic.find_first_not_of(" \t\r\n") != std::string::npos) record.topic = std::move(topic);
  }

  static void add(envelope::UnwrappedRows::Headers&& headers, Record& record) {
    for (auto& [name, value] : headers) record.headers.push_back({std::move(name), std::move(value)});
  }

  const envelope::UnwrappedRows rows_;
  const DeleteMode deletes_;
  std::optional<std::size_t> route_;
};

}  // namespace

Result<std::unique_ptr<RecordForm>> unwrapped_form(const TopicOptions& options, const Transform& transform,
                                                   const envelope::TableFacts& facts,
                                                   const envelope::TableEnvelope& table) {
  const auto& unwrap = std::get<UnwrapOptions>(transform.what);
  auto form = std::make_unique<UnwrappedForm>(options.values, unwrap, facts, table);
  if (!unwrap.route_by.empty()) {
    std::size_t place = 0;
    const envelope::ValueWriter* writer = table.writer_of(unwrap.route_by, place);
    if (writer == nullptr || writer->form().form != envelope::Form::kText || writer->form().list)
      return fail(ErrorKind::kConfiguration,
                  "transforms." + transform.name + ".route.by.field: table " + facts.schema + "." +
                      facts.table + " has no column \"" + unwrap.route_by + "\" of text",
                  "give the transformation a predicate that leaves the table out");
    form->route_by(place);
  }
  return std::unique_ptr<RecordForm>(std::move(form));
}

}  // namespace penstock::backbone
