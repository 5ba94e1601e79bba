// What read models keep where several writers reach it (docs/adr/0004-shared-state.md): the rows of their
// tables, marks of the documents that are to be made, and what summaries hold. It is written as documents
// are, in their transactions (projection/shared); this is how it is read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace penstock {

// A row of a mirrored table: its key's bytes, and its columns packed (model/row_codec.h) without the number
// of their layout, which is `layout`.
struct KeptRow {
  std::string key;
  std::uint64_t layout = 0;
  std::string values;
};

// Documents that are to be made. Whoever makes them removes the mark in the same transaction.
struct KeptMark {
  enum class Kind : std::uint8_t {
    kRoot,   // of the root row `start`
    kWalk,   // of all root rows that hop `depth` of the appearance leads to from the value `start`
    kWhole,  // of all root rows of the bucket `number`, after the key `after`
    kClear,  // a summary: all its rows are gone
  };
  std::string id;
  Kind kind = Kind::kRoot;
  std::string lane;  // whoever has it works on the mark
  std::string collection;
  std::uint64_t number = 0;  // of the appearance, or of the bucket
  std::uint64_t depth = 0;
  std::string start;
  std::optional<std::string> after;  // kWalk, kWhole: the last key that was seen to
  std::string mark;                  // projection/view/marks.h, as bytes
};

// A part of the rows of a table, in the order in which the store keeps keys.
struct KeptPage {
  std::string table;
  std::optional<std::size_t> index;  // with `value`; else those of the bucket
  std::string value;
  std::uint32_t bucket = 0;
  std::optional<std::string> after;
  std::size_t limit = 0;
  bool keys_only = false;  // the rows come without layout and values
};

using KeptEntries = std::vector<std::pair<std::string, std::string>>;  // name, value

// Reads what is durable. One thread. Errors are those of the server.
class KeptState {
 public:
  virtual ~KeptState() = default;
  // Those of the rows with these keys that are there.
  virtual Result<std::vector<KeptRow>> rows(const std::string& table,
                                            const std::vector<std::string>& keys) = 0;
  // All rows whose value to join on, that of the index, is one of these.
  virtual Result<std::vector<KeptRow>> joined(const std::string& table, std::size_t index,
                                              const std::vector<std::string>& values) = 0;
  virtual Result<std::vector<KeptRow>> page(const KeptPage& page) = 0;
  // The columns of a layout as its writer put them; none: there is no such layout.
  virtual Result<std::optional<std::string>> layout(std::uint64_t number) = 0;
  // Those of the highest kind first, and those of one start together.
  virtual Result<std::vector<KeptMark>> marks(const std::string& lane, std::size_t limit) = 0;
  // Entries of summaries, by name; those that are there.
  virtual Result<KeptEntries> entries(const std::vector<std::string>& names) = 0;
  // Entries from `from` (inclusive) to `to` (exclusive) by the bytes of their names, from the lowest on or
  // from the highest.
  virtual Result<KeptEntries> range(const std::string& from, const std::string& to, bool backward,
                                    std::size_t limit) = 0;
  // The names alone, from the lowest on.
  virtual Result<std::vector<std::string>> names(const std::string& from, const std::string& to,
                                                 std::size_t limit) = 0;
};

// Names of the collections, and of the fields of their documents.
namespace kept {
inline constexpr const char* kMarks = "penstock_marks";
inline constexpr const char* kLayouts = "penstock_layouts";
inline constexpr const char* kSummaries = "penstock_summaries";
inline constexpr const char* kAllRows = "penstock_rows.";
// Of all tables of the pipeline: each is followed by the table's name.
inline std::string rows_prefix(std::string_view pipeline) { return kAllRows + std::string(pipeline) + "."; }
inline std::string rows_of(std::string_view pipeline, std::string_view table) {
  return rows_prefix(pipeline) + std::string(table);
}
// Whether the collection is one of those, of any pipeline: its documents are no documents of a user.
inline bool is_kept(std::string_view collection) {
  return collection == kMarks || collection == kLayouts || collection == kSummaries ||
         collection.starts_with(kAllRows);
}
// Of all entries of the pipeline's summaries.
inline std::string entry_prefix(std::string_view pipeline) { return std::string(pipeline) + " "; }

inline constexpr const char* kLayout = "layout";
inline constexpr const char* kValues = "values";
inline constexpr const char* kBucket = "bucket";
inline std::string join_field(std::size_t index) { return "join" + std::to_string(index); }
inline constexpr const char* kPipeline = "pipeline";
inline constexpr const char* kLane = "lane";
inline constexpr const char* kCollection = "collection";
inline constexpr const char* kKind = "kind";
inline constexpr const char* kNumber = "number";
inline constexpr const char* kDepth = "depth";
inline constexpr const char* kStart = "start";
inline constexpr const char* kAfter = "after";
inline constexpr const char* kMark = "mark";
inline constexpr const char* kColumns = "columns";
inline constexpr const char* kValue = "value";
}  // namespace kept

}  // namespace penstock
