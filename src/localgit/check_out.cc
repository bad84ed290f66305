// The trees are planned first, see work_tree_plan.h. Then the index is written: whoever writes the files
// reads .gitattributes from there. git writes them where there is one; what it leaves out, hubkeep tries
// itself and says why it cannot be written. Where git does not come to its end, hubkeep writes them all.
#include "localgit/check_out.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <optional>
#include <ranges>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/file_descriptor.h"
#include "base/text.h"
#include "localgit/check_out_by_git.h"
#include "localgit/check_out_by_libgit2.h"
#include "localgit/git_command.h"
#include "localgit/index_file.h"
#include "localgit/packed_refs.h"
#include "localgit/work_tree_folder.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

// As `git clone` says of a HEAD that leads nowhere.
CheckOutReport without_head(const RefState& state) {
  CheckOutReport report;
  if (state.refs.empty()) return report;
  report.notice = state.head.symref_target.empty()
                      ? std::string("its HEAD leads nowhere, so no file is checked out")
                      : fmt::format("its HEAD names {}, which is not there, so no file is checked out",
                                    printable(state.head.symref_target));
  report.notice += ": the history is whole, choose a branch with `git switch`";
  return report;
}

// A clone has no refs/replace; here git would show what stands for HEAD's objects as changed.
class Replacements {
 public:
  explicit Replacements(const RefState& state) {
    for (const Ref& ref : state.refs) {
      if (!ref.name.starts_with(kReplace)) continue;
      if (const auto oid = Oid::parse(ref.name.substr(kReplace.size()))) replaced_.insert(*oid);
    }
  }
  void look_at(const Oid& oid) {
    if (!found_ && !replaced_.empty() && replaced_.contains(oid)) found_ = oid;
  }
  void put_out_of_effect(const fs::path& git_folder, CheckOutReport& report) const {
    if (!found_) return;
    std::ofstream config(git_folder / "config", std::ios::binary | std::ios::app);
    config << "[core]\n\tuseReplaceRefs = false\n";
    config.close();
    if (!config)
      throw Error(ErrorKind::internal,
                  "cannot write the configuration: " + std::generic_category().message(errno));
    report.add_notice(fmt::format(
        "{}{} stands for an object of HEAD: as after `git clone`, it has no effect (core.useReplaceRefs)",
        kReplace, found_->hex()));
  }

 private:
  static constexpr std::string_view kReplace = "refs/replace/";
  std::set<Oid> replaced_;
  std::optional<Oid> found_;
};

bool has_gitmodules(const std::vector<PlannedEntry>& entries) {
  return std::any_of(entries.begin(), entries.end(), [](const PlannedEntry& entry) {
    return entry.path == ".gitmodules" && entry.mode != EntryMode::submodule;
  });
}

bool is_there(int root, const PlannedEntry& entry) {
  struct ::stat status{};
  return ::fstatat(root, entry.path.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
}

void remove_files(const fs::path& folder) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().filename() != ".git") fs::remove_all(entry.path());
  }
}

// What git did not write. Where it did not come to its end, the last file that is there may be half of one:
// it is removed and counts as well.
std::vector<PlannedEntry> not_written(const fs::path& folder, const std::vector<PlannedEntry>& entries,
                                      bool came_to_its_end) {
  const FileDescriptor root(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  std::vector<PlannedEntry> missing;
  for (const PlannedEntry& entry : std::views::reverse(entries)) {
    const bool is_half =
        !came_to_its_end && is_there(root.get(), entry) && ::unlinkat(root.get(), entry.path.c_str(), 0) == 0;
    if (is_half) came_to_its_end = true;
    if (is_half || !is_there(root.get(), entry)) missing.push_back(entry);
  }
  std::reverse(missing.begin(), missing.end());
  return missing;
}

// One work tree, the way that its object format and this machine allow.
class CheckOut {
 public:
  CheckOut(const fs::path& folder, const RefState& state, const WorkTreeLimits& limits,
           const std::stop_token& stop)
      : folder_(folder), state_(state), limits_(limits), stop_(stop), replacements_(state) {}

  CheckOutReport run(const Oid& head) {
    if (state_.format == ObjectFormat::sha1) {
      of_sha1(head);
    } else {
      of_sha256(head);
    }
    return std::move(report_);
  }

 private:
  using Entries = std::vector<PlannedEntry>;

  void write_index_file(const Entries& entries, const std::vector<FileFacts>& found) const {
    write_index(folder_ / ".git" / "index", state_.format, entries, found);
  }

  void prepare(const Entries& entries) {
    for (const PlannedEntry& entry : entries) replacements_.look_at(entry.oid);
    replacements_.put_out_of_effect(folder_ / ".git", report_);
    write_index_file(entries, {});
  }

  // git gives up at a folder that it cannot make, so they are made before. Returns what can stand in them.
  Entries make_folders(const Entries& entries) {
    WorkTreeFolder tree(folder_);
    Entries inside;
    for (const PlannedEntry& entry : entries) {
      if (stop_.stop_requested()) throw Error(ErrorKind::cancelled, "stopped while checking out");
      try {
        const auto slash = entry.path.rfind('/');
        if (slash != std::string::npos) tree.make_folder(entry.path.substr(0, slash));
        inside.push_back(entry);
      } catch (const Error& error) {
        if (tree.disk_failed()) throw error.with_context("cannot write " + printable(entry.path));
        report_.add(entry.path, error.message());
      }
    }
    return inside;
  }

  // Whether git has written all that it can: if not, nothing is there.
  bool write_by_git(const Entries& entries, Libgit2CheckOut& libgit2) {
    const CheckOutReport before = report_;
    const Entries inside = make_folders(entries);
    if (write_files_by_git(folder_, inside, report_, stop_)) {
      remove_files(folder_);
      report_ = before;
      return false;
    }
    libgit2.write(not_written(folder_, inside, true));
    return true;
  }

  void of_sha1(const Oid& head) {
    Libgit2CheckOut libgit2(folder_, report_, stop_);
    const Entries entries = libgit2.plan(head, limits_, [&](const Oid& oid) { replacements_.look_at(oid); });
    prepare(entries);
    if (!has_git(stop_) || !write_by_git(entries, libgit2)) write_index_file(entries, libgit2.write(entries));
    if (has_gitmodules(entries)) libgit2.look_at_gitmodules();
  }

  void of_sha256(const Oid& head) {
    replacements_.look_at(head);
    const auto met = [&](const Oid& oid) { replacements_.look_at(oid); };
    const auto entries = plan_by_git(folder_, met, report_, limits_, stop_);
    if (!entries) return;
    prepare(*entries);
    const Entries inside = make_folders(*entries);
    const auto failure = write_files_by_git(folder_, inside, report_, stop_);
    if (failure && failure->is_of_disk) throw Error(ErrorKind::internal, failure->why);
    for (const PlannedEntry& entry : not_written(folder_, inside, !failure))
      report_.add(entry.path, failure ? failure->why : "git could not write it");
    if (has_gitmodules(*entries)) look_at_gitmodules_by_git(folder_, report_, stop_);
  }

  const fs::path& folder_;
  const RefState& state_;
  const WorkTreeLimits& limits_;
  const std::stop_token& stop_;
  Replacements replacements_;
  CheckOutReport report_;
};

}  // namespace

CheckOutReport check_out(const fs::path& folder, const RefState& state, const std::stop_token& stop,
                         const WorkTreeLimits& limits) {
  const auto head = born_head(state);
  if (!head) return without_head(state);
  if (stop.stop_requested()) throw Error(ErrorKind::cancelled, "stopped before the check out");
  return CheckOut(folder, state, limits, stop).run(*head);
}

}  // namespace hubkeep
