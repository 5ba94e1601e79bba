#include "source/postgres/pgoutput.h"

#include <string>

#include "source/postgres/byte_reader.h"

namespace penstock::postgres {
namespace {

tl::unexpected<Error> malformed(char kind, const char* what) {
  return fail(ErrorKind::kPostgresProtocol, std::string("malformed pgoutput message '") + kind + "': " + what,
              "this is not what PostgreSQL sends: check that the slot uses the plugin pgoutput and that no "
              "proxy stands "
              "between, and report it");
}

Lsn read_lsn(ByteReader& in) { return Lsn{in.u64()}; }

bool read_tuple(ByteReader& in, Tuple& tuple) {
  const std::size_t count = in.u16();
  tuple.clear();
  for (std::size_t i = 0; i < count && in.ok(); ++i) {
    Cell cell;
    switch (in.character()) {
      case 'n':
        break;
      case 'u':
        cell.kind = CellKind::kUnchanged;
        break;
      case 't':
        cell.kind = CellKind::kText;
        cell.text = in.bytes(in.u32());
        break;
      default:  // 'b' is sent only when asked for
        return false;
    }
    tuple.push_back(cell);
  }
  return in.ok();
}

Result<Message> read_relation(ByteReader& in) {
  RelationMessage relation;
  relation.oid = in.u32();
  relation.schema = in.c_string();
  relation.name = in.c_string();
  relation.replica_identity = in.character();
  const std::size_t count = in.u16();
  for (std::size_t i = 0; i < count && in.ok(); ++i) {
    RelationMessage::Column column;
    column.in_key = (in.u8() & 1U) != 0;
    column.name = in.c_string();
    column.type = in.u32();
    column.modifier = static_cast<std::int32_t>(in.u32());
    relation.columns.push_back(column);
  }
  return relation;
}

Result<Message> read_row(char kind, ByteReader& in, Tuple& old_tuple, Tuple& new_tuple) {
  RowMessage row;
  row.kind = kind;
  row.oid = in.u32();
  char part = in.character();
  if (part == 'K' || part == 'O') {
    if (kind == 'I') return malformed(kind, "an insert has no old row");
    row.old_kind = part;
    if (!read_tuple(in, old_tuple)) return malformed(kind, "bad old tuple");
    part = kind == 'U' ? in.character() : '\0';
  } else if (kind == 'D') {
    return malformed(kind, "a delete must name its old row");
  }
  if (kind == 'D') return row;
  if (part != 'N') return malformed(kind, "no new row");
  row.has_new = true;
  if (!read_tuple(in, new_tuple)) return malformed(kind, "bad new tuple");
  return row;
}

Result<Message> read_truncate(ByteReader& in) {
  TruncateMessage truncate;
  const std::size_t count = in.u32();
  in.u8();  // CASCADE and RESTART IDENTITY: the tables that CASCADE reached are all listed
  if (count > in.remaining() / 4) return malformed('T', "more relations announced than sent");
  for (std::size_t i = 0; i < count; ++i) truncate.oids.push_back(in.u32());
  return truncate;
}

Result<Message> read_logical_message(ByteReader& in) {
  LogicalMessage message;
  message.transactional = (in.u8() & 1U) != 0;
  message.lsn = read_lsn(in);
  message.prefix = in.c_string();
  message.content = in.bytes(in.u32());
  return message;
}

Result<Message> read_body(char kind, ByteReader& in, Tuple& old_tuple, Tuple& new_tuple) {
  switch (kind) {
    case 'B': {
      BeginMessage begin;
      begin.commit_lsn = read_lsn(in);
      begin.commit_micros =
          static_cast<std::int64_t>(in.u64() + static_cast<std::uint64_t>(kPostgresEpochMicros));
      begin.xid = in.u32();
      return begin;
    }
    case 'C': {
      CommitMessage commit;
      in.u8();  // flags, unused
      commit.commit_lsn = read_lsn(in);
      commit.end_lsn = read_lsn(in);
      in.u64();  // commit time, known from Begin
      return commit;
    }
    case 'R':
      return read_relation(in);
    case 'I':
    case 'U':
    case 'D':
      return read_row(kind, in, old_tuple, new_tuple);
    case 'T':
      return read_truncate(in);
    case 'M':
      return read_logical_message(in);
    case 'Y':
    case 'O':
      in.bytes(in.remaining());
      return OtherMessage{kind};
    default:
      return malformed(kind, "unknown kind");
  }
}

}  // namespace

Result<Message> PgOutputDecoder::decode(std::string_view payload) {
  if (payload.empty()) return malformed('?', "empty");
  ByteReader in(payload.substr(1));
  Result<Message> message = read_body(payload.front(), in, old_, new_);
  if (!message) return message;
  if (!in.ok()) return malformed(payload.front(), "cut short");
  if (!in.at_end()) return malformed(payload.front(), "bytes left over");
  return message;
}

}  // namespace penstock::postgres
