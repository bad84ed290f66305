// What GitHub knows of a repository, or one object of a vault: a word that names a place in the vault is the
// object's key.

#include <fmt/format.h>

#include <algorithm>

#include "app/settings_value.h"
#include "app/wiring.h"
#include "base/error.h"
#include "base/gist_name.h"
#include "base/text.h"
#include "cli/command_table.h"
#include "cli/show_documents.h"
#include "cli/show_object.h"
#include "vault/key_kind.h"

namespace hubkeep {
namespace {

[[noreturn]] void refuse(std::string message) {
  throw Error(ErrorKind::invalid, std::move(message));
}

// No account has such a folder's name, nor other characters.
bool names_repository(std::string_view word) {
  if (gist_named(word)) return true;
  if (!is_repository_name(word)) return false;
  const std::string_view owner = word.substr(0, word.find('/'));
  const auto roots = root_names();
  const bool is_root = std::any_of(roots.begin(), roots.end(), [&](std::string_view root) {
    return root.ends_with('/') && root.substr(0, root.size() - 1) == owner;
  });
  return !is_root && std::all_of(owner.begin(), owner.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

void take(CommandCall& call, const std::vector<std::string>& arguments) {
  if (!call.value("--search").empty()) {
    call.repositories = arguments;
    return;
  }
  if (arguments.empty()) refuse("show needs the key of an object, or a repository: hubkeep show OWNER/NAME");
  const std::string& first = arguments.front();
  if (names_repository(first)) {
    if (arguments.size() > 3) refuse(fmt::format("unexpected argument '{}'", printable(arguments[3])));
    call.repositories = {first};
    call.words.assign(arguments.begin() + 1, arguments.end());
    show_request(first, call.words);  // or it is told now
    return;
  }
  if (!is_valid_key(first)) refuse(fmt::format("not a valid key: '{}'", printable(first)));
  if (arguments.size() > 1) refuse(fmt::format("unexpected argument '{}'", printable(arguments[1])));
  if (call.flags.contains("at")) refuse("--at goes with a repository: an object is as it is");
  call.words = {first};
}

ExitCode run(const CommandCall& call, const Settings& settings, const std::stop_token& stop) {
  const auto vault = open_vault_to_read(settings, stop);
  if (const std::string word = call.value("--search"); !word.empty())
    return search_documents(
        *vault, {.word = word, .repositories = call.repositories, .at = settings.at, .json = settings.json},
        stop);
  if (call.repositories.empty()) {
    show_object(vault->objects(), call.words.front(), stop);
    return ExitCode::ok;
  }
  ShowRequest request = show_request(call.repositories.front(), call.words);
  request.at = settings.at;
  request.json = settings.json;
  return show_documents(*vault, request, stop);
}

}  // namespace

CommandDefinition show_command() {
  return {
      .name = "show",
      .settings = Command::show,
      .usage =
          "hubkeep show OWNER/NAME [KIND] [NUMBER] [FLAGS]\n"
          "       hubkeep show --search WORD [OWNER/NAME]... [FLAGS]\n"
          "       hubkeep show KEY [FLAGS]",
      .summary = "show issues, pull requests and all else that is saved of a repository",
      .story =
          "With OWNER/NAME alone, says how much of each kind there is, what is not on GitHub any more, and "
          "what is not there and why. With a KIND (issues, pulls, discussions, releases, labels, "
          "milestones, hooks and so on), lists them; with a NUMBER, shows an issue, pull request or "
          "discussion with its whole conversation. gist:ID shows a gist's comments. With --search, finds "
          "a WORD in all that people wrote, in either case, here or in the whole vault. On a terminal, "
          "long texts go through your pager, as git's do. With --json, documents come as GitHub sent "
          "them. "
          "KEY is the name of an object as verify prints it: its path in the vault. Manifests, refs, the "
          "catalog, state and reports are printed as text. Everything else, bundles and zips, is printed "
          "byte for byte and must go into a file. Nothing is compared with what was written: run verify "
          "for that. Needs neither GitHub nor a token.",
      .examples =
          "  hubkeep show acme/site\n"
          "  hubkeep show acme/site pulls --at 2026-11-23\n"
          "  hubkeep show acme/site 12\n"
          "  hubkeep show --search 'login fails' acme/site\n"
          "  hubkeep show catalog.jsonl.zst\n"
          "  hubkeep show zip/2026-11-23/acme/site-3f9a1c.zip > site.zip\n",
      .value_flags = {{"--search", "WORD", "find what people wrote"}},
      .max_arguments = kAnyNumber,
      .take = take,
      .run = run};
}

}  // namespace hubkeep
