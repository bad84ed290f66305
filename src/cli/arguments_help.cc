#include "cli/arguments_help.h"

#include <fmt/format.h>

#include "base/text.h"

namespace hubkeep {
namespace {

constexpr std::size_t kWidth = 80;
constexpr std::size_t kTextColumn = 25;

struct CommandText {
  std::string_view usage;
  std::string_view summary;
  std::string_view story;
  std::string_view examples;
};

constexpr CommandText kBackupText = {
    .usage = "hubkeep backup [FLAGS]",
    .summary = "save what is new in every repository of an account into a vault",
    .story =
        "Streams the history of each repository, with all branches, tags and pull requests, from GitHub "
        "straight into the vault. The first run saves everything, later runs only what is new. What was "
        "deleted or overwritten on GitHub stays in the vault. If a run is interrupted, run the same command "
        "again.",
    .examples =
        "  TOKEN_GITHUB=... hubkeep backup\n"
        "  hubkeep backup --token-file /run/secrets/github --to /srv/github-vault\n"
        "  hubkeep backup --org acme --exclude 'acme/scratch-*' --skip-forks\n"};

constexpr CommandText kListText = {.usage = "hubkeep list [OWNER/NAME] [FLAGS]",
                                   .summary = "show the repositories in a vault, or the snapshots of one",
                                   .story = "Needs neither GitHub nor a token.",
                                   .examples =
                                       "  hubkeep list\n"
                                       "  hubkeep list acme/site --from /srv/github-vault\n"};

constexpr CommandText kRestoreText = {
    .usage = "hubkeep restore OWNER/NAME [DIR] [FLAGS]\n       hubkeep restore --all DIR [FLAGS]",
    .summary = "bring repositories back from a vault, as they were at any snapshot",
    .story =
        "Needs neither GitHub nor a token. Without DIR, the repository goes into a new folder with its name. "
        "Never overwrites anything.",
    .examples =
        "  hubkeep restore acme/site\n"
        "  hubkeep restore acme/site old-site --at 2026-11-23T18:45:01Z\n"
        "  hubkeep restore acme/site site.git --mirror --from /srv/github-vault\n"
        "  hubkeep restore --all everything\n"};

constexpr CommandText kVerifyText = {
    .usage = "hubkeep verify [OWNER/NAME...] [FLAGS]",
    .summary = "prove that what a vault holds can be restored",
    .story =
        "Checks that every object that a snapshot needs is there, with its size and, in S3, its checksum. "
        "With --read-data it reads every byte and compares its SHA-256. With --restore it rebuilds each "
        "snapshot in a temporary folder, which needs as much disk as a restore, and proves that everything "
        "that its refs lead to is there. Says which repository, snapshot and object are damaged and what can "
        "still be restored; the exit code is then 3. Needs neither GitHub nor a token.",
    .examples =
        "  hubkeep verify\n"
        "  hubkeep verify --read-data acme/site --from /srv/github-vault\n"
        "  hubkeep verify --read-data-subset 5% --from s3://acme-backup/github\n"
        "  hubkeep verify --restore --temp-dir /mnt/large\n"};

constexpr CommandText kRebuildCatalogText = {
    .usage = "hubkeep rebuild-catalog [FLAGS]",
    .summary = "rebuild a vault's catalog from its snapshots",
    .story =
        "Use it if the catalog is lost or damaged; a backup that notices does the same by itself. Also "
        "rebuilds hubkeep.json and README.txt if they are lost or damaged. Needs neither GitHub nor a token.",
    .examples = "  hubkeep rebuild-catalog --from /srv/github-vault\n"};

constexpr CommandText kCopyText = {
    .usage = "hubkeep copy FROM TO [OWNER/NAME...] [FLAGS]",
    .summary = "copy a vault, or some of its repositories, into another one",
    .story =
        "FROM and TO are folders or s3://BUCKET/PREFIX. Copies only what is missing, older snapshots before "
        "newer ones, and compares the SHA-256 of every object on the way: damaged objects are left out and "
        "listed. Objects that TO has lost are copied again. Objects that TO has with a different size are "
        "listed but never replaced: remove them there, then copy again. Objects that TO already has are not "
        "read: run verify for that. Needs neither GitHub nor a token.",
    .examples =
        "  hubkeep copy /srv/github-vault s3://acme-backup/github\n"
        "  hubkeep copy s3://acme-backup/github s3://acme-second/github acme/site\n"};

const CommandText& text_of(Command command) {
  switch (command) {
    case Command::verify:
      return kVerifyText;
    case Command::rebuild_catalog:
      return kRebuildCatalogText;
    case Command::copy:
      return kCopyText;
    case Command::list:
      return kListText;
    case Command::restore:
      return kRestoreText;
    default:
      return kBackupText;
  }
}

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

std::string plain_entries(Command command) {
  std::string out;
  for (const PlainFlag& flag : plain_flags(command)) out += entry("--" + std::string(flag.name), flag.help);
  return out.empty() ? "" : "\nHow to run it\n" + out;
}

std::string paragraph(std::string_view text) {
  return wrap(text, 0, 0) + "\n";
}

}  // namespace

const std::vector<PlainFlag>& plain_flags(Command command) {
  static const std::vector<PlainFlag> restore = {
      {"all", "every repository in the vault, each in a folder OWNER/NAME below DIR"},
      {"bare", "a bare repository: branches and tags, no work tree"},
      {"mirror", "a bare repository with every ref as GitHub had it, including refs/pull/*"}};
  static const std::vector<PlainFlag> none;
  return command == Command::restore ? restore : none;
}

std::string overview_help() {
  std::string out = paragraph(
      "hubkeep keeps a complete, restorable copy of every repository of a GitHub account in a vault of git "
      "bundles, which plain git can read too.");
  out += "\nusage: hubkeep COMMAND [FLAGS]\n\nCommands\n";
  for (const Command command : all_commands()) out += entry(to_string(command), text_of(command).summary);
  out += entry("help [COMMAND]", "show this text, or the flags of one command");
  out += entry("version", "show the version");
  out += "\nExamples\n";
  for (const Command command : all_commands()) out += text_of(command).examples;
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

std::string command_help(Command command) {
  const CommandText& text = text_of(command);
  std::string out = wrap(fmt::format("hubkeep {}: {}", to_string(command), text.summary), 0, 0);
  out += fmt::format("\n\nusage: {}\n\n{}\nExamples\n{}", text.usage, paragraph(text.story), text.examples);
  out += plain_entries(command);
  std::string_view group;
  for (const SettingDefinition& setting : settings_table()) {
    if (!has_flag(setting, command)) continue;
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
