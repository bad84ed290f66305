#include <nlohmann/json.hpp>

#include "app/wiring.h"
#include "base/error.h"
#include "cli/command_table.h"
#include "cli/output.h"
#include "report/copy_json.h"
#include "report/copy_progress.h"
#include "vault/manifest.h"

namespace hubkeep {
namespace {

void take(CommandCall& call, const std::vector<std::string>& arguments) {
  if (arguments.size() < 2) throw Error(ErrorKind::invalid, "copy needs two vaults: hubkeep copy FROM TO");
  call.vaults = {arguments[0], arguments[1]};
  if (call.vaults[0].empty() || call.vaults[1].empty())
    throw Error(ErrorKind::invalid, "the name of a vault is empty");
  call.repositories.assign(arguments.begin() + 2, arguments.end());
}

ExitCode run(const CommandCall& call, const Settings& settings, const std::stop_token& stop) {
  CopyProgress progress(moving_line());
  const CopySummary summary =
      run_copy(settings, {.from = call.vaults[0], .to = call.vaults[1], .repositories = call.repositories},
               progress, stop);
  print(settings.json ? format_json_to_print(to_json(summary)) + "\n" : describe(summary) + "\n");
  if (summary.stopped) return ExitCode::interrupted;
  return summary.is_good() ? ExitCode::ok : ExitCode::incomplete;
}

}  // namespace

CommandDefinition copy_command() {
  return {
      .name = "copy",
      .settings = Command::copy,
      .usage = "hubkeep copy FROM TO [OWNER/NAME...] [FLAGS]",
      .summary = "copy a vault, or some of its repositories, into another one",
      .story =
          "FROM and TO are folders or s3://BUCKET/PREFIX. Copies only what is missing, older snapshots "
          "before newer ones, and compares the SHA-256 of every object on the way: damaged objects are "
          "left out and listed. Objects that TO has lost are copied again. Objects that TO has with a "
          "different size are listed but never replaced: remove them there, then copy again. Objects that "
          "TO already has are not read: run verify for that. Needs neither GitHub nor a token.",
      .examples =
          "  hubkeep copy /srv/github-vault s3://acme-backup/github\n"
          "  hubkeep copy s3://acme-backup/github s3://acme-second/github acme/site\n",
      .max_arguments = kAnyNumber,
      .take = take,
      .run = run};
}

}  // namespace hubkeep
