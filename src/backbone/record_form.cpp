#include "backbone/record_form.h"

namespace penstock::backbone {
namespace {

class WholeEvent final : public RecordForm {
 public:
  explicit WholeEvent(const envelope::TableEnvelope& table) : table_(table) {}

  Status append(const envelope::Change& change, Record record, std::vector<Record>& records) override {
    record.value.emplace();
    record.value->reserve(last_size_ + last_size_ / 8);
    PENSTOCK_TRY(table_.append_value(*record.value, change));
    last_size_ = record.value->size();
    records.push_back(std::move(record));
    return {};
  }

  void append_tombstone(const envelope::Change&, Record record, std::vector<Record>& records) override {
    records.push_back(std::move(record));
  }

 private:
  const envelope::TableEnvelope& table_;
  std::size_t last_size_ = 0;  // the next value will be about as large
};

}  // namespace

Result<std::unique_ptr<RecordForm>> form_of(const TopicOptions& options, const envelope::TableFacts& facts,
                                            const envelope::TableEnvelope& table) {
  const Transform* found = nullptr;
  for (const Transform& transform : options.transforms) {
    if (!transform.applies(facts.topic)) continue;
    if (found != nullptr)
      return fail(
          ErrorKind::kConfiguration,
          "the transformations " + found->name + " and " + transform.name + " both take topic " + facts.topic,
          "give them predicates that part the topics: only one can take each");
    found = &transform;
  }
  if (found == nullptr) return std::unique_ptr<RecordForm>(std::make_unique<WholeEvent>(table));
  if (std::holds_alternative<RouterOptions>(found->what)) return routed_form(options, *found, facts, table);
  return unwrapped_form(options, *found, facts, table);
}

}  // namespace penstock::backbone
