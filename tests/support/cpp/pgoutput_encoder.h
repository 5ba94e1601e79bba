// The encoder beside the decoder: pgoutput messages as a walsender writes them, for tests.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace penstock::test {

// A column of a tuple: text, NULL (nullopt) or unchanged TOAST.
struct CellText {
  std::optional<std::string> text;
  bool unchanged = false;
};
inline CellText text(std::string value) { return {std::move(value), false}; }
inline CellText null_cell() { return {std::nullopt, false}; }
inline CellText unchanged() { return {std::nullopt, true}; }

class PgOutputEncoder {
 public:
  static std::string begin(std::uint64_t commit_lsn, std::uint32_t xid, std::int64_t micros_since_2000 = 0) {
    return "B" + number(commit_lsn, 8) + number(static_cast<std::uint64_t>(micros_since_2000), 8) +
           number(xid, 4);
  }
  static std::string commit(std::uint64_t commit_lsn, std::uint64_t end_lsn) {
    return std::string("C") + '\0' + number(commit_lsn, 8) + number(end_lsn, 8) + number(0, 8);
  }
  struct Column {
    std::string name;
    std::uint32_t type;
    bool key = false;
  };
  static std::string relation(std::uint32_t oid, const std::string& schema, const std::string& name,
                              char identity, const std::vector<Column>& columns) {
    std::string out =
        "R" + number(oid, 4) + schema + '\0' + name + '\0' + identity + number(columns.size(), 2);
    for (const auto& column : columns)
      out += std::string(1, column.key ? '\1' : '\0') + column.name + '\0' + number(column.type, 4) +
             number(0xffffffff, 4);
    return out;
  }
  static std::string insert(std::uint32_t oid, const std::vector<CellText>& row) {
    return "I" + number(oid, 4) + "N" + tuple(row);
  }
  static std::string update(std::uint32_t oid, const std::vector<CellText>& row) {
    return "U" + number(oid, 4) + "N" + tuple(row);
  }
  static std::string update(std::uint32_t oid, char old_kind, const std::vector<CellText>& old_row,
                            const std::vector<CellText>& row) {
    return "U" + number(oid, 4) + old_kind + tuple(old_row) + "N" + tuple(row);
  }
  static std::string remove(std::uint32_t oid, char old_kind, const std::vector<CellText>& old_row) {
    return "D" + number(oid, 4) + old_kind + tuple(old_row);
  }
  static std::string truncate(const std::vector<std::uint32_t>& oids) {
    std::string out = "T" + number(oids.size(), 4) + '\0';
    for (const auto oid : oids) out += number(oid, 4);
    return out;
  }
  static std::string message(const std::string& prefix, const std::string& content, bool transactional = true,
                             std::uint64_t lsn = 0) {
    return std::string("M") + (transactional ? '\1' : '\0') + number(lsn, 8) + prefix + '\0' +
           number(content.size(), 4) + content;
  }

 private:
  static std::string number(std::uint64_t value, int width) {
    std::string out;
    for (int shift = (width - 1) * 8; shift >= 0; shift -= 8)
      out.push_back(static_cast<char>(value >> shift & 0xffU));
    return out;
  }
  static std::string tuple(const std::vector<CellText>& row) {
    std::string out = number(row.size(), 2);
    for (const auto& cell : row) {
      if (cell.unchanged)
        out += "u";
      else if (!cell.text)
        out += "n";
      else
        out += "t" + number(cell.text->size(), 4) + *cell.text;
    }
    return out;
  }
};

}  // namespace penstock::test
