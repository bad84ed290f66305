#include <fmt/format.h>

#include <cerrno>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>

#include "app/wiring.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/command_table.h"
#include "cli/output.h"
#include "report/drill_page.h"
#include "report/drill_progress.h"
#include "vault/manifest.h"

namespace hubkeep {
namespace {

void take(CommandCall& call, const std::vector<std::string>& arguments) {
  if (call.has("all") && !arguments.empty())
    throw Error(ErrorKind::invalid, "--all drills every repository: name none");
  call.repositories = arguments;
}

// Opened before anything is restored: a name that cannot be written would cost an hour's result.
std::ofstream open_page(const std::filesystem::path& path) {
  if (path.empty()) return {};
  std::ofstream file(path, std::ios::binary | std::ios::app);
  if (file) return file;
  throw Error(ErrorKind::invalid, fmt::format("cannot write {}: {}", printable(path.string()),
                                              std::generic_category().message(errno)));
}

void write_page(const std::filesystem::path& path, const DrillReport& report) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << drill_page(report);
  file.close();
  if (file) return;
  throw Error(ErrorKind::internal, fmt::format("cannot write {}: {}", printable(path.string()),
                                               std::generic_category().message(errno)));
}

ExitCode run(const CommandCall& call, const Settings& settings, const std::stop_token& stop) {
  open_page(settings.html);
  DrillProgress progress(moving_line());
  const DrillReport report =
      run_drill(settings, {.repositories = call.repositories, .all = call.has("all")}, progress, stop);
  print(settings.json ? format_json_to_print(to_json(report)) + "\n" : describe(report) + "\n");
  if (!settings.html.empty()) write_page(settings.html, report);
  if (report.stopped) return ExitCode::interrupted;
  return report.is_good() ? ExitCode::ok : ExitCode::incomplete;
}

}  // namespace

CommandDefinition drill_command() {
  return {.name = "drill",
          .settings = Command::drill,
          .usage = "hubkeep drill [OWNER/NAME...] [FLAGS]",
          .summary = "restore some repositories as an exercise, and say how that went",
          .story =
              "Restores each as a mirror into --temp-dir, by the vault alone, runs git fsck on it, compares "
              "refs, HEAD and the number of objects with the snapshot, takes the time, and removes it "
              "again. With --against-github it also compares with GitHub, and says which differences "
              "pushes since the snapshot explain. The result stays in the vault, below drills/; the exit "
              "code is 3 if something failed or is not explained. Without --against-github it needs "
              "neither GitHub nor a token.",
          .examples =
              "  hubkeep drill\n"
              "  hubkeep drill acme/site --html drill.html\n"
              "  hubkeep drill --count 10 --against-github --from s3://acme-backup/github\n",
          .plain_flags = {{"all", "drill every repository of the vault"}},
          .max_arguments = kAnyNumber,
          .take = take,
          .run = run};
}

}  // namespace hubkeep
