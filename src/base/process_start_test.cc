#include "base/process_start.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>

namespace hubkeep {
namespace {

// What `action` returns in a process of its own.
int in_a_child(const std::function<int()>& action) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(action());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(ProcessStart, OpensEveryClosedStandardFile) {
  for (int closed = 0; closed < 8; ++closed) {
    const int next = in_a_child([closed] {
      for (int file = 0; file < 3; ++file)
        if ((closed >> file & 1) != 0) ::close(file);
      if (!open_standard_files()) return -1;
      return ::open("/dev/null", O_RDONLY);
    });

    EXPECT_GE(next, 3) << closed;
  }
}

TEST(ProcessStart, LetsNothingBeWrittenToAnOutputThatWasClosed) {
  const int error = in_a_child([] {
    ::close(STDOUT_FILENO);
    open_standard_files();
    return ::write(STDOUT_FILENO, "x", 1) < 0 ? errno : 0;
  });

  EXPECT_EQ(error, EBADF);
}

TEST(ProcessStart, KeepsItsMemoryFromOthers) {
  const int dumpable = in_a_child([] {
    keep_memory_private();
    rlimit limit{};
    ::getrlimit(RLIMIT_CORE, &limit);
    if (limit.rlim_cur != 0 || limit.rlim_max != 0) return -1;
    return ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
  });

  EXPECT_EQ(dumpable, 0);
}

TEST(ProcessStart, OutlivesItsTerminal) {
  EXPECT_EQ(in_a_child([] {
              outlive_terminal();
              ::raise(SIGHUP);
              return 7;
            }),
            7);
}

}  // namespace
}  // namespace hubkeep
