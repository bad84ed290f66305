#include "cli/output.h"

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "base/log.h"
#include "base/text.h"

namespace hubkeep {
namespace {

int first_error = 0;

void keep_error(bool failed) {
  if (failed && first_error == 0) first_error = errno;
}

}  // namespace

void print(std::string_view text) {
  const std::string shown = printable_lines(text);
  keep_error(std::fwrite(shown.data(), 1, shown.size(), stdout) < shown.size());
}

ExitCode finish_output(ExitCode code) {
  keep_error(std::fflush(stdout) != 0);
  if (first_error == 0 || first_error == EPIPE) return code;
  log_line(LogLevel::quiet,
           "hubkeep: cannot write to standard output: " + std::generic_category().message(first_error));
  return code == ExitCode::ok ? ExitCode::nothing_done : code;
}

}  // namespace hubkeep
