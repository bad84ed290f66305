#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/advice.h"
#include "app/wiring.h"
#include "cli/arguments.h"
#include "cli/command_table.h"
#include "cli/output.h"
#include "report/verify_json.h"
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
  if (settings.verify_deep) flags["deep"] = {"true"};
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
  prove["deep"] = {"true"};
  return {
      .rebuild = command_line("rebuild-catalog", reading_flags(settings, vault)),
      .repair = fmt::format("{} > {} || {}",
                            command_line("verify", flags_to_find_it_again(call, settings), call.repositories),
                            kFindings, command_line("backup", repair)),
      .prove = command_line("verify", prove, call.repositories)};
}

ExitCode run(const CommandCall& call, const Settings& settings, const std::stop_token& stop) {
  VerifyProgress progress(moving_line());
  const VerifySummary summary = run_verify(settings, {.repositories = call.repositories}, progress, stop);
  print(settings.json ? format_json_to_print(to_json(summary)) + "\n"
                      : describe(summary, advice_of(call, settings)) + "\n");
  if (summary.stopped) return ExitCode::interrupted;
  return summary.is_good() ? ExitCode::ok : ExitCode::incomplete;
}

}  // namespace

CommandDefinition verify_command() {
  return {
      .name = "verify",
      .settings = Command::verify,
      .usage = "hubkeep verify [OWNER/NAME...] [FLAGS]",
      .summary = "prove that what a vault holds can be restored",
      .story =
          "Checks that every object that a snapshot needs is there, with its size and, in S3, its "
          "checksum. With --read-data it reads every byte and compares its SHA-256. With --deep it reads "
          "histories and wikis, makes every git object of every bundle again, and proves that each has the "
          "name that it hashes to, that everything that an object or a ref names is there, and that the "
          "indexes in the vault are right; it trusts none. With --restore it proves that with the machinery "
          "of a restore: it rebuilds each snapshot in a temporary folder, which takes longer and as much "
          "disk as a restore. Neither of the two reads LFS objects, release assets and attachments: for all "
          "that there is, add --read-data. Says which "
          "repository, snapshot and object are damaged and what can still be restored; the exit code is "
          "then 3. Needs neither GitHub nor a token.",
      .examples =
          "  hubkeep verify\n"
          "  hubkeep verify --read-data acme/site --from /srv/github-vault\n"
          "  hubkeep verify --read-data-subset 5% --from s3://acme-backup/github\n"
          "  hubkeep verify --deep acme/site\n"
          "  hubkeep verify --deep --read-data\n"
          "  hubkeep verify --restore --temp-dir /mnt/large\n",
      .max_arguments = kAnyNumber,
      .run = run};
}

}  // namespace hubkeep
