#include "base/error_policy.h"

#include <array>
#include <cstddef>

namespace penstock {
namespace {

struct Row {
  ErrorKind kind;
  ErrorPolicy policy;
};

constexpr std::array<Row, 19> kTable{{
    {ErrorKind::kUsage, {ErrorAction::kStop, 2, "usage"}},
    {ErrorKind::kConfiguration, {ErrorAction::kStop, 2, "configuration"}},
    {ErrorKind::kCheckFailed, {ErrorAction::kStop, 1, "check_failed"}},
    {ErrorKind::kPostgresUnavailable, {ErrorAction::kRetry, 3, "postgres_unavailable"}},
    {ErrorKind::kPostgresRefused, {ErrorAction::kStop, 3, "postgres_refused"}},
    {ErrorKind::kPostgresProtocol, {ErrorAction::kStop, 4, "postgres_protocol"}},
    {ErrorKind::kSlotBusy, {ErrorAction::kRetry, 3, "slot_busy"}},
    {ErrorKind::kGap, {ErrorAction::kStop, 4, "gap"}},
    {ErrorKind::kDivergence, {ErrorAction::kStop, 4, "divergence"}},
    {ErrorKind::kSchemaChanged, {ErrorAction::kRetry, 4, "schema_changed"}},
    {ErrorKind::kMongoUnavailable, {ErrorAction::kRetry, 3, "mongo_unavailable"}},
    {ErrorKind::kMongoRefused, {ErrorAction::kStop, 3, "mongo_refused"}},
    {ErrorKind::kKafkaUnavailable, {ErrorAction::kRetry, 3, "kafka_unavailable"}},
    {ErrorKind::kKafkaRefused, {ErrorAction::kStop, 3, "kafka_refused"}},
    {ErrorKind::kFenced, {ErrorAction::kStop, 3, "fenced"}},
    {ErrorKind::kBadValue, {ErrorAction::kDeadLetter, 4, "bad_value"}},
    {ErrorKind::kRejectedDocument, {ErrorAction::kDeadLetter, 4, "rejected_document"}},
    {ErrorKind::kCancelled, {ErrorAction::kStop, 0, "cancelled"}},
    {ErrorKind::kInternal, {ErrorAction::kStop, 4, "internal"}},
}};

constexpr bool rows_are_in_order() {
  for (std::size_t i = 0; i < kTable.size(); ++i)
    if (static_cast<std::size_t>(kTable[i].kind) != i) return false;
  return true;
}
static_assert(rows_are_in_order(), "kTable is indexed by ErrorKind");

}  // namespace

const ErrorPolicy& policy_of(ErrorKind kind) { return kTable.at(static_cast<std::size_t>(kind)).policy; }

bool is_outage(ErrorKind kind) {
  return kind == ErrorKind::kPostgresUnavailable || kind == ErrorKind::kKafkaUnavailable ||
         kind == ErrorKind::kMongoUnavailable;
}

}  // namespace penstock
