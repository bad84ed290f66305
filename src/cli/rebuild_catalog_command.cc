#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/wiring.h"
#include "base/clock.h"
#include "base/log.h"
#include "cli/command_table.h"
#include "cli/output.h"

namespace hubkeep {

namespace {

ExitCode run(const CommandCall&, const Settings& settings, const std::stop_token& stop) {
  const auto vault = open_vault_to_read(settings, stop);
  SystemClock clock;
  std::size_t notes = 0;
  const auto note = [&](const std::string& text) {
    ++notes;
    log_notice(text);
  };
  // What else is written is written into a vault that is known to be one.
  std::string made;
  if (vault->identity_damage()) made = vault->recover_identity(clock, stop);
  vault->keep_readme(log_notice, stop);
  if (!made.empty() && !settings.json) print(made + "\n");
  const Catalog catalog = vault->replace_catalog(note, stop);
  print(settings.json ? format_json_to_print({{"vault", vault->id()},
                                              {"identity_made", !made.empty()},
                                              {"repositories", catalog.size()},
                                              {"notes", notes}}) +
                            "\n"
                      : fmt::format("the catalog is made again: {}\n",
                                    catalog.size() == 1 ? "1 repository"
                                                        : fmt::format("{} repositories", catalog.size())));
  return notes == 0 ? ExitCode::ok : ExitCode::incomplete;
}

}  // namespace

CommandDefinition rebuild_catalog_command() {
  return {.name = "rebuild-catalog",
          .settings = Command::reader,
          .usage = "hubkeep rebuild-catalog [FLAGS]",
          .summary = "rebuild a vault's catalog from its snapshots",
          .story =
              "Use it if the catalog is lost or damaged; a backup that notices does the same by itself. Also "
              "rebuilds hubkeep.json and README.txt if they are lost or damaged. Needs neither GitHub nor a "
              "token.",
          .examples = "  hubkeep rebuild-catalog --from /srv/github-vault\n",
          .run = run};
}

}  // namespace hubkeep
