#include "cli/arguments.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <optional>

#include "app/settings_suggestion.h"
#include "app/settings_table.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/arguments_help.h"

namespace hubkeep {
namespace {

using Words = std::vector<std::string>;

[[noreturn]] void refuse(std::string message) {
  throw Error(ErrorKind::invalid, std::move(message));
}

std::optional<Command> command_of(std::string_view name) {
  for (const Command command : all_commands())
    if (to_string(command) == name) return command;
  return std::nullopt;
}

Words command_names() {
  Words names = {"help", "version"};
  for (const Command command : all_commands()) names.emplace_back(to_string(command));
  return names;
}

bool is_global(const SettingDefinition& setting) {
  const auto& commands = all_commands();
  return std::all_of(commands.begin(), commands.end(), [&](Command c) { return has_flag(setting, c); });
}

// With their dashes.
Words flags_of(Command command) {
  Words flags = {"--help"};
  for (const SettingDefinition& setting : settings_table())
    if (has_flag(setting, command)) flags.push_back("--" + flag_name(setting));
  for (const PlainFlag& flag : plain_flags(command)) flags.push_back("--" + std::string(flag.name));
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
  for (const Command command : all_commands()) {
    const Words flags = flags_of(command);
    if (contains(flags, flag))
      refuse(fmt::format("{0} needs a command before it, as in hubkeep {1} {0}", flag, to_string(command)));
    known.insert(known.end(), flags.begin(), flags.end());
  }
  refuse_unknown_flag(flag, known);
}

[[noreturn]] void refuse_flag_of(Command command, const std::string& flag) {
  const Words own = flags_of(command);
  if (contains(own, flag))
    refuse(fmt::format("{0} must come after the command: hubkeep {1} {0}", flag, to_string(command)));
  for (const Command other : all_commands()) {
    if (contains(flags_of(other), flag))
      refuse(fmt::format("{} is a flag of 'hubkeep {}', not of 'hubkeep {}'{}", flag, to_string(other),
                         to_string(command), flag == "--to" ? "; the vault to read is --from" : ""));
  }
  refuse_unknown_flag(flag, own);
}

class CommandLine {
 public:
  CommandLine() {
    app_.set_help_flag();  // subcommands would inherit CLI11's own
    app_.fallthrough();
    app_.allow_extras();
    app_.require_subcommand(0, 1);  // a second word such as "backup" is an argument, not a command
    app_.add_flag("-h,--help");
    app_.add_flag("--version");
    for (const SettingDefinition& setting : settings_table())
      if (is_global(setting)) add_setting(app_, setting);
    for (const std::string& name : command_names()) add_command(name);
  }

  Arguments parse(Words words) {
    std::reverse(words.begin(), words.end());  // as CLI11 wants them
    try {
      app_.parse(std::move(words));
    } catch (const CLI::ArgumentMismatch& error) {
      const std::string message = error.what();
      refuse(message.substr(0, message.find(':')) + " needs a value");
    } catch (const CLI::ParseError& error) {
      refuse(printable(error.what()));
    }
    for (CLI::App* const chosen : app_.get_subcommands()) command_ = chosen;
    return interpret();
  }

 private:
  void add_command(const std::string& name) {
    CLI::App* const app = app_.add_subcommand(name);
    app->add_option("FIRST");
    app->add_option("SECOND");
    const auto command = command_of(name);
    if (!command) return;
    for (const SettingDefinition& setting : settings_table())
      if (has_flag(setting, *command) && !is_global(setting)) add_setting(*app, setting);
    for (const PlainFlag& flag : plain_flags(*command)) app->add_flag("--" + std::string(flag.name));
  }

  static void add_setting(CLI::App& app, const SettingDefinition& setting) {
    const std::string flag = "--" + flag_name(setting);
    CLI::Option* const option =
        setting.type == SettingType::boolean ? app.add_flag(flag) : app.add_option(flag);
    option->take_all();
  }

  Arguments interpret() {
    const std::string name = command_ == nullptr ? "" : command_->get_name();
    const auto command = command_of(name);
    if (app_.count("--help") > 0) return HelpRequest{command ? command_help(*command) : overview_help()};
    refuse_extras(command);
    if (name == "help") return help();
    if (name == "version" || (command_ == nullptr && app_.count("--version") > 0)) {
      expect_at_most(0);
      return VersionRequest{};
    }
    if (!command) refuse("no command given; backup, list and restore are the main ones");
    CommandCall call;
    call.command = *command;
    call.flags = flag_values(*command);
    read_positionals(call);
    return call;
  }

  // An option of CLI11's with many values would take "[x]" apart: what is beyond the second argument is
  // extra.
  static bool takes_many(std::optional<Command> command) {
    return command == Command::verify || command == Command::copy;
  }

  Words extras() const {
    Words words = app_.remaining(true);
    std::erase(words, "--");  // CLI11 obeys it and hands it out all the same
    return words;
  }

  void refuse_extras(std::optional<Command> command) const {
    for (const std::string& word : extras()) refuse_extra(command, word);
  }

  void refuse_extra(std::optional<Command> command, const std::string& word) const {
    if (word.size() > 1 && word.starts_with('-')) {
      const std::string flag = word.substr(0, word.find('='));
      if (command) refuse_flag_of(*command, flag);
      refuse_flag_without_command(flag);
    }
    if (takes_many(command)) return;
    if (command_ == nullptr)
      refuse(fmt::format("unknown command '{}'{}", printable(word), suggestion(word, command_names())));
    refuse(fmt::format("unexpected argument '{}'", printable(word)));
  }

  Arguments help() const {
    expect_at_most(1);
    const Words topics = positionals();
    if (topics.empty()) return HelpRequest{overview_help()};
    if (const auto command = command_of(topics.front())) return HelpRequest{command_help(*command)};
    if (contains(command_names(), topics.front())) return HelpRequest{overview_help()};
    refuse(fmt::format("unknown command '{}'{}", printable(topics.front()),
                       suggestion(topics.front(), command_names())));
  }

  FlagValues flag_values(Command command) const {
    FlagValues values;
    for (const SettingDefinition& setting : settings_table()) {
      if (!has_flag(setting, command)) continue;
      const std::string name = flag_name(setting);
      const CLI::App& owner = is_global(setting) ? app_ : *command_;
      const CLI::Option* const option = owner.get_option("--" + name);
      if (option->count() == 0) continue;
      for (const std::string& value : option->results())
        if (value.starts_with("--")) refuse(fmt::format("--{} needs a value", name));
      values[name] = option->results();
    }
    return values;
  }

  void read_positionals(CommandCall& call) const {
    Words words = positionals();
    if (call.command == Command::restore) {
      take_restore(call, words);
    } else if (call.command == Command::copy) {
      take_copy(call, words);
    } else if (call.command != Command::verify) {
      expect_at_most(call.command == Command::list ? 1 : 0);
    }
    for (const std::string& word : words)
      if (!is_repository_name(word)) refuse(fmt::format("'{}' is not OWNER/NAME", printable(word)));
    call.repositories = words;
  }

  void take_restore(CommandCall& call, Words& words) const {
    expect_at_most(2);
    call.all = command_->count("--all") > 0;
    call.form = restore_form();
    if (call.all && words.size() != 1) refuse("restore --all needs one folder: hubkeep restore --all DIR");
    if (!call.all && words.empty()) refuse("restore needs a repository: hubkeep restore OWNER/NAME");
    if (!call.all && words.size() < 2) return;
    if (words.back().empty()) refuse("the folder to restore into is empty");
    call.folder = words.back();
    words.pop_back();
  }

  static void take_copy(CommandCall& call, Words& words) {
    if (words.size() < 2) refuse("copy needs two vaults: hubkeep copy FROM TO");
    call.copy_from = words[0];
    call.copy_to = words[1];
    if (call.copy_from.empty() || call.copy_to.empty()) refuse("the name of a vault is empty");
    words.erase(words.begin(), words.begin() + 2);
  }

  RestoreForm restore_form() const {
    const bool bare = command_->count("--bare") > 0;
    const bool mirror = command_->count("--mirror") > 0;
    if (bare && mirror) refuse("--bare and --mirror exclude each other");
    if (mirror) return RestoreForm::mirror;
    return bare ? RestoreForm::bare : RestoreForm::work_tree;
  }

  Words positionals() const {
    if (command_ == nullptr) return {};
    Words words = command_->get_option("FIRST")->results();
    const Words second = command_->get_option("SECOND")->results();
    words.insert(words.end(), second.begin(), second.end());
    if (takes_many(command_of(command_->get_name()))) {
      for (const std::string& word : extras()) words.push_back(word);
    }
    return words;
  }

  void expect_at_most(std::size_t count) const {
    const Words words = positionals();
    if (words.size() > count) refuse(fmt::format("unexpected argument '{}'", printable(words[count])));
  }

  CLI::App app_;
  const CLI::App* command_ = nullptr;  // the chosen subcommand, owned by app_
};

}  // namespace

Arguments parse_arguments(int argc, const char* const* argv) {
  const Words words(argv + std::min(argc, 1), argv + argc);
  try {
    check_words(words);
    return CommandLine().parse(words);
  } catch (const Error& error) {
    std::string hint = "hubkeep --help";
    const auto named =
        std::find_if(words.begin(), words.end(), [](const auto& w) { return command_of(w).has_value(); });
    if (named != words.end()) hint = usage_hint(*command_of(*named));
    return UsageError{error.message(), hint};
  }
}

std::string usage_hint(Command command) {
  return fmt::format("hubkeep {} --help", to_string(command));
}

}  // namespace hubkeep
