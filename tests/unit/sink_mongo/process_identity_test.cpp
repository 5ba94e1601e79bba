// Telling a dead process of this machine from a living one.
#include "sink/mongo/lease/process_identity.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace penstock::mongo {
namespace {

TEST(ProcessIdentity, this_process_lives) { EXPECT_FALSE(is_dead(this_process())); }

TEST(ProcessIdentity, an_ended_process_is_dead_before_and_after_its_parent_noticed) {
  ProcessIdentity child = this_process();
  const pid_t pid = fork();
  if (pid == 0) _exit(0);
  child.pid = pid;
  siginfo_t info{};
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT), 0);  // a zombie
  EXPECT_TRUE(is_dead(child));
  ASSERT_EQ(waitpid(pid, nullptr, 0), pid);
  EXPECT_TRUE(is_dead(child));
}

TEST(ProcessIdentity, a_reused_pid_is_another_process) {
  ProcessIdentity before = this_process();
  before.started -= 1;
  EXPECT_TRUE(is_dead(before));
}

TEST(ProcessIdentity, nothing_is_said_of_other_machines) {
  ProcessIdentity elsewhere = this_process();
  elsewhere.machine = "another boot";
  elsewhere.pid = 999999;
  EXPECT_FALSE(is_dead(elsewhere));
}

}  // namespace
}  // namespace penstock::mongo
