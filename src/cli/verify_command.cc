#include <fmt/format.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "app/advice.h"
#include "app/wiring.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "report/verify_progress.h"
#include "vault/manifest.h"

namespace hubkeep {
namespace {

constexpr const char* kFindings = "findings.json";

// The same verification again, so that it finds the same: as it was given, with what it was to read. A part
// that is another each time would not do.
FlagValues flags_to_find_it_again(const CommandCall& call, const Settings& settings) {
  FlagValues flags = call.flags;
  for (const char* place : {"s3-bucket", "s3-prefix"}) flags.erase(place);
  flags["from"] = {vault_to_read(settings)};
  flags["json"] = {"true"};
  if (settings.verify_restore) flags["restore"] = {"true"};
  const bool is_part = !settings.read_data && !settings.read_data_subset.empty();
  if (is_part && DataSubset::parse(settings.read_data_subset).kind == DataSubset::Kind::share) return flags;
  flags.erase("read-data-subset");
  if (is_part || settings.read_data) flags["read-data"] = {"true"};
  return flags;
}

VerifyAdvice advice_of(const CommandCall& call, const Settings& settings) {
  const std::string vault = vault_to_read(settings);
  FlagValues repair = writing_flags(settings, vault);
  repair["repair"] = {kFindings};
  FlagValues prove = reading_flags(settings, vault);
  prove["restore"] = {"true"};
  return {.rebuild = command_line(Command::rebuild_catalog, reading_flags(settings, vault)),
          .repair = fmt::format(
              "{} > {} || {}",
              command_line(Command::verify, flags_to_find_it_again(call, settings), call.repositories),
              kFindings, command_line(Command::backup, repair)),
          .prove = command_line(Command::verify, prove, call.repositories)};
}

}  // namespace

ExitCode run_verify_command(const CommandCall& call, const Settings& settings, const std::stop_token& stop) {
  const bool terminal = settings.log_format == "text" && isatty(STDERR_FILENO) == 1;
  VerifyProgress progress({.terminal = terminal, .quiet = settings.quiet, .verbose = settings.verbose});
  const VerifySummary summary = run_verify(settings, {.repositories = call.repositories}, progress, stop);
  print(settings.json ? format_json_to_print(to_json(summary)) + "\n"
                      : describe(summary, advice_of(call, settings)) + "\n");
  if (summary.stopped) return ExitCode::interrupted;
  return summary.is_good() ? ExitCode::ok : ExitCode::incomplete;
}

}  // namespace hubkeep
