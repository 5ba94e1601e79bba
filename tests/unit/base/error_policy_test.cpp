#include "base/error_policy.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace penstock {
namespace {

TEST(ErrorPolicy, ExitCodesAreThoseOfTheManual) {
  EXPECT_EQ(policy_of(ErrorKind::kCheckFailed).exit_code, 1);
  EXPECT_EQ(policy_of(ErrorKind::kUsage).exit_code, 2);
  EXPECT_EQ(policy_of(ErrorKind::kConfiguration).exit_code, 2);
  for (const ErrorKind kind : {ErrorKind::kPostgresUnavailable, ErrorKind::kPostgresRefused,
                               ErrorKind::kMongoUnavailable, ErrorKind::kMongoRefused})
    EXPECT_EQ(policy_of(kind).exit_code, 3);
  for (const ErrorKind kind :
       {ErrorKind::kBadValue, ErrorKind::kRejectedDocument, ErrorKind::kGap, ErrorKind::kDivergence})
    EXPECT_EQ(policy_of(kind).exit_code, 4);
  EXPECT_EQ(policy_of(ErrorKind::kCancelled).exit_code, 0);
}

TEST(ErrorPolicy, OnlyOutagesAreRetriedAndOnlyRowsAreParked) {
  EXPECT_EQ(policy_of(ErrorKind::kPostgresUnavailable).action, ErrorAction::kRetry);
  EXPECT_EQ(policy_of(ErrorKind::kMongoUnavailable).action, ErrorAction::kRetry);
  EXPECT_EQ(policy_of(ErrorKind::kBadValue).action, ErrorAction::kDeadLetter);
  EXPECT_EQ(policy_of(ErrorKind::kRejectedDocument).action, ErrorAction::kDeadLetter);
  for (const ErrorKind kind : {ErrorKind::kGap, ErrorKind::kDivergence, ErrorKind::kFenced,
                               ErrorKind::kInternal, ErrorKind::kConfiguration})
    EXPECT_EQ(policy_of(kind).action, ErrorAction::kStop);
}

TEST(ErrorPolicy, NamesAreDistinct) {
  std::set<std::string> names;
  for (int i = 0; i <= static_cast<int>(ErrorKind::kInternal); ++i)
    names.insert(policy_of(static_cast<ErrorKind>(i)).name);
  EXPECT_EQ(names.size(), static_cast<std::size_t>(ErrorKind::kInternal) + 1);
}

}  // namespace
}  // namespace penstock
