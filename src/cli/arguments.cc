#include "cli/arguments.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "app/advice.h"
#include "app/settings_suggestion.h"
#include "app/settings_table.h"
#include "base/error.h"
#include "base/gist_name.h"
#include "base/shell_word.h"
#include "base/text.h"
#include "cli/arguments_help.h"

namespace hubkeep {
namespace {

using Words = std::vector<std::string>;

[[noreturn]] void refuse(std::string message) {
  throw Error(ErrorKind::invalid, std::move(message));
}

Words command_names() {
  Words names = {"help", "version"};
  for (const CommandDefinition& command : command_table()) names.emplace_back(command.name);
  return names;
}

bool is_global(const SettingDefinition& setting) {
  const auto& table = command_table();
  return std::all_of(table.begin(), table.end(),
                     [&](const auto& row) { return has_flag(setting, row.settings); });
}

// With their dashes.
Words flags_of(const CommandDefinition& command) {
  Words flags = {"--help"};
  for (const SettingDefinition& setting : settings_table())
    if (has_flag(setting, command.settings)) flags.push_back("--" + flag_name(setting));
  for (const PlainFlag& flag : command.plain_flags) flags.push_back("--" + std::string(flag.name));
  for (const ValueFlag& flag : command.value_flags) flags.emplace_back(flag.name);
  return flags;
}

bool contains(const Words& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Before CLI11 sees them: what it would take for something else.
void check_words(const Words& words) {
  for (const std::string& word : words) {
    if (word == "--") return;
    if (!word.starts_with("--")) continue;
    const auto equals = word.find('=');
    const std::string flag = word.substr(0, equals);
    for (const SettingDefinition& setting : settings_table()) {
      if (!is_secret(setting.type) || flag != "--" + std::string(setting.name)) continue;
      refuse(fmt::format(
          "{} cannot be given on the command line, where every user of this machine can see it; set {} "
          "or use --{} FILE",
          flag, variable_of_value(setting), flag_name(setting)));
    }
    // CLI11 would go on and take the next word for the value.
    if (equals + 1 == word.size()) refuse(printable(flag) + " is empty");
  }
}

[[noreturn]] void refuse_unknown_flag(const std::string& flag, const Words& known) {
  const std::string positive = flag.starts_with("--no-") ? "--" + flag.substr(5) : "";
  refuse(fmt::format("unknown flag '{}'{}", printable(flag),
                     contains(known, positive) ? fmt::format("; did you mean '{}=false'?", positive)
                                               : suggestion(flag, known)));
}

[[noreturn]] void refuse_flag_without_command(const std::string& flag) {
  Words known;
  for (const CommandDefinition& command : command_table()) {
    const Words flags = flags_of(command);
    if (contains(flags, flag))
      refuse(fmt::format("{0} needs a command before it, as in hubkeep {1} {0}", flag, command.name));
    known.insert(known.end(), flags.begin(), flags.end());
  }
  refuse_unknown_flag(flag, known);
}

[[noreturn]] void refuse_flag_of(const CommandDefinition& command, const std::string& flag) {
  const Words own = flags_of(command);
  if (contains(own, flag))
    refuse(fmt::format("{0} must come after the command: hubkeep {1} {0}", flag, command.name));
  for (const CommandDefinition& other : command_table()) {
    if (contains(flags_of(other), flag))
      refuse(fmt::format("{} is a flag of 'hubkeep {}', not of 'hubkeep {}'{}", flag, other.name,
                         command.name, flag == "--to" ? "; the vault to read is --from" : ""));
  }
  refuse_unknown_flag(flag, own);
}

void add_setting(CLI::App& app, const SettingDefinition& setting) {
  const std::string flag = "--" + flag_name(setting);
  CLI::Option* const option =
      setting.type == SettingType::boolean ? app.add_flag(flag) : app.add_option(flag);
  option->take_all();
}

void add_command(CLI::App& app, const std::string& name) {
  CLI::App* const chosen = app.add_subcommand(name);
  chosen->add_option("FIRST");
  chosen->add_option("SECOND");
  const CommandDefinition* const command = find_command(name);
  if (command == nullptr) return;
  for (const SettingDefinition& setting : settings_table())
    if (has_flag(setting, command->settings) && !is_global(setting)) add_setting(*chosen, setting);
  for (const PlainFlag& flag : command->plain_flags) chosen->add_flag("--" + std::string(flag.name));
  for (const ValueFlag& flag : command->value_flags) chosen->add_option(std::string(flag.name))->take_all();
}

// Tells CLI11 of all there is.
void add_all(CLI::App& app) {
  app.set_help_flag();  // subcommands would inherit CLI11's own
  app.fallthrough();
  app.allow_extras();
  app.require_subcommand(0, 1);  // a second word such as "backup" is an argument, not a command
  app.add_flag("-h,--help");
  app.add_flag("--version");
  for (const SettingDefinition& setting : settings_table())
    if (is_global(setting)) add_setting(app, setting);
  for (const std::string& name : command_names()) add_command(app, name);
}

void parse_words(CLI::App& app, Words words) {
  std::reverse(words.begin(), words.end());  // as CLI11 wants them
  try {
    app.parse(std::move(words));
  } catch (const CLI::ArgumentMismatch& error) {
    const std::string message = error.what();
    refuse(message.substr(0, message.find(':')) + " needs a value");
  } catch (const CLI::ParseError& error) {
    refuse(printable(error.what()));
  }
}

// What CLI11 made of the words.
struct ParsedLine {
  const CLI::App& app;
  const CLI::App* chosen = nullptr;            // with "help" and "version"; null: no command
  const CommandDefinition* command = nullptr;  // null: none of the table
  Words extras = {};                           // what CLI11 had no use for
  Words arguments = {};                        // beside the flags
};

// An option of CLI11's with many values would take "[x]" apart: what is beyond the second argument is extra.
bool takes_many(const CommandDefinition* command) {
  return command != nullptr && command->max_arguments > 2;
}

ParsedLine parsed(const CLI::App& app) {
  ParsedLine line{.app = app};
  line.extras = app.remaining(true);
  std::erase(line.extras, "--");  // CLI11 obeys it and hands it out all the same
  for (const CLI::App* chosen : app.get_subcommands()) line.chosen = chosen;
  if (line.chosen == nullptr) return line;
  line.command = find_command(line.chosen->get_name());
  const auto add = [&](const Words& words) {
    line.arguments.insert(line.arguments.end(), words.begin(), words.end());
  };
  for (const char* option : {"FIRST", "SECOND"}) add(line.chosen->get_option(option)->results());
  if (takes_many(line.command)) add(line.extras);
  return line;
}

void refuse_extra(const ParsedLine& line, const std::string& word) {
  if (word.size() > 1 && word.starts_with('-')) {
    const std::string flag = word.substr(0, word.find('='));
    if (line.command != nullptr) refuse_flag_of(*line.command, flag);
    refuse_flag_without_command(flag);
  }
  if (takes_many(line.command)) return;
  if (line.chosen == nullptr)
    refuse(fmt::format("unknown command '{}'{}", printable(word), suggestion(word, command_names())));
  refuse(fmt::format("unexpected argument '{}'", printable(word)));
}

void expect_at_most(std::size_t count, const Words& arguments) {
  if (arguments.size() > count) refuse(fmt::format("unexpected argument '{}'", printable(arguments[count])));
}

HelpRequest help_on(const Words& topics) {
  expect_at_most(1, topics);
  if (topics.empty()) return {overview_help()};
  if (const auto* command = find_command(topics.front())) return {command_help(*command)};
  if (contains(command_names(), topics.front())) return {overview_help()};
  refuse(fmt::format("unknown command '{}'{}", printable(topics.front()),
                     suggestion(topics.front(), command_names())));
}

FlagValues flag_values(const ParsedLine& line) {
  FlagValues values;
  for (const SettingDefinition& setting : settings_table()) {
    if (!has_flag(setting, line.command->settings)) continue;
    const std::string name = flag_name(setting);
    const CLI::App& owner = is_global(setting) ? line.app : *line.chosen;
    const CLI::Option* const option = owner.get_option("--" + name);
    if (option->count() == 0) continue;
    for (const std::string& value : option->results())
      if (value.starts_with("--")) refuse(fmt::format("--{} needs a value", name));
    values[name] = option->results();
  }
  return values;
}

void take_values(CommandCall& call, const CLI::App& chosen) {
  for (const ValueFlag& flag : call.command->value_flags) {
    const std::string name(flag.name);
    const CLI::Option* const option = chosen.get_option(name);
    if (option->count() == 0) continue;
    for (const std::string& value : option->results())
      if (value.empty() || value.starts_with("--")) refuse(name + " needs a value");
    call.values[name] = option->results().back();
  }
}

void take_arguments(CommandCall& call, const Words& arguments) {
  expect_at_most(call.command->max_arguments, arguments);
  if (call.command->take == nullptr)
    call.repositories = arguments;
  else
    call.command->take(call, arguments);
  for (const std::string& name : call.repositories)
    if (!is_repository_name(name) && !gist_named(name))
      refuse(fmt::format("'{}' is not OWNER/NAME, nor gist:ID", printable(name)));
}

CommandCall call_of(const ParsedLine& line) {
  CommandCall call{.command = line.command, .flags = flag_values(line)};
  for (const PlainFlag& flag : line.command->plain_flags)
    if (line.chosen->count("--" + std::string(flag.name)) > 0) call.plain_flags.emplace(flag.name);
  take_values(call, *line.chosen);
  take_arguments(call, line.arguments);
  return call;
}

Arguments interpret(const ParsedLine& line) {
  const std::string name = line.chosen == nullptr ? "" : line.chosen->get_name();
  if (line.app.count("--help") > 0)
    return HelpRequest{line.command != nullptr ? command_help(*line.command) : overview_help()};
  for (const std::string& word : line.extras) refuse_extra(line, word);
  if (name == "help") return help_on(line.arguments);
  if (name == "version" || (line.chosen == nullptr && line.app.count("--version") > 0)) {
    expect_at_most(0, line.arguments);
    return VersionRequest{};
  }
  if (line.command == nullptr) refuse("no command given; backup, list and restore are the main ones");
  return call_of(line);
}

}  // namespace

Arguments parse_arguments(int argc, const char* const* argv) {
  const Words words(argv + std::min(argc, 1), argv + argc);
  try {
    check_words(words);
    CLI::App app;
    add_all(app);
    parse_words(app, words);
    return interpret(parsed(app));
  } catch (const Error& error) {
    std::string hint = "hubkeep --help";
    const auto named = std::find_if(words.begin(), words.end(),
                                    [](const auto& word) { return find_command(word) != nullptr; });
    if (named != words.end()) hint = usage_hint(*find_command(*named));
    return UsageError{error.message(), hint};
  }
}

std::string usage_hint(const CommandDefinition& command) {
  return fmt::format("hubkeep {} --help", command.name);
}

std::string command_line(std::string_view command, const FlagValues& flags,
                         const std::vector<std::string>& repositories) {
  std::string text =
      fmt::format("hubkeep {} {}", command, flag_words(find_command(command)->settings, flags));
  const bool dash = std::any_of(repositories.begin(), repositories.end(),
                                [](const std::string& name) { return name.starts_with('-'); });
  if (dash) text += " --";
  for (const std::string& name : repositories) text += " " + shell_word(name);
  return text;
}

}  // namespace hubkeep
