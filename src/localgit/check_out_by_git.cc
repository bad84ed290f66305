// rev-list and cat-file hand over the trees, checkout-index writes the files. It goes on after a file that it
// cannot write; what is not there afterwards is what failed. It reads .gitattributes as a clone does: of each
// folder from the index, since none is on disk yet when the folder's first file is written.
#include "localgit/check_out_by_git.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <optional>
#include <string>
#include <system_error>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "localgit/builder_common.h"
#include "localgit/git_command.h"
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

// "unable to write file" has no reason behind it, and half of the file is there: with a full disk, mostly.
bool is_failure_of_disk(const ProcessResult& written) {
  const auto says = [&](const std::string& words) { return written.errors.find(words) != std::string::npos; };
  constexpr std::array kErrors = {ENOSPC, EDQUOT, EIO, EROFS};
  return says("error: unable to write file ") || std::any_of(kErrors.begin(), kErrors.end(), [&](int error) {
           return says(std::generic_category().message(error));
         });
}

// It ends with 1 where it left out a file, older ones with 128, as when they die: then they say so.
bool came_to_its_end(const ProcessResult& written) {
  constexpr int kDied = 128;
  if (written.exit_code <= 1) return true;
  return written.exit_code == kDied && !written.errors.starts_with("fatal: ") &&
         written.errors.find("\nfatal: ") == std::string::npos;
}

}  // namespace

std::optional<std::vector<PlannedEntry>> plan_by_git(const fs::path& folder,
                                                     const std::function<void(const Oid&)>& met,
                                                     CheckOutReport& report, const WorkTreeLimits& limits,
                                                     const std::stop_token& stop) {
  try {
    const Trees trees(folder, stop);
    const auto read = [&](const Oid& tree) {
      met(tree);
      return trees.read(tree);
    };
    return plan_work_tree(trees.root(), read, report, limits, stop);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::cancelled) throw;
    report.add_first("HEAD", error.message());
    return std::nullopt;
  }
}

std::optional<GitFailure> write_files_by_git(const fs::path& folder, const std::vector<PlannedEntry>& entries,
                                             CheckOutReport& report, const std::stop_token& stop) {
  std::string paths;
  for (const PlannedEntry& entry : entries) paths.append(entry.path) += '\0';
  std::optional<GitFailure> failure;
  int exit_code = -1;
  try {
    const auto written =
        run_process(plan_of_many_files(folder, {"checkout-index", "--index", "-z", "--stdin"}), paths, stop);
    exit_code = written.exit_code;
    const bool is_of_disk = is_failure_of_disk(written);
    if (is_of_disk || !came_to_its_end(written))
      failure = {git_failed("checkout-index", written, ErrorKind::internal).message(), is_of_disk};
    report_complaints(written.errors, report);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::cancelled) throw;
    failure = {error.message()};
  }
  // After a failure it has not told the index what it wrote.
  if (exit_code != 0) renew_index(folder, stop);
  return failure;
}

void renew_index(const fs::path& folder, const std::stop_token& stop) {
  std::error_code ignored;
  fs::remove(folder / ".git" / "index.lock", ignored);  // of a git that was killed
  try {
    run_process(git_plan(folder, {"update-index", "-q", "--ignore-missing", "--refresh"}), {}, stop);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::cancelled) throw;
  }
}

void look_at_gitmodules_by_git(const fs::path& folder, CheckOutReport& report, const std::stop_token& stop) {
  const auto read = run_process(git_plan(folder, {"config", "--file", ".gitmodules", "--list"}), {}, stop);
  if (read.exit_code != 0) report.add_notice(gitmodules_notice(trim(read.errors)));
}

}  // namespace hubkeep
