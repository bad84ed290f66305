#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/wiring.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/output.h"

namespace hubkeep {

ExitCode run_rebuild_catalog_command(const Settings& settings, const std::stop_token& stop) {
  const auto vault = open_vault_to_read(settings, stop);
  std::size_t notes = 0;
  const auto note = [&](const std::string& text) {
    ++notes;
    log_line(LogLevel::quiet, "note: " + text);
  };
  const Catalog catalog = vault->replace_catalog(note, stop);
  print(settings.json ? format_json_to_print({{"repositories", catalog.size()}, {"notes", notes}}) + "\n"
                      : fmt::format("the catalog is made again: {} repositories\n", catalog.size()));
  return notes == 0 ? ExitCode::ok : ExitCode::incomplete;
}

}  // namespace hubkeep
