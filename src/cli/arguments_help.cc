#include "cli/arguments_help.h"

#include <fmt/format.h>

#include "app/settings_table.h"
#include "base/text.h"

namespace hubkeep {
namespace {

constexpr std::size_t kWidth = 80;
constexpr std::size_t kTextColumn = 25;

// `text` broken at spaces; lines but the first are indented. `column` is where the first one begins.
std::string wrap(std::string_view text, std::size_t column, std::size_t indent) {
  std::string out;
  for (const std::string_view word : split(text, ' ')) {
    const bool first = out.empty();
    if (!first && column + 1 + word.size() > kWidth) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (!first) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
  }
  return out;
}

std::string entry(std::string_view left, std::string_view text) {
  std::string out = fmt::format("  {}", left);
  out += out.size() + 2 > kTextColumn ? "\n" + std::string(kTextColumn, ' ')
                                      : std::string(kTextColumn - out.size(), ' ');
  return out + wrap(text, kTextColumn, kTextColumn) + "\n";
}

std::string setting_entry(const SettingDefinition& setting) {
  const std::string left =
      fmt::format("--{}{}{}", flag_name(setting), setting.value_name.empty() ? "" : " ", setting.value_name);
  std::string text(setting.help);
  if (!setting.default_text.empty() && setting.default_text != "false")
    text += fmt::format(" (default {})", setting.default_text);
  std::string names;
  for (const EnvironmentName& name : environment_names(setting))
    names += (names.empty() ? "" : ", ") + name.name;
  return entry(left, text) + std::string(kTextColumn, ' ') +
         wrap(fmt::format("[{}]", names), kTextColumn, kTextColumn + 1) + "\n";
}

std::string plain_entries(const CommandDefinition& command) {
  std::string out;
  for (const PlainFlag& flag : command.plain_flags) out += entry("--" + std::string(flag.name), flag.help);
  for (const ValueFlag& flag : command.value_flags)
    out += entry(fmt::format("{} {}", flag.name, flag.value_name), flag.help);
  return out.empty() ? "" : "\nHow to run it\n" + out;
}

std::string paragraph(std::string_view text) {
  return wrap(text, 0, 0) + "\n";
}

}  // namespace

std::string overview_help() {
  std::string out = paragraph(
      "hubkeep keeps a complete, restorable copy of every repository of a GitHub account in a vault of git "
      "bundles, which plain git can read too.");
  out += "\nusage: hubkeep COMMAND [FLAGS]\n\nCommands\n";
  for (const CommandDefinition& command : command_table()) out += entry(command.name, command.summary);
  out += entry("help [COMMAND]", "show this text, or the flags of one command");
  out += entry("version", "show the version");
  out += "\nExamples\n";
  for (const CommandDefinition& command : command_table()) out += command.examples;
  out += "\n" +
         paragraph(
             "`hubkeep help backup` shows the flags of that command, with their environment variables and "
             "defaults; the same goes for the other commands.");
  out += "\nExit codes\n";
  out += "  0    everything is fine\n";
  out += "  1    nothing could be done\n";
  out += "  2    wrong usage\n";
  out += "  3    something is incomplete, damaged, lost or archived; the output says what\n";
  out += "  130  interrupted\n";
  return out;
}

std::string command_help(const CommandDefinition& command) {
  std::string out = wrap(fmt::format("hubkeep {}: {}", command.name, command.summary), 0, 0);
  out += fmt::format("\n\nusage: {}\n\n{}\nExamples\n{}", command.usage, paragraph(command.story),
                     command.examples);
  out += plain_entries(command);
  std::string_view group;
  for (const SettingDefinition& setting : settings_table()) {
    if (!has_flag(setting, command.settings)) continue;
    if (setting.group != group) out += fmt::format("\n{}\n", setting.group);
    group = setting.group;
    out += setting_entry(setting);
  }
  out += entry("--help", "show this text");
  out +=
      "\n" + paragraph(
                 "In brackets: the environment variables that do the same; the first that is not empty wins. "
                 "They may also be in a file .env in the current folder. If a setting is given in several "
                 "places, the first of these wins: flags, the environment, the secret of --secret-id, the "
                 "file of --config (else ~/.config/hubkeep/hubkeep.toml), .env, hubkeep.toml in the current "
                 "folder. To switch off a flag that takes no value, add =false.");
  return out;
}

}  // namespace hubkeep
