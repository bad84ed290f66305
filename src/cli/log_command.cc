// Commits of a saved repository, as `git log` shows them.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"
#include "browse/history_log.h"
#include "browse/revision.h"
#include "cli/browse_output.h"
#include "cli/output.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kTab = 8;

std::size_t number_of(const CommandCall& call) {
  const std::string text = call.value("-n");
  if (text.empty()) return std::numeric_limits<std::size_t>::max();
  std::size_t number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size())
    throw Error(ErrorKind::invalid, fmt::format("-n: '{}' is not a number", printable(text)));
  return number;
}

void take(CommandCall& call, const std::vector<std::string>& arguments) {
  take_repository_and_path(call, arguments);
  number_of(call);
}

// As git does for people: tabs lead to the next column that eight divides.
std::string without_tabs(std::string_view line) {
  std::string out;
  std::size_t column = 0;
  for (const char c : line) {
    if (c == '\t') {
      const std::size_t spaces = kTab - column % kTab;
      out.append(spaces, ' ');
      column += spaces;
    } else {
      out += c;
      column += (static_cast<unsigned char>(c) & 0xC0U) == 0x80U ? 0 : 1;  // the rest of a character
    }
  }
  return out;
}

std::string trimmed_end(std::string_view line) {
  const auto end = line.find_last_not_of(" \t\r\v\f");
  return std::string(line.substr(0, end == std::string_view::npos ? 0 : end + 1));
}

// Indented, without empty lines at both ends.
std::string message_of(const Commit& commit) {
  std::vector<std::string> lines;
  for (const std::string_view line : split(commit.message, '\n')) lines.push_back(trimmed_end(line));
  const auto is_empty = [](const std::string& line) { return line.empty(); };
  lines.erase(std::find_if_not(lines.rbegin(), lines.rend(), is_empty).base(), lines.end());
  lines.erase(lines.begin(), std::find_if_not(lines.begin(), lines.end(), is_empty));
  std::string text;
  for (const std::string& line : lines) text += "    " + printable(without_tabs(line)) + "\n";
  return text;
}

std::string text_of(const Commit& commit, PackChain& objects) {
  std::string text = fmt::format("commit {}\n", commit.oid.hex());
  if (commit.parents.size() > 1) {
    text += "Merge:";
    for (const Oid& parent : commit.parents) text += " " + abbreviation_of(objects, parent);
    text += "\n";
  }
  text += fmt::format("Author: {} <{}>\nDate:   {}\n", printable(commit.author.name),
                      printable(commit.author.email), git_date(commit.author));
  const std::string message = message_of(commit);
  return message.empty() ? text : text + "\n" + message;
}

Json json_of(const Signature& who) {
  return {{"name", who.name}, {"email", who.email}, {"date", git_date(who)}};
}

Json json_of(const Commit& commit) {
  Json parents = Json::array();
  for (const Oid& parent : commit.parents) parents.push_back(parent.hex());
  return {{"commit", commit.oid.hex()},
          {"parents", parents},
          {"author", json_of(commit.author)},
          {"committer", json_of(commit.committer)},
          {"message", commit.message}};
}

// One at a time: whoever reads them may have seen enough long before the last.
void print_log(PackChain& objects, const LogRequest& request, std::size_t most, const std::stop_token& stop) {
  bool first = true;
  walk_log(
      objects, request,
      [&](const Commit& commit) {
        if (most-- == 0) return false;
        print((first ? "" : "\n") + text_of(commit, objects));
        first = false;
        return most > 0 && !is_output_lost();
      },
      stop);
}

struct JsonLog {
  SnapshotId snapshot;
  std::size_t most;
};

// As an item of a list stands on its line.
std::string item_of(const Json& json) {
  constexpr std::size_t kBracket = std::string_view("[\n").size();
  const std::string list = format_json_to_print(Json::array({json}));
  return "  " + list.substr(kBracket, list.size() - 2 * kBracket);
}

// One at a time as well, in the form of format_json_to_print(). Nothing before the first: what keeps that
// from being read is all that is told then.
void print_json_log(PackChain& objects, const LogRequest& request, const JsonLog& log,
                    const std::stop_token& stop) {
  const std::string head =
      fmt::format("{{\n  \"snapshot\": {},\n  \"commits\": [", Json(log.snapshot.str()).dump());
  std::size_t count = 0;
  walk_log(
      objects, request,
      [&](const Commit& commit) {
        if (count == log.most) return false;
        print((count == 0 ? head + "\n" : ",\n") + item_of(json_of(commit)));
        return ++count < log.most && !is_output_lost();
      },
      stop);
  print(count == 0 ? head + "]\n}\n" : "\n  ]\n}\n");
}

ExitCode run(const CommandCall& call, const Settings& settings, const std::stop_token& stop) {
  const VaultToBrowse opened = open_vault_to_browse(settings, stop);
  BrowsedRepository repository(*opened.vault, call.repositories.front(), opened.options, stop);
  const OpenedSnapshot snapshot = repository.open(settings.at);
  const auto objects = repository.objects_of({&snapshot});
  repository.advised([&] {
    const Oid from =
        commit_of(*objects, find_revision(snapshot.refs, *objects, call.value("--ref"), stop), stop);
    const LogRequest request{.from = from, .path = path_of(call)};
    if (!settings.json) return print_log(*objects, request, number_of(call), stop);
    print_json_log(*objects, request, {snapshot.manifest.snapshot, number_of(call)}, stop);
  });
  tell_traffic(opened);
  return ExitCode::ok;
}

}  // namespace

CommandDefinition log_command() {
  return {.name = "log",
          .settings = Command::browse,
          .usage = "hubkeep log OWNER/NAME [FLAGS] [-- PATH]",
          .summary = "show the commits of a saved repository, without restoring it",
          .story =
              "Newest first, as `git log` shows them. With PATH, only the commits that changed this file or "
              "folder. Reads only the parts of the vault that it needs. Needs neither GitHub nor a token.",
          .examples =
              "  hubkeep log acme/site -n 10\n"
              "  hubkeep log acme/site --at 2026-11-23 -- src/login.c\n",
          .value_flags = {ref_flag(), {"-n", "N", "show at most so many"}},
          .max_arguments = 2,
          .take = take,
          .run = run};
}

}  // namespace hubkeep
