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
  print_bytes(printable_lines(text));
}

void print_bytes(std::string_view bytes) {
  keep_error(std::fwrite(bytes.data(), 1, bytes.size(), stdout) < bytes.size());
}

bool is_output_lost() {
  return first_error != 0;
}

ExitCode finish_output(ExitCode code) {
  keep_error(std::fflush(stdout) != 0);
  if (first_error == 0 || first_error == EPIPE) return code;
  log_line(LogLevel::quiet,
           "hubkeep: cannot write to standard output: " + std::generic_category().message(first_error));
  return code == ExitCode::ok ? ExitCode::nothing_done : code;
}

}  // namespace hubkeep
