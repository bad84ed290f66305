#include <fmt/format.h>

#include <algorithm>

#include "app/advice.h"
#include "app/wiring.h"
#include "base/log.h"
#include "cli/arguments.h"
#include "cli/command_table.h"
#include "cli/output.h"
#include "report/backup_json.h"
#include "report/dry_run_report.h"
#include "report/progress.h"

namespace hubkeep {

namespace {

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
  prove["deep"] = {"true"};
  return {.repair = fmt::format("{} > {} || {}", command_line("verify", verify), kFindings,
                                command_line("backup", repair)),
          .prove = command_line("verify", prove),
          .list_missing = command_line("list", reading_flags(settings, vault)) + " --missing"};
}

ExitCode foretell(const Settings& settings, const std::stop_token& stop) {
  if (!settings.repair.empty())
    throw Error(ErrorKind::invalid, "--dry-run foretells a usual backup: give it without --repair");
  Progress progress(moving_line());
  const DryRun foretold = run_dry(settings, progress, stop);
  print(settings.json ? to_json_text(foretold) : describe(foretold));
  return foretold.has_failures() ? ExitCode::incomplete : ExitCode::ok;
}

ExitCode run(const CommandCall& call, const Settings& settings, const std::stop_token& stop) {
  if (call.has("dry-run")) return foretell(settings, stop);
  Progress progress(moving_line());
  const RunSummary summary = run_backup(settings, progress, {.stop = stop});
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

}  // namespace

CommandDefinition backup_command() {
  return {
      .name = "backup",
      .settings = Command::backup,
      .usage = "hubkeep backup [FLAGS]",
      .summary = "save what is new in every repository of an account into a vault",
      .story =
          "Streams the history of each repository, with all branches, tags and pull requests, from GitHub "
          "straight into the vault. The first run saves everything, later runs only what is new. What was "
          "deleted or overwritten on GitHub stays in the vault. If a run is interrupted, run the same "
          "command again.",
      .examples =
          "  TOKEN_GITHUB=... hubkeep backup\n"
          "  hubkeep backup --token-file /run/secrets/github --to /srv/github-vault\n"
          "  hubkeep backup --org acme --exclude 'acme/scratch-*' --skip-forks\n"
          "  hubkeep backup --org acme --dry-run\n",
      .plain_flags = {{"dry-run",
                       "tell what a backup would save, and how much is known to come, and save nothing: git "
                       "is asked for nothing, and the vault is only read"}},
      .run = run};
}

}  // namespace hubkeep
