// The exit code is a set of bits (builtin/fsck.c): 1 is for an object, be it badly written or damaged; all
// others (reachability, packs, refs) are damage. What is badly written is told in lines of a form of its own.
#include "drill/fsck.h"

#include <algorithm>
#include <regex>

#include "base/error.h"
#include "base/text.h"
#include "localgit/git_command.h"

namespace hubkeep {
namespace {

constexpr std::size_t kMostLines = 20;
constexpr std::size_t kLongestLine = 300;

// "error in commit <oid>: missingEmail: invalid author/committer line - missing email"
bool is_about_form(const std::string& line) {
  static const std::regex form("(error|warning) in (commit|tree|blob|tag) [0-9a-f]{40,64}: [A-Za-z0-9]+: .*");
  return std::regex_match(line, form);
}

}  // namespace

FsckAnswer judge_fsck(int exit_code, const std::string& errors) {
  constexpr int kObject = 1;
  FsckAnswer answer;
  bool is_all_form = true;
  std::size_t lines = 0;
  for (const std::string_view part : split(errors, '\n')) {
    if (trim(part).empty()) continue;
    const std::string line(part.substr(0, kLongestLine));
    is_all_form = is_all_form && is_about_form(line);
    if (++lines <= kMostLines) answer.lines.push_back(printable(line));
  }
  if (lines > kMostLines) answer.lines.push_back("and " + count_of(lines - kMostLines, "more line"));
  const bool is_good = exit_code == 0 || (exit_code == kObject && lines > 0 && is_all_form);
  answer.result = is_good ? FsckResult::ok : FsckResult::problems;
  return answer;
}

FsckAnswer run_fsck(const std::filesystem::path& repository, const std::stop_token& stop) {
  if (!has_git(stop)) return {};
  const ProcessResult result =
      run_process(git_plan(repository, {"fsck", "--full", "--no-dangling", "--no-progress"}), {}, stop);
  if (result.exit_code != 0 && is_fault_of_machine(result))
    throw git_failed("fsck", result, ErrorKind::internal);
  return judge_fsck(result.exit_code, result.errors + "\n" + result.output);
}

}  // namespace hubkeep
