// The rows of one mirrored table in the state file, found by key and by the columns it is joined on.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/arena.h"
#include "projection/state/database.h"

namespace penstock {

// How the rows lie in the file. An integer key or join value is eight bytes of append_integer_key() here and
// an INTEGER there.
struct RowForm {
  struct Index {
    std::string name;  // of its columns: part of what makes two forms one
    bool integer = false;
    bool operator==(const Index&) const = default;
  };
  bool integer_key = false;
  std::vector<Index> indexes;
  // The index by which the rows themselves lie: all rows of one join value with one seek. Then a key takes a
  // second seek.
  std::optional<std::size_t> clustered;

  std::string text() const;  // equal for equal forms
  bool operator==(const RowForm&) const = default;
};

struct StoredRow {
  std::string_view key;
  std::string_view payload;
  std::int64_t mark = 0;  // the load that touched the row last
};

// A row with the value it is joined on.
struct JoinedRow {
  std::string_view join;
  StoredRow row;
};

// One thread. Keys are not empty. Values to join on stand in the order of RowForm::indexes; an empty one is
// NULL, which nothing is joined with.
class RowTable {
 public:
  using Joins = std::vector<std::string>;
  struct NewRow {
    std::string key;
    Joins joins;
    std::string payload;
  };
  static constexpr std::size_t kMany = 16;
  using NewRows = std::array<NewRow, kMany>;

  // Makes the table when it is missing, without its indexes.
  static Result<std::unique_ptr<RowTable>> open(Database& database, std::int64_t number, RowForm form);
  static Status drop(Database& database, std::int64_t number, const RowForm& form);

  const RowForm& form() const { return form_; }

  // False: there is a row of this key, and nothing was changed.
  Result<bool> insert(std::string_view key, const Joins& joins, std::string_view payload, std::int64_t mark);
  // The same for many, of different keys, at less cost. False: some were there, and the others were inserted.
  Result<bool> insert_many(const NewRows& rows, std::int64_t mark);
  // The row of the key; borrowed from the arena.
  Result<std::optional<StoredRow>> find(std::string_view key, Arena& arena);
  // The row is there, with `old` values to join on.
  Status replace(std::string_view key, const Joins& old, const Joins& joins, std::string_view payload,
                 std::int64_t mark);
  Status erase(std::string_view key, const Joins& joins);

  // To be called once a first load has filled the table; list_keys() makes the index it needs by itself.
  // Takes about 0.4 µs a row and index.
  Status make_indexes();

  // Keys of the rows with this value, in the order of keys, those after `after`.
  Status list_keys(std::size_t index, std::string_view value, std::optional<std::string_view> after,
                   std::size_t limit, Arena& arena, std::vector<std::string_view>& keys);
  // The rows with this value of the clustered index, in the order of keys.
  Status list_rows(std::string_view value, Arena& arena, std::vector<StoredRow>& rows);
  // The first rows with this value of the clustered index or a greater one, in the order of values and keys.
  // Rows joined with nothing are left out.
  Status list_from(std::string_view value, std::size_t limit, Arena& arena, std::vector<JoinedRow>& rows);
  // All rows in the order of keys.
  Status scan(std::optional<std::string_view> after, std::size_t limit, Arena& arena,
              std::vector<StoredRow>& rows);
  Result<bool> empty();
  Status clear();

 private:
  struct IndexStatements {
    bool made = false;
    Statement first, next;
  };
  RowTable(Database& database, std::int64_t number, RowForm form)
      : database_(database), number_(number), form_(std::move(form)) {}

  Status create();
  Status prepare();
  Status prepare_index(std::size_t index);
  Status make_index(std::size_t index);
  Result<bool> exists(const std::string& index);
  std::string rows_name() const { return "rows_" + std::to_string(number_); }
  std::string keys_name() const { return "keys_" + std::to_string(number_); }
  std::string index_name(std::size_t index) const {
    return "index_" + std::to_string(number_) + "_" + std::to_string(index);
  }
  static std::string join_name(std::size_t index) { return "j" + std::to_string(index); }
  // The parameter of a join value; key, mark and payload are the first three. One past the last: where the
  // row lay.
  static int join_place(std::size_t index) { return static_cast<int>(index) + 4; }
  std::string new_row(int row) const;
  void bind_row(Statement& statement, int row, std::string_view key, const Joins& joins,
                std::string_view payload, std::int64_t mark) const;
  bool integer_join(std::size_t index) const { return form_.indexes[index].integer; }
  bool clustered(std::size_t index) const { return form_.clustered == index; }
  void bind_key(Statement& statement, int parameter, std::string_view key) const;
  void bind_join(Statement& statement, int parameter, std::size_t index, std::string_view value) const;
  void bind_joins(Statement& statement, int row, const Joins& joins) const;
  std::string_view key_at(Statement& statement, int column, Arena& arena) const;

  Database& database_;
  const std::int64_t number_;
  const RowForm form_;
  Statement insert_, insert_many_, find_, update_, move_, erase_;
  Statement rows_of_, rows_from_, first_, next_;
  std::vector<IndexStatements> indexes_;
};

}  // namespace penstock
