// Turns pgoutput messages into batches of events with exact positions.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/checkpoint.h"
#include "model/event_batch.h"
#include "source/postgres/pgoutput.h"
#include "source/postgres/relations.h"

namespace penstock::postgres {

// The stream's thread only. What was handled before a reconnect is recognised by commit LSN and ordinal and
// skipped.
class EventBuilder {
 public:
  // What others must know, in stream order.
  struct Listener {
    std::function<void(const Event&)> change;
    std::function<void(std::uint32_t xid)> commit;
    std::function<void(std::string_view content)> marker;  // after its transaction's commit
    std::function<void(const std::string& table)> reload;  // rows changed in a way that sends no rows
    // A table that nobody asked for; its OID.
    std::function<void(const TableName& table, std::uint32_t oid)> stranger = {};
  };

  EventBuilder(RelationCache& relations, const TableBook& tables, Listener listener, Position start);

  // One pgoutput message, which stands at `lsn` in the WAL; `payload` may be reused afterwards.
  Status handle(std::string_view payload, Lsn lsn = {});
  // A keep-alive: nothing published commits before wal_end.
  void keepalive(Lsn wal_end);
  // A new stream begins: it announces its relations anew and may repeat what was handled.
  void restart();

  // The first changes of one transaction are in the sink although the position does not say so.
  void leave_out(const WrittenBefore& written) { written_ = written; }

  // Events of pg_logical_emit_message too.
  void pass_messages() { passes_messages_ = true; }

  bool in_transaction() const { return in_transaction_; }
  bool has_events() const { return batch_ && !batch_->events.empty(); }
  std::size_t bytes() const { return batch_ ? batch_->bytes() : 0; }
  // True once after the commit of a marker: what the loader holds may now be taken.
  bool take_marker_reached() { return std::exchange(marker_reached_, false); }
  EventBatchPtr cut();  // the events so far; null if none
  const Position& handled() const { return handled_; }
  std::uint32_t last_transaction() const { return begin_.xid; }

 private:
  void begin(const BeginMessage& message);
  Status row(std::string_view payload);
  Status append_row(const Relation& relation, const RowMessage& message);
  Result<const Value*> decode_tuple(const Relation& relation, const Tuple& tuple, bool key_only);
  void truncate(const TruncateMessage& message);
  void message(const LogicalMessage& message);
  void commit(const CommitMessage& message);
  // Counts one message of the transaction, of this kind in pgoutput; true: handled before.
  bool count_and_skip(char kind);
  bool written_before(char kind);
  Event& append(EventKind kind, const Relation* relation);
  EventBatch& batch();

  RelationCache& relations_;
  const TableBook& tables_;
  Listener listener_;
  PgOutputDecoder decoder_;
  EventBatchPtr batch_;
  Lsn lsn_;  // of the message at hand
  Position handled_;
  Lsn last_commit_;  // its end
  BeginMessage begin_;
  WrittenBefore written_;
  std::uint64_t rows_at_written_ = 0;
  bool passes_messages_ = false;
  bool in_transaction_ = false;
  bool rows_in_transaction_ = false;
  bool skip_transaction_ = false;
  std::uint64_t skip_ordinals_ = 0;
  std::uint64_t ordinal_ = 0;
  std::vector<std::string> markers_;
  bool marker_reached_ = false;
};

}  // namespace penstock::postgres
