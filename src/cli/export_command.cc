// A repository of a vault in a form that other programs read.

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/wiring.h"
#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/command_table.h"
#include "cli/output.h"

namespace hubkeep {
namespace {

void take(CommandCall& call, const std::vector<std::string>& arguments) {
  if (arguments.size() != 2 || arguments.back().empty())
    throw Error(ErrorKind::invalid,
                "export needs a repository and a folder: hubkeep export OWNER/NAME DIR --format FORMAT");
  if (call.value("--format").empty())
    throw Error(ErrorKind::invalid, "export needs --format: json, markdown or gitea");
  parse_export_format(call.value("--format"));  // or it is told now
  call.repositories = {arguments.front()};
  call.words = {arguments.back()};
}

void tell(const ExportOutcome& outcome) {
  if (outcome.lacks.count == 0) return;
  log_line(LogLevel::quiet, fmt::format("{}: {} could not be exported:", printable(outcome.repository),
                                        count_of(outcome.lacks.count, "file")));
  for (const NotWritten& file : outcome.lacks.named)
    log_line(LogLevel::quiet, fmt::format("  {}: {}", printable(file.path), printable(file.why)));
}

nlohmann::ordered_json to_json(const ExportOutcome& outcome, const std::string& format) {
  return {{"repository", outcome.repository},
          {"snapshot", outcome.snapshot.str()},
          {"format", format},
          {"folder", outcome.folder.string()},
          {"documents", outcome.documents},
          {"not_exported", outcome.lacks.count}};
}

ExitCode run(const CommandCall& call, const Settings& settings, const std::stop_token& stop) {
  const std::string format = call.value("--format");
  const ExportOutcome outcome = run_export(
      settings,
      {.repository = call.repositories[0], .folder = call.words[0], .format = parse_export_format(format)},
      stop);
  tell(outcome);
  if (settings.json)
    print(format_json_to_print(to_json(outcome, format)) + "\n");
  else
    print(printable(outcome.folder.string()) + "\n");
  return outcome.lacks.count == 0 ? ExitCode::ok : ExitCode::incomplete;
}

}  // namespace

CommandDefinition export_command() {
  return {
      .name = "export",
      .settings = Command::restore,
      .usage = "hubkeep export OWNER/NAME DIR --format FORMAT [FLAGS]",
      .summary = "write issues, pull requests and the rest in a form that others read",
      .story =
          "json: a folder for each kind, with the documents as GitHub sent them, one a line. markdown: a "
          "page for each issue, pull request and discussion, with its attachments. gitea: the folder that "
          "`gitea restore-repo` and Forgejo's read, with the git repository. DIR must be new or empty, "
          "and has its files when all are there. Needs neither GitHub nor a token.",
      .examples =
          "  hubkeep export acme/site site-json --format json\n"
          "  hubkeep export acme/site site-pages --format markdown --at 2026-11-23\n"
          "  hubkeep export acme/site site-gitea --format gitea --from /srv/github-vault\n",
      .value_flags = {{"--format", "FORMAT", "json, markdown or gitea"}},
      .max_arguments = 2,
      .take = take,
      .run = run};
}

}  // namespace hubkeep
