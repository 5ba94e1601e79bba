// A summary whose contributions and groups lie in the state: a changed row's old contribution is taken from
// its group and the new one added, O(log n) each.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "projection/summary/contribution.h"
#include "projection/summary/definition.h"
#include "projection/summary/group_index.h"
#include "projection/summary/group_state.h"
#include "projection/view/summary.h"

namespace penstock {

class StoredSummary final : public Summary {
 public:
  explicit StoredSummary(SummaryDefinition definition);

  DocumentShape shape() const override { return definition_.shape; }
  std::vector<expression::Reference> reads() const override { return reads_of(definition_); }
  Status attach(OrderedMaps& maps, bool anew) override;
  std::vector<std::string> maps() const override;
  Status change(std::string_view key, const expression::Row* row, const Cause& cause) override;
  Status clear(const Cause& cause) override;
  std::size_t documents_due() const override { return marks_.size() + (cleared_ ? 1 : 0); }
  Status write(SummaryWriter& writer) override;
  Result<bool> write_all(std::string& cursor, std::size_t documents, SummaryWriter& writer) override;

 private:
  // A group that changed since it was last written.
  struct Mark {
    bool had_document = false;
    std::string keys;  // the values of its keys, as a row
    Cause cause;
  };
  struct Written {
    const std::string& group;  // its canonical bytes
    Cause cause;
    bool had_document = false;
  };

  Status load_meta();
  Status save_meta();
  Result<std::optional<GroupState>> load(const std::string& group);
  Status store(const std::string& name, const GroupState& group);
  Status replace(std::string_view key, const Contribution* before, const Contribution* after,
                 const Cause& cause);
  Status move_group(const std::string& name, std::string_view key, const Contribution* before,
                    const Contribution* after, const Cause& cause);
  Status apply(GroupState& group, const Contribution& contribution, std::string_view key, int by);
  void mark(const std::string& name, const GroupState& group, bool had_document, const Cause& cause);

  Status write_group(const std::string& name, const Mark& mark, SummaryWriter& writer);
  Status write_document(const Written& written, GroupState& group, SummaryWriter& writer);
  void write_deletion(const Mark& mark, SummaryWriter& writer);
  Result<std::vector<Value>> results_of(const GroupState& group, Arena& arena);
  Result<Value> field_value(const SummaryDefinition::Field& field, const std::vector<Value>& keys,
                            const std::vector<Value>& results, Arena& arena);

  SummaryDefinition definition_;
  std::unique_ptr<OrderedMap> rows_;    // row key -> contribution
  std::unique_ptr<OrderedMap> groups_;  // "g" + group key -> GroupState; "m" -> next number, built
  std::unique_ptr<OrderedMap> entries_;
  std::optional<GroupIndex> index_;
  std::uint64_t next_number_ = 1;
  // Before its first build nothing is written, so nothing need be marked.
  bool built_ = false;

  std::map<std::string, Mark> marks_;
  std::optional<Cause> cleared_;  // all documents are to go, before what is marked
  Cause last_cause_;
  bool building_ = false;
  std::set<std::string> ahead_;  // written by write() before the build came to them
};

// The factory of all summaries. Thread-safe.
std::unique_ptr<SummaryFactory> make_summary_factory();

}  // namespace penstock
