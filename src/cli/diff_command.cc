// What became of a repository between two snapshots.

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"
#include "browse/compare.h"
#include "browse/revision.h"
#include "cli/browse_output.h"
#include "cli/output.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostShown = 100;  // commits of a list for people

void take(CommandCall& call, const std::vector<std::string>& arguments) {
  take_repository_and_path(call, arguments);
  for (const char* flag : {"--from", "--to"})
    if (call.value(flag).empty())
      throw Error(ErrorKind::invalid,
                  "diff needs two snapshots or times: hubkeep diff OWNER/NAME --from T1 --to T2");
}

std::string commits_of(const RefDifference& ref) {
  std::string text;
  if (ref.went > 0) text = count_of(ref.went, "commit") + " went";
  if (ref.came > 0) text += (text.empty() ? "" : ", ") + count_of(ref.came, "commit") + " came";
  return text;
}

std::string describe(const RefDifference& ref, PackChain& objects) {
  const auto name = [&](const std::optional<Oid>& oid) { return oid ? abbreviation_of(objects, *oid) : ""; };
  std::string what =
      fmt::format("{}{}{}", name(ref.before), ref.before && ref.after ? ".." : "", name(ref.after));
  if (const std::string commits = commits_of(ref); !commits.empty()) what += "  " + commits;
  return fmt::format("  {:<8} {}  {}\n", to_string(ref.change), printable(ref.name), what);
}

void print_commits(std::string_view title, const std::vector<Commit>& commits, PackChain& objects) {
  print(fmt::format("{}: {}\n", title, commits.size()));
  for (std::size_t i = 0; i < std::min(commits.size(), kMostShown); ++i)
    print(fmt::format("  {} {} {}\n", abbreviation_of(objects, commits[i].oid),
                      format_time(UtcTime(std::chrono::seconds(commits[i].committer.time))),
                      printable(subject_of(commits[i].message))));
  if (commits.size() > kMostShown) print(fmt::format("  and {} more\n", commits.size() - kMostShown));
}

std::string head_of(const RefState& refs) {
  if (!refs.head.symref_target.empty()) return printable(refs.head.symref_target);
  return refs.head.oid ? refs.head.oid->hex() : "none";
}

void print_snapshot(std::string_view title, const OpenedSnapshot& snapshot) {
  print(fmt::format("{:<4} {}  {}  HEAD {}\n", title, snapshot.manifest.snapshot.str(),
                    format_time(time_of(snapshot.manifest)), head_of(snapshot.refs)));
}

void print_difference(const SnapshotDifference& difference, PackChain& objects) {
  print(fmt::format("branches and tags that changed: {}\n", difference.refs.size()));
  for (const RefDifference& ref : difference.refs) print(describe(ref, objects));
  print_commits("commits that went", difference.went, objects);
  print_commits("commits that came", difference.came, objects);
  print(fmt::format("files of HEAD that changed: {}{}\n", difference.files.files.size(),
                    difference.files.is_cut ? " and more" : ""));
  for (const FileChange& file : difference.files.files)
    print_bytes(fmt::format("{}\t{}\n", file.kind, printable(file.path)));
}

Json json_of(const std::vector<Commit>& commits) {
  Json json = Json::array();
  for (const Commit& commit : commits)
    json.push_back({{"commit", commit.oid.hex()}, {"subject", subject_of(commit.message)}});
  return json;
}

Json json_of(const SnapshotDifference& difference) {
  Json refs = Json::array();
  for (const RefDifference& ref : difference.refs)
    refs.push_back({{"ref", ref.name},
                    {"change", to_string(ref.change)},
                    {"before", ref.before ? Json(ref.before->hex()) : Json(nullptr)},
                    {"after", ref.after ? Json(ref.after->hex()) : Json(nullptr)},
                    {"commits_went", ref.went},
                    {"commits_came", ref.came}});
  Json files = Json::array();
  for (const FileChange& file : difference.files.files)
    files.push_back({{"change", std::string(1, file.kind)}, {"path", file.path}});
  return {{"refs", refs},
          {"commits_went", json_of(difference.went)},
          {"commits_came", json_of(difference.came)},
          {"files", files},
          {"files_cut", difference.files.is_cut}};
}

ExitCode run(const CommandCall& call, const Settings& settings, const std::stop_token& stop) {
  const VaultToBrowse opened = open_vault_to_browse(settings, stop);
  BrowsedRepository repository(*opened.vault, call.repositories.front(), opened.options, stop);
  const OpenedSnapshot before = with_context("--from", [&] { return repository.open(call.value("--from")); });
  const OpenedSnapshot after = with_context("--to", [&] { return repository.open(call.value("--to")); });
  const auto objects = repository.objects_of({&before, &after});
  const SnapshotDifference difference =
      repository.advised([&] { return compare_snapshots(before, after, *objects, stop); });
  if (settings.json) {
    Json json = {{"from", before.manifest.snapshot.str()}, {"to", after.manifest.snapshot.str()}};
    json.update(json_of(difference));
    print(format_json_to_print(json) + "\n");
  } else {
    print_snapshot("from", before);
    print_snapshot("to", after);
    print_difference(difference, *objects);
  }
  tell_traffic(opened);
  return ExitCode::ok;
}

}  // namespace

CommandDefinition diff_command() {
  return {.name = "diff",
          .settings = Command::diff,
          .usage = "hubkeep diff OWNER/NAME --from T1 --to T2 [FLAGS]",
          .summary = "compare two snapshots of a repository, without restoring them",
          .story =
              "Shows the branches and tags that came, went, moved forward or were rewound, the commits that "
              "came and went with them, and the files that differ at HEAD (A added, M modified, D deleted, "
              "T another type). T1 and T2 are times or snapshots, as for --at of other commands. The vault "
              "is where `hubkeep backup` would write it, or where HUBKEEP_FROM says. Needs neither GitHub "
              "nor a token.",
          .examples = "  hubkeep diff acme/site --from 2026-11-01 --to 2026-11-23\n",
          .value_flags = {{"--from", "T1",
                           "the earlier state: a time such as 2026-11-23T18:45:01Z, or a snapshot "
                           "that `hubkeep list` shows"},
                          {"--to", "T2", "the later state"}},
          .max_arguments = 1,
          .take = take,
          .run = run};
}

}  // namespace hubkeep
