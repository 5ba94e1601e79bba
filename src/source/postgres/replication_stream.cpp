#include "source/postgres/replication_stream.h"

#include <libpq-fe.h>
#include <poll.h>

#include <array>

#include "model/table_schema.h"
#include "source/postgres/byte_reader.h"
#include "source/postgres/pgoutput.h"

namespace penstock::postgres {
namespace {

constexpr std::size_t kXLogDataHeader = 1 + 8 + 8 + 8;

void put64(std::string& out, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift & 0xffU));
}

std::int64_t now_micros() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(since).count() - kPostgresEpochMicros;
}

Error start_error(Error error, const StreamOptions& options) {
  const auto says = [&](const char* text) { return error.message.find(text) != std::string::npos; };
  if (says("is active for PID"))
    return make_error(ErrorKind::kSlotBusy, error.message, "another process reads slot " + options.slot);
  if (says("can no longer get changes") || says("has been invalidated") || says("requested WAL segment"))
    return make_error(ErrorKind::kGap, error.message,
                      "the WAL that slot " + options.slot +
                          " needs is gone: `penstock resync PIPELINE` loads the tables again; raise "
                          "max_slot_wal_keep_size so that it does not happen again");
  return error;
}

}  // namespace

void ReplicationStream::FreeCopyBuffer::operator()(char* buffer) const { PQfreemem(buffer); }

Result<ReplicationStream> ReplicationStream::start(const StreamOptions& options) {
  PENSTOCK_ASSIGN(Connection connection, Connection::open(options.url, {true, options.application_name, 10}));
  return start(std::move(connection), options);
}

Result<ReplicationStream> ReplicationStream::start(Connection connection, const StreamOptions& options) {
  std::string publication;  // an SQL identifier inside an SQL literal
  for (const char c : quote_identifier(options.publication))
    publication += c == '\'' ? std::string("''") : std::string(1, c);
  const std::string sql = "START_REPLICATION SLOT " + quote_identifier(options.slot) + " LOGICAL " +
                          to_string(options.start) + " (proto_version '1', publication_names '" +
                          publication + "', messages 'true')";
  PGresult* result = PQexec(connection.raw(), sql.c_str());
  const Rows holder(result);
  if (PQresultStatus(result) != PGRES_COPY_BOTH) {
    const char* text = PQresultErrorMessage(result);
    Error error = connection.last_error("START_REPLICATION SLOT " + options.slot);
    const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    if (state != nullptr && PQstatus(connection.raw()) == CONNECTION_OK &&
        std::string_view(state).substr(0, 2) != "57")
      error = make_error(ErrorKind::kPostgresRefused, std::string("PostgreSQL: ") + text);
    return fail(start_error(std::move(error), options));
  }
  return ReplicationStream(std::move(connection));
}

Result<std::optional<ReplicationStream::Incoming>> ReplicationStream::next() {
  char* data = nullptr;
  int length = PQgetCopyData(connection_.raw(), &data, 1);
  if (length == 0) {
    if (PQconsumeInput(connection_.raw()) == 0) return fail(connection_.last_error("streaming"));
    length = PQgetCopyData(connection_.raw(), &data, 1);
  }
  if (length == 0) return std::nullopt;
  if (length < 0) {
    const Rows end(PQgetResult(connection_.raw()));
    Error error = connection_.last_error("streaming");
    error.kind =
        ErrorKind::kPostgresUnavailable;  // the server ended the stream: shutdown, takeover or time-out
    return fail(std::move(error));
  }
  buffer_.reset(data);
  const std::string_view bytes(data, static_cast<std::size_t>(length));
  ByteReader in(bytes);
  Incoming incoming;
  const char kind = in.character();
  if (kind == 'w' && bytes.size() >= kXLogDataHeader) {
    incoming.lsn = Lsn{in.u64()};
    incoming.wal_end = Lsn{in.u64()};
    incoming.payload = bytes.substr(kXLogDataHeader);
    return incoming;
  }
  if (kind != 'k')
    return fail(ErrorKind::kPostgresProtocol, std::string("unknown replication message '") + kind + "'");
  incoming.keepalive = true;
  incoming.wal_end = Lsn{in.u64()};
  in.u64();  // server time
  incoming.reply_requested = in.u8() != 0;
  if (!in.ok()) return fail(ErrorKind::kPostgresProtocol, "keep-alive cut short");
  return incoming;
}

void ReplicationStream::wait(int wake_fd, std::chrono::milliseconds time) const {
  std::array<pollfd, 2> fds{{{PQsocket(connection_.raw()), POLLIN, 0}, {wake_fd, POLLIN, 0}}};
  poll(fds.data(), fds.size(), static_cast<int>(time.count()));
}

Status ReplicationStream::send_status(Lsn received, Lsn flushed, bool request_reply) {
  std::string message = "r";
  put64(message, received.value);
  put64(message, flushed.value);
  put64(message, flushed.value);
  put64(message, static_cast<std::uint64_t>(now_micros()));
  message.push_back(request_reply ? '\1' : '\0');
  if (PQputCopyData(connection_.raw(), message.data(), static_cast<int>(message.size())) != 1 ||
      PQflush(connection_.raw()) < 0)
    return fail(connection_.last_error("sending status"));
  return {};
}

}  // namespace penstock::postgres
