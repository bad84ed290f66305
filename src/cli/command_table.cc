#include "cli/command_table.h"

#include <algorithm>

namespace hubkeep {

const std::vector<CommandDefinition>& command_table() {
  static const std::vector<CommandDefinition> table = {
      backup_command(), list_command(),  restore_command(), export_command(),
      verify_command(), drill_command(), doctor_command(),  rebuild_catalog_command(),
      copy_command(),   show_command(),  ls_command(),      cat_command(),
      log_command(),    diff_command()};
  return table;
}

const CommandDefinition* find_command(std::string_view name) {
  const auto& table = command_table();
  const auto found =
      std::find_if(table.begin(), table.end(), [&](const auto& row) { return row.name == name; });
  return found == table.end() ? nullptr : &*found;
}

}  // namespace hubkeep
