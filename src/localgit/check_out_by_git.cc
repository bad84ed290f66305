// As check_out.cc does it, with git's commands: rev-list and cat-file hand over the trees, the plan and the
// index are ours, checkout-index writes the files. It goes on after a file that it cannot write, and what is
// not there afterwards is what failed.
#include "localgit/check_out_by_git.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <optional>
#include <string>
#include <system_error>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "base/file_descriptor.h"
#include "base/text.h"
#include "localgit/builder_common.h"
#include "localgit/git_command.h"
#include "localgit/index_file.h"
#include "localgit/work_tree_plan.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

// It may have a line to say of each file.
ProcessPlan plan_of_many_files(const fs::path& folder, const std::vector<std::string>& arguments) {
  ProcessPlan plan = git_plan(folder, arguments);
  plan.output_limit = ByteCount{1} << 30U;
  return plan;
}

// Its output. Throws Error: cancelled, internal.
std::string output_of(const fs::path& folder, const std::vector<std::string>& arguments,
                      std::string_view input, const std::stop_token& stop) {
  auto result = run_process(plan_of_many_files(folder, arguments), input, stop);
  if (result.exit_code != 0) throw git_failed(arguments.front(), result, ErrorKind::internal);
  return std::move(result.output);
}

// All trees of HEAD, each once, however often they name each other.
class Trees {
 public:
  Trees(const fs::path& folder, const std::stop_token& stop) {
    const auto names =
        output_of(folder, {"rev-list", "--objects", "--no-object-names", "--filter=blob:none", "HEAD^{tree}"},
                  {}, stop);
    const auto root = Oid::parse(names.substr(0, names.find('\n')));
    if (!root) throw Error(ErrorKind::internal, "git names no tree of it");
    root_ = *root;
    content_ = output_of(folder, {"cat-file", "--batch"}, names, stop);
    find_trees();
  }
  const Oid& root() const { return root_; }
  std::string read(const Oid& tree) const {
    const auto found = trees_.find(tree);
    if (found == trees_.end()) throw Error(ErrorKind::corrupt, "git cannot read the tree " + tree.hex());
    return std::string(found->second);
  }

 private:
  // oid SP type SP size LF content LF; or oid SP "missing" LF
  void find_trees() {
    for (std::string_view rest = content_; !rest.empty();) {
      const auto line = rest.substr(0, rest.find('\n'));
      const auto fields = split(line, ' ');
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
      if (fields.size() != 3) continue;
      const auto oid = Oid::parse(fields[0]);
      const std::size_t size = std::strtoull(std::string(fields[2]).c_str(), nullptr, 10);
      if (oid && fields[1] == "tree") trees_.emplace(*oid, rest.substr(0, size));
      rest.remove_prefix(std::min(rest.size(), size + 1));
    }
  }

  Oid root_;
  std::string content_;
  std::unordered_map<Oid, std::string_view> trees_;
};

std::optional<std::vector<PlannedEntry>> plan_by_git(const fs::path& folder, CheckOutReport& report,
                                                     const WorkTreeLimits& limits,
                                                     const std::stop_token& stop) {
  try {
    const Trees trees(folder, stop);
    return plan_work_tree(
        trees.root(), [&](const Oid& tree) { return trees.read(tree); }, report, limits, stop);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::cancelled) throw;
    report.add_first("HEAD", error.message());
    return std::nullopt;
  }
}

// Why a file is not there: the reason for which it cannot be looked at either, where there is one.
void report_missing(const fs::path& folder, const std::vector<PlannedEntry>& entries,
                    CheckOutReport& report) {
  const FileDescriptor root(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for (const PlannedEntry& entry : entries) {
    struct ::stat status{};
    if (::fstatat(root.get(), entry.path.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) continue;
    report.add(entry.path, errno == ENOENT || errno == ENOTDIR ? "git could not write it"
                                                               : std::generic_category().message(errno));
  }
}

// "error: failed to encode '<path>' from UTF-8 to <encoding>": written as it is stored.
void report_complaints(std::string_view complaints, CheckOutReport& report) {
  constexpr std::string_view kStart = "error: failed to encode '";
  for (const auto line : split(complaints, '\n')) {
    const auto end = line.rfind("' from ");
    if (!line.starts_with(kStart) || end == std::string_view::npos) continue;
    report.add(std::string(line.substr(kStart.size(), end - kStart.size())),
               "it cannot be converted as .gitattributes asks for: written as it is stored");
  }
}

// Whose failure costs files, but not the history. Nothing where it could not be run to its end.
std::optional<ProcessResult> run_or_report(const ProcessPlan& plan, CheckOutReport& report,
                                           const std::stop_token& stop) {
  try {
    return run_process(plan, {}, stop);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::cancelled) throw;
    report.add_first("HEAD", error.message());
    return std::nullopt;
  }
}

// checkout-index ends with 1 for one file's failure, and for a full disk as well: its words tell.
void write_files(const fs::path& folder, CheckOutReport& report, const std::stop_token& stop) {
  const auto written =
      run_or_report(plan_of_many_files(folder, {"checkout-index", "--all", "--index"}), report, stop);
  for (const int disk : {ENOSPC, EDQUOT, EIO, EROFS}) {
    if (written && written->errors.find(std::generic_category().message(disk)) != std::string::npos)
      throw git_failed("checkout-index", *written, ErrorKind::internal);
  }
  if (written) report_complaints(written->errors, report);
  // After a failure it has not told the index what it wrote.
  if (!written || written->exit_code != 0)
    run_or_report(git_plan(folder, {"update-index", "-q", "--ignore-missing", "--refresh"}), report, stop);
}

void look_at_gitmodules(const fs::path& folder, CheckOutReport& report, const std::stop_token& stop) {
  const auto read =
      run_or_report(git_plan(folder, {"config", "--file", ".gitmodules", "--list"}), report, stop);
  if (read && read->exit_code != 0) report.notice = gitmodules_notice(trim(read->errors));
}

}  // namespace

CheckOutReport check_out_by_git(const fs::path& folder, const std::stop_token& stop,
                                const WorkTreeLimits& limits) {
  CheckOutReport report;
  const auto entries = plan_by_git(folder, report, limits, stop);
  if (!entries) return report;
  write_index(folder / ".git" / "index", ObjectFormat::sha256, *entries, {});
  write_files(folder, report, stop);
  report_missing(folder, *entries, report);
  const auto is_gitmodules = [](const PlannedEntry& entry) { return entry.path == ".gitmodules"; };
  if (std::any_of(entries->begin(), entries->end(), is_gitmodules)) look_at_gitmodules(folder, report, stop);
  return report;
}

}  // namespace hubkeep
