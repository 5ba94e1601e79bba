// The pgoutput wire format, version 1 (PostgreSQL manual: "Logical Replication Message Formats"). Bytes in,
// borrowed views out; nothing is copied, no state is kept.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "model/lsn.h"

namespace penstock::postgres {

// PostgreSQL counts microseconds from 2000-01-01, everybody else from 1970-01-01.
inline constexpr std::int64_t kPostgresEpochMicros = 946'684'800'000'000;

enum class CellKind : char { kNull = 'n', kUnchanged = 'u', kText = 't' };
struct Cell {
  CellKind kind = CellKind::kNull;
  std::string_view text;
};
using Tuple = std::vector<Cell>;

struct BeginMessage {
  Lsn commit_lsn;                  // "final LSN": start of the COMMIT record
  std::int64_t commit_micros = 0;  // since 1970 UTC
  std::uint32_t xid = 0;
};
struct CommitMessage {
  Lsn commit_lsn;
  Lsn end_lsn;
};
struct RelationMessage {
  std::uint32_t oid = 0;
  std::string_view schema;  // empty: pg_catalog
  std::string_view name;
  char replica_identity = 'd';
  struct Column {
    bool in_key = false;
    std::string_view name;
    std::uint32_t type = 0;
    std::int32_t modifier = -1;
  };
  std::vector<Column> columns;
};
struct RowMessage {
  char kind = 'I';  // I insert, U update, D delete
  std::uint32_t oid = 0;
  char old_kind = 0;  // 0 no old tuple, K key columns only, O the whole old row
  bool has_new = false;
};
struct TruncateMessage {
  std::vector<std::uint32_t> oids;
};
struct LogicalMessage {
  bool transactional = false;
  Lsn lsn;
  std::string_view prefix;
  std::string_view content;
};
struct OtherMessage {  // Type, Origin: of no concern to us
  char kind = 0;
};
using Message = std::variant<BeginMessage, CommitMessage, RelationMessage, RowMessage, TruncateMessage,
                             LogicalMessage, OtherMessage>;

// Decodes one message. The tuples of a RowMessage land in the two vectors, which are reused from call to
// call. kPostgresProtocol when bytes are missing, left over or not allowed. Any input is safe.
class PgOutputDecoder {
 public:
  Result<Message> decode(std::string_view payload);
  const Tuple& old_tuple() const { return old_; }
  const Tuple& new_tuple() const { return new_; }

 private:
  Tuple old_;
  Tuple new_;
};

}  // namespace penstock::postgres
