// Changes of the kept state as writes of documents: they become durable with the documents of their group.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/document_write.h"
#include "model/kept_state.h"
#include "projection/state/state_store.h"

namespace penstock {

// The root rows of a pipeline's read models lie in so many parts, each of which one writer works on at a
// time. Stored: another number asks for beginning anew.
inline constexpr std::uint32_t kBuckets = 64;
std::uint32_t bucket_of(std::string_view key);
std::string lane_of_bucket(std::uint32_t bucket);            // b17
std::string lane_of_summary(const std::string& collection);  // s product_sales
bool is_lane_of_summary(std::string_view lane);

std::uint64_t number_of(const RowLayout& layout);  // equal for equal ones
std::string columns_of(const RowLayout& layout);
RowLayout layout_from(std::string_view columns);

// One thread. It outlives the groups it writes to, until they are committed.
class KeptWrites {
 public:
  explicit KeptWrites(std::string pipeline);

  struct Row {
    std::string_view key;
    const std::vector<std::string>* joins = nullptr;  // empty ones are NULL
    std::uint64_t layout = 0;
    std::string_view values;
    bool root = false;  // of a read model: it lies in a bucket
  };
  void put_row(WriteGroup& group, const std::string& table, const Row& row, WriteKind kind);
  void erase_row(WriteGroup& group, const std::string& table, std::string_view key);
  void clear_rows(WriteGroup& group, const std::string& table, const Position& position);
  // Once for each layout, before or with the first row of it.
  void put_layout(WriteGroup& group, const RowLayout& layout);

  // Under a new id.
  void mark(WriteGroup& group, const KeptMark& mark);
  void move_mark(WriteGroup& group, const KeptMark& mark);  // its `after`
  void unmark(WriteGroup& group, std::string_view id);

  void put_entry(WriteGroup& group, std::string_view name, std::string_view value);
  void erase_entry(WriteGroup& group, std::string_view name);

  const std::string& pipeline() const { return pipeline_; }

 private:
  const DocumentShape& rows_shape(const std::string& table, std::size_t joins);
  void put_mark(WriteGroup& group, const KeptMark& mark, std::string_view id, WriteKind kind);
  static DocumentWrite& add(WriteGroup& group, const DocumentShape& shape, WriteKind kind, const Value& id);

  const std::string pipeline_;
  std::map<std::string, std::unique_ptr<DocumentShape>> rows_;
  DocumentShape marks_, layouts_, entries_;
  std::array<std::uint64_t, 2> next_id_{};
};

}  // namespace penstock
