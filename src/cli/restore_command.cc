#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "app/wiring.h"
#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/command_table.h"
#include "cli/output.h"
#include "report/restore_json.h"
#include "report/status_line.h"
#include "vault/manifest.h"

namespace hubkeep {
namespace {

[[noreturn]] void refuse(const std::string& message) {
  throw Error(ErrorKind::invalid, message);
}

// "This ref alone": what does not belong to it comes when it is asked for.
RestoreChoice contents_of(const CommandCall& call) {
  const std::string only = call.value("--only");
  const bool is_of_one_ref = only.empty() && !call.value("--ref").empty();
  return choose_contents(is_of_one_ref ? "git,lfs" : only, call.value("--without"));
}

void take(CommandCall& call, const std::vector<std::string>& arguments) {
  const bool all = call.has("all");
  if (call.has("bare") && call.has("mirror")) refuse("--bare and --mirror exclude each other");
  if (all && !call.value("--ref").empty())
    refuse("--ref is a ref of one repository: name it in place of --all");
  if (all && arguments.size() != 1) refuse("restore --all needs one folder: hubkeep restore --all DIR");
  contents_of(call);  // or it is told now
  if (arguments.empty()) refuse("restore needs a repository: hubkeep restore OWNER/NAME");
  if (!all) call.repositories = {arguments.front()};
  if (!all && arguments.size() == 1) return;
  if (arguments.back().empty()) refuse("the folder to restore into is empty");
  call.words = {arguments.back()};
}

RepositoryKind kind_of(const CommandCall& call) {
  if (call.has("mirror")) return RepositoryKind::mirror;
  return call.has("bare") ? RepositoryKind::bare : RepositoryKind::work_tree;
}

// The end of a path tells more than its start.
std::string shortened(const std::string& path) {
  constexpr std::size_t kMaxLength = 300;
  return path.size() <= kMaxLength ? path : "..." + path.substr(path.size() - kMaxLength);
}

// The first of them, a line each.
void tell_files(const CheckOutReport& report) {
  constexpr std::size_t kMaxShown = 20;
  const std::size_t shown = std::min(report.named.size(), kMaxShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const NotWritten& file = report.named[i];
    log_line(LogLevel::quiet, fmt::format("  {}: {}", printable(shortened(file.path)), printable(file.why)));
  }
  if (report.count > shown) log_line(LogLevel::quiet, fmt::format("  and {} more", report.count - shown));
}

void tell_not_written(const std::string& name, const CheckOutReport& report) {
  log_line(
      LogLevel::quiet,
      fmt::format("{}: the whole history is restored, but {} of the work tree could not be written as in the "
                  "commit:",
                  name, report.count == 1 ? "1 file" : fmt::format("{} files", report.count)));
  tell_files(report);
}

// A wiki is a repository, whatever is in it.
std::string describe_amount(const PartRestored& part) {
  if (part.part == "wiki") return "";
  return count_of(part.files, part.part == "lfs" ? "object" : "file") + " ";
}

// "acme/site: releases: 3 files in site.releases", and what of it is not there.
void tell_part(const std::string& name, const PartRestored& part, bool is_quiet) {
  const std::string begin = fmt::format("{}: {}: ", name, printable(part.part));
  if (part.error) {
    log_line(LogLevel::quiet, begin + "failed: " + part.error->message());
  } else if (!is_quiet) {
    log_line(LogLevel::quiet,
             fmt::format("{}{}in {}{}", begin, describe_amount(part), printable(part.folder.string()),
                         part.was_there() ? ", there already" : ""));
  }
  if (part.lacks.count > 0) {
    log_line(LogLevel::quiet,
             fmt::format("{}{} could not be restored:", begin, count_of(part.lacks.count, "file")));
    tell_files(part.lacks);
  }
  if (part.never_had.count > 0) {
    const std::uint64_t count = part.never_had.count;
    log_line(LogLevel::quiet, fmt::format("{}{} not in the vault:", begin,
                                          part.part == "lfs" ? count_of(count, "object is", "objects are")
                                                             : count_of(count, "file is", "files are")));
    tell_files(part.never_had);
  }
}

// Prints the folder of each repository as soon as it is there. Several are restored at once: each has its
// lines, and all of them together the moving one.
class RestoreProgress final : public RestoreObserver {
 public:
  explicit RestoreProgress(const Settings& settings) : settings_(settings) {}

  void starting(const std::string& repository, const SnapshotId& snapshot,
                const std::filesystem::path& folder, ByteCount disk) override {
    const std::string name = printable(repository);
    const std::scoped_lock lock(mutex_);
    if (status_) status_->erase();
    if (!settings_.quiet)
      log_line(LogLevel::quiet, fmt::format("{}: restoring snapshot {} into {}, about {} of disk", name,
                                            snapshot.str(), printable(folder.string()), human_size(disk)));
    under_way_.insert(name);
    if (under_way_.size() > 1) return;
    status_.emplace(moving_line());
    read_ = 0;
  }
  void selected(std::size_t) override {}
  void waiting(const std::string&, std::chrono::seconds) override {}
  void retrying(const RetrySubject&, const Error& error, std::chrono::milliseconds) override {
    log_debug("{}", error.message());
  }
  void made_vault(const std::string&, const std::string&) override {}
  void moved(ByteCount bytes) override {
    const std::scoped_lock lock(mutex_);
    read_ += bytes;
    if (!status_) return;
    status_->draw(
        under_way_.size() == 1 ? *under_way_.begin() : fmt::format("{} repositories", under_way_.size()),
        read_, "read");
  }
  void finished(const RestoreOutcome& outcome) override {
    const std::scoped_lock lock(mutex_);
    const std::string name = printable(outcome.repository);
    under_way_.extract(name);  // one of them; none where it did not get so far
    if (status_) status_->erase();
    if (under_way_.empty()) status_.reset();
    if (outcome.error) {
      log_line(LogLevel::quiet,
               fmt::format("{}: {}{}", name, outcome.requested ? "" : "failed: ", outcome.error->message()));
      return;
    }
    if (outcome.was_there && !settings_.quiet)
      log_line(LogLevel::quiet,
               fmt::format("{}: there already: {} has the refs of snapshot {}, as it was restored", name,
                           printable(outcome.folder.string()), outcome.snapshot.str()));
    if (!outcome.files.notice.empty()) log_notice(fmt::format("{}: {}", name, outcome.files.notice));
    if (outcome.files.count > 0) tell_not_written(name, outcome.files);
    for (const PartRestored& part : outcome.parts) tell_part(name, part, settings_.quiet);
    if (!settings_.json) print_folders(outcome);
  }
  void notice(const std::string& text) override {
    const std::scoped_lock lock(mutex_);
    if (status_) status_->erase();
    log_notice(text);
  }

 private:
  // The repository's; without it, those of what was asked for.
  static void print_folders(const RestoreOutcome& outcome) {
    if (outcome.has_history) return print(printable(outcome.folder.string()) + "\n");
    for (const PartRestored& part : outcome.parts)
      if (!part.error) print(printable(part.folder.string()) + "\n");
  }

  const Settings& settings_;
  std::mutex mutex_;  // guards what follows, and the order of lines
  std::optional<StatusLine> status_;
  std::multiset<std::string> under_way_;  // two may have had one name
  ByteCount read_ = 0;                    // since nothing was under way
};

ExitCode run(const CommandCall& call, const Settings& settings, const std::stop_token& stop) {
  RestoreProgress progress(settings);
  const RestoreSummary summary =
      run_restore(settings,
                  {.repository = call.repositories.empty() ? "" : call.repositories[0],
                   .folder = call.words.empty() ? "" : call.words[0],
                   .kind = kind_of(call),
                   .ref = call.value("--ref"),
                   .contents = contents_of(call)},
                  progress, stop);
  if (settings.json) print(format_json_to_print(to_json(summary)) + "\n");
  if (summary.has_done_nothing()) return ExitCode::nothing_done;
  return summary.is_good() ? ExitCode::ok : ExitCode::incomplete;
}

}  // namespace

CommandDefinition restore_command() {
  return {
      .name = "restore",
      .settings = Command::restore,
      .usage = "hubkeep restore OWNER/NAME [DIR] [FLAGS]\n       hubkeep restore --all DIR [FLAGS]",
      .summary = "bring repositories back from a vault, as they were at any snapshot",
      .story =
          "Needs neither GitHub nor a token. Without DIR, the repository goes into a folder with its name, "
          "which "
          "must be new or empty. Never overwrites anything. With --all, what an earlier run has restored "
          "from "
          "the same snapshot, and nobody has changed since, is there already and no failure: a restore that "
          "broke off can be given again. What a snapshot has beside the history is put beside the "
          "repository: "
          "its wiki into NAME.wiki, releases into NAME.releases, what GitHub knows of it into "
          "NAME.meta.jsonl; "
          "objects of Git LFS into the repository. "
          "To a repository that is there as it was restored, it comes later, too.",
      .examples =
          "  hubkeep restore acme/site\n"
          "  hubkeep restore acme/site old-site --at 2026-11-23T18:45:01Z\n"
          "  hubkeep restore acme/site --ref v1.2\n"
          "  hubkeep restore acme/site --only releases\n"
          "  hubkeep restore acme/site site.git --mirror --from /srv/github-vault\n"
          "  hubkeep restore --all everything\n",
      .plain_flags = {{"all", "every repository in the vault, each in a folder OWNER/NAME below DIR"},
                      {"bare", "a bare repository: branches and tags, no work tree"},
                      {"mirror", "a bare repository with every ref as GitHub had it, including refs/pull/*"}},
      .value_flags =
          {{"--ref", "REF",
            "this ref alone, and its files: a branch, a tag, or a full name such as refs/pull/7/head "
            "(default: all refs)"},
           {"--only", "KIND,...",
            "of git, wiki, lfs, releases, attachments, issues, discussions, projects, settings, gists and "
            "all "
            "these alone (default: all that the "
            "snapshot has)"},
           {"--without", "KIND,...", "not these"}},
      .max_arguments = 2,
      .take = take,
      .run = run};
}

}  // namespace hubkeep
