#include <nlohmann/json.hpp>

#include <unistd.h>

#include "app/wiring.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "report/copy_progress.h"
#include "vault/manifest.h"

namespace hubkeep {

ExitCode run_copy_command(const CommandCall& call, const Settings& settings, const std::stop_token& stop) {
  const bool terminal = settings.log_format == "text" && isatty(STDERR_FILENO) == 1;
  CopyProgress progress({.terminal = terminal, .quiet = settings.quiet, .verbose = settings.verbose});
  const CopySummary summary =
      run_copy(settings, {.from = call.copy_from, .to = call.copy_to, .repositories = call.repositories},
               progress, stop);
  print(settings.json ? format_json_to_print(to_json(summary)) + "\n" : describe(summary) + "\n");
  if (summary.stopped) return ExitCode::interrupted;
  return summary.is_good() ? ExitCode::ok : ExitCode::incomplete;
}

}  // namespace hubkeep
