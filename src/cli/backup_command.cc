#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "app/advice.h"
#include "app/wiring.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "report/backup_json.h"
#include "report/json_progress.h"
#include "report/progress.h"

namespace hubkeep {

namespace {

std::unique_ptr<BackupObserver> make_observer(const Settings& settings) {
  if (settings.log_format == "json") return std::make_unique<JsonProgress>();
  const bool terminal = isatty(STDERR_FILENO) == 1;
  return std::make_unique<Progress>(
      ProgressOptions{.terminal = terminal, .quiet = settings.quiet, .verbose = settings.verbose});
}

// With the settings of this run.
BackupAdvice advice_of(const Settings& settings) {
  constexpr const char* kFindings = "findings.json";
  const std::string vault = resolved_vault_location(settings);
  FlagValues verify = reading_flags(settings, vault);
  verify["json"] = {"true"};
  FlagValues repair = settings.flags;
  for (const char* other : {"s3-bucket", "s3-prefix", "json", "quiet", "accept-gone"}) repair.erase(other);
  repair["to"] = {vault};
  repair["repair"] = {kFindings};
  FlagValues prove = reading_flags(settings, vault);
  prove["restore"] = {"true"};
  return {.repair = fmt::format("{} > {} || {}", command_line(Command::verify, verify), kFindings,
                                command_line(Command::backup, repair)),
          .prove = command_line(Command::verify, prove)};
}

}  // namespace

ExitCode run_backup_command(const Settings& settings, const std::stop_token& stop) {
  const auto observer = make_observer(settings);
  const RunSummary summary = run_backup(settings, *observer, {.stop = stop});
  if (settings.json) print(to_json_text(summary));
  if (!settings.quiet) log_line(LogLevel::quiet, "");
  if (!settings.json) print(describe(summary, advice_of(settings)) + "\n");
  if (summary.stopped) return ExitCode::interrupted;
  if (summary.is_good()) return ExitCode::ok;
  // One that failed may have kept a part of what it fetched, and where nothing was to do nothing has failed.
  const bool nothing = !summary.outcomes.empty() &&
                       std::all_of(summary.outcomes.begin(), summary.outcomes.end(), [](const auto& outcome) {
                         return outcome.kind == OutcomeKind::failed && outcome.snapshot.empty();
                       });
  return nothing ? ExitCode::nothing_done : ExitCode::incomplete;
}

}  // namespace hubkeep
