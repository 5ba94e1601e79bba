#include <mongoc/mongoc.h>

#include "base/check.h"
#include "sink/mongo/client.h"

namespace penstock::mongo {
namespace {

constexpr int kCommitTries = 4;
constexpr std::int64_t kMajorityMillis = 60000;

mongoc_transaction_opt_t* transaction_options() {
  mongoc_transaction_opt_t* options = mongoc_transaction_opts_new();
  mongoc_write_concern_t* majority = mongoc_write_concern_new();
  mongoc_write_concern_set_wmajority(majority, 0);
  mongoc_write_concern_set_wtimeout_int64(majority, kMajorityMillis);
  mongoc_write_concern_set_journal(majority, true);
  mongoc_transaction_opts_set_write_concern(options, majority);
  mongoc_write_concern_destroy(majority);
  mongoc_read_concern_t* local = mongoc_read_concern_new();
  mongoc_read_concern_set_level(local, MONGOC_READ_CONCERN_LEVEL_LOCAL);
  mongoc_transaction_opts_set_read_concern(options, local);
  mongoc_read_concern_destroy(local);
  mongoc_read_prefs_t* primary = mongoc_read_prefs_new(MONGOC_READ_PRIMARY);
  mongoc_transaction_opts_set_read_prefs(options, primary);
  mongoc_read_prefs_destroy(primary);
  return options;
}

}  // namespace

Result<std::unique_ptr<Session>> Session::start(Connection& connection) {
  mongoc_session_opt_t* options = mongoc_session_opts_new();
  mongoc_session_opts_set_causal_consistency(options, false);
  bson_error_t error{};
  mongoc_client_session_t* session = mongoc_client_start_session(connection.client(), options, &error);
  mongoc_session_opts_destroy(options);
  if (session == nullptr) return fail(failure_of(error, nullptr, "starting a session").error);
  return std::unique_ptr<Session>(new Session(session, transaction_options()));
}

Session::Session(_mongoc_client_session_t* session, _mongoc_transaction_opt_t* transaction)
    : session_(session), transaction_(transaction) {
  bson_error_t error{};
  PENSTOCK_CHECK(mongoc_client_session_append(session_, options_.get(), &error));
}

Session::~Session() {
  mongoc_client_session_destroy(session_);
  mongoc_transaction_opts_destroy(transaction_);
}

Tried<void> Session::begin() {
  bson_error_t error{};
  if (mongoc_client_session_start_transaction(session_, transaction_, &error)) return {};
  return tl::unexpected<Failure>(failure_of(error, nullptr, "beginning a transaction"));
}

Tried<void> Session::commit() {
  for (int tries = 1;; ++tries) {
    bson_t reply;
    bson_error_t error{};
    const bool ok = mongoc_client_session_commit_transaction(session_, &reply, &error);
    if (ok) {
      bson_destroy(&reply);
      return {};
    }
    Failure failure = failure_of(error, &reply, "committing a transaction");
    failure.commit_unknown = mongoc_error_has_label(&reply, "UnknownTransactionCommitResult");
    bson_destroy(&reply);
    if (!failure.commit_unknown || tries == kCommitTries) return tl::unexpected<Failure>(std::move(failure));
  }
}

void Session::abort() {
  if (!mongoc_client_session_in_transaction(session_)) return;
  bson_error_t error{};
  // A transaction that cannot be aborted now is aborted by the next one of the same session.
  static_cast<void>(mongoc_client_session_abort_transaction(session_, &error));
}

std::string Session::id() const {
  return binary_at(mongoc_client_session_get_lsid(session_), "id").value_or("");
}

}  // namespace penstock::mongo
