#include "localgit/check_out_by_git.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "localgit/builder_common.h"
#include "localgit/git_command.h"
#include "localgit/index_file.h"
#include "localgit/work_tree_plan.h"
#include "store/file_descriptor.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

// git ls-tree -z: mode SP type SP oid TAB path NUL
std::vector<PlannedEntry> read_listing(std::string_view listing, CheckOutReport& report) {
  WorkTreePlan plan(report);
  for (const auto line : split(listing, '\0')) {
    const auto tab = line.find('\t');
    if (tab == std::string_view::npos) continue;
    const auto fields = split(line.substr(0, tab), ' ');
    const auto oid = fields.size() == 3 ? Oid::parse(fields[2]) : std::nullopt;
    if (!oid) continue;
    const auto mode = static_cast<EntryMode>(std::strtoul(std::string(fields[0]).c_str(), nullptr, 8));
    plan.add({std::string(line.substr(tab + 1)), mode, *oid});
  }
  return plan.finish();
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

// It may have a line to say of each file.
ProcessPlan plan_of_many_files(const fs::path& folder, const std::vector<std::string>& arguments) {
  ProcessPlan plan = git_plan(folder, arguments);
  plan.output_limit = ByteCount{1} << 30U;
  return plan;
}

}  // namespace

CheckOutReport check_out_by_git(const fs::path& folder, const std::stop_token& stop) {
  CheckOutReport report;
  const auto listed =
      run_process(plan_of_many_files(folder, {"ls-tree", "-r", "-z", "--full-tree", "HEAD"}), {}, stop);
  if (listed.exit_code != 0) {
    report.add("HEAD", git_failed("ls-tree", listed, ErrorKind::internal).message());
    return report;
  }
  const auto entries = read_listing(listed.output, report);
  write_index(folder / ".git" / "index", ObjectFormat::sha256, entries, {});
  const auto written =
      run_process(plan_of_many_files(folder, {"checkout-index", "--all", "--index"}), {}, stop);
  for (const int disk : {ENOSPC, EDQUOT, EIO, EROFS}) {
    if (written.errors.find(std::generic_category().message(disk)) != std::string::npos)
      throw git_failed("checkout-index", written, ErrorKind::internal);
  }
  // After a failure it has not told the index what it wrote.
  if (written.exit_code != 0)
    run_process(git_plan(folder, {"update-index", "-q", "--ignore-missing", "--refresh"}), {}, stop);
  report_missing(folder, entries, report);
  report_complaints(written.errors, report);
  const auto is_gitmodules = [](const PlannedEntry& entry) { return entry.path == ".gitmodules"; };
  if (std::any_of(entries.begin(), entries.end(), is_gitmodules)) {
    const auto read = run_process(git_plan(folder, {"config", "--file", ".gitmodules", "--list"}), {}, stop);
    if (read.exit_code != 0) report.notice = gitmodules_notice(trim(read.errors));
  }
  return report;
}

}  // namespace hubkeep
