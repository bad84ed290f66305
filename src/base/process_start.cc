// What main() does before all else, while there is one thread.
#include "base/process_start.h"

#include <fcntl.h>
#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <initializer_list>

namespace hubkeep {

// Whoever starts us with a closed standard file gives its number to the next file that is opened: a vault's
// file would become stderr, and log lines would be written into it. See
// ProcessStart.LetsNothingBeWrittenToAnOutputThatWasClosed.
bool open_standard_files() {
  for (const int file : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(file, F_GETFD) >= 0 || errno != EBADF) continue;
    // The lowest free number is given, and those below are open.
    if (::open("/dev/null", file == STDERR_FILENO ? O_WRONLY : O_RDONLY) != file) return false;
  }
  return true;
}

// A core file would hold tokens and keys.
void keep_memory_private() {
  const rlimit none{.rlim_cur = 0, .rlim_max = 0};
  ::setrlimit(RLIMIT_CORE, &none);
  // The limit does not count where the system hands core files to a program.
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

// glibc makes up to eight for each processor. Eight repositories at once took 293 MiB so, and 235 with two.
void share_heaps() {
  ::mallopt(M_ARENA_MAX, 2);
}

// A backup goes on when the ssh session that started it breaks off. See ProcessStart.OutlivesItsTerminal.
void outlive_terminal() {
  std::signal(SIGHUP, SIG_IGN);
  std::signal(SIGPIPE, SIG_IGN);
}

}  // namespace hubkeep
