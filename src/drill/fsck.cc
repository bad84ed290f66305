// The exit code is a set of bits (builtin/fsck.c): 1 is for an object, be it badly written or damaged; all
// others (reachability, packs, refs) are damage. What is badly written is told in lines of a form of its own.
#include "drill/fsck.h"

#include <algorithm>
#include <regex>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "localgit/git_command.h"

namespace hubkeep {
namespace {

constexpr std::size_t kMostLines = 20;
constexpr std::size_t kLongestLine = 300;
constexpr std::size_t kExcerpt = std::size_t{64} << 10;

// "error in commit <oid>: missingEmail: invalid author/committer line - missing email"
bool is_about_form(const std::string& line) {
  static const std::regex form("(error|warning) in (commit|tree|blob|tag) [0-9a-f]{40,64}: [A-Za-z0-9]+: .*");
  return std::regex_match(line, form);
}

}  // namespace

void FsckReader::take_line() {
  const std::string line = std::exchange(line_, {});
  if (trim(line).empty()) return;
  is_all_form_ = is_all_form_ && is_about_form(line);
  if (++count_ <= kMostLines) lines_.push_back(printable(line));
}

void FsckReader::read(std::string_view bytes) {
  begin_ += bytes.substr(0, kExcerpt - std::min(kExcerpt, begin_.size()));
  end_ += bytes;
  if (end_.size() > 2 * kExcerpt) end_.erase(0, end_.size() - kExcerpt);
  while (!bytes.empty()) {
    const auto end = std::min(bytes.find('\n'), bytes.size());
    line_ += bytes.substr(0, std::min(end, kLongestLine - line_.size()));
    if (end == bytes.size()) return;
    take_line();
    bytes.remove_prefix(end + 1);
  }
}

FsckAnswer FsckReader::judge(int exit_code) {
  constexpr int kObject = 1;
  take_line();
  FsckAnswer answer{.lines = lines_};
  if (count_ > kMostLines) answer.lines.push_back("and " + count_of(count_ - kMostLines, "more line"));
  const bool is_good = exit_code == 0 || (exit_code == kObject && count_ > 0 && is_all_form_);
  answer.result = is_good ? FsckResult::ok : FsckResult::problems;
  return answer;
}

FsckAnswer run_fsck(const std::filesystem::path& repository, const std::stop_token& stop) {
  if (!has_git(stop)) return {};
  FsckReader reader;
  ProcessPlan plan = git_plan(repository, {"fsck", "--full", "--no-dangling", "--no-progress"});
  plan.on_output = [&](std::string_view bytes) { reader.read(bytes); };
  ProcessResult result = run_process(plan, {}, stop);
  result.errors = reader.excerpt();
  if (result.exit_code != 0 && is_fault_of_machine(result))
    throw git_failed("fsck", result, ErrorKind::internal);
  return reader.judge(result.exit_code);
}

}  // namespace hubkeep
