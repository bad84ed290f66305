// For SHA-256, which libgit2 cannot, and for packs with which it is slow: git from PATH does all but the
// refs, which are written as files at once instead of one process per ref. Each command of git's can also
// fail for the machine's sake (killed, no disk, no memory, no more files): that is never said of the vault.
// See Builder.BlamesTheHistoryForNothingThatTheMachineDid.
#include "localgit/git_command_builder.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "localgit/builder_common.h"
#include "localgit/git_command.h"
#include "localgit/packed_refs.h"

namespace hubkeep {
namespace {

constexpr std::size_t kRefsAtOnce = 100'000;  // the answers are kept in memory, up to kMaxProcessOutput

constexpr std::string_view kWithoutGit =
    "this repository uses SHA-256 object names, which hubkeep restores by running git, and there is no git "
    "in PATH: install git 2.29 or newer and give the same command again, or follow README.txt of the vault "
    "on a "
    "machine that has it";

// "fatal: missing blob object '<oid>'", "error: Could not read <oid>": the first line that names an object
// names the one that is missing. Where none does, nothing was found out about the objects.
Error not_connected(const Ref& ref, const ProcessResult& complaint, ObjectFormat format) {
  for (const auto line : split(complaint.errors, '\n')) {
    for (const auto word : split(line, ' ')) {
      const auto name = word.substr(word.starts_with('\'') ? 1 : 0, hex_size(format));
      if (!Oid::parse(name)) continue;
      return lacks_object(ref.name, line.find("blob") != std::string_view::npos ? "blob" : "object", name);
    }
  }
  return git_failed("rev-list", complaint, ErrorKind::internal).with_context(printable(ref.name));
}

}  // namespace

GitCommandBuilder::GitCommandBuilder(std::filesystem::path folder, ObjectFormat format, RepositoryKind kind,
                                     std::stop_token stop)
    : folder_(std::move(folder)), format_(format), kind_(kind), stop_(std::move(stop)) {
  // No template: hooks and files of the machine's own do not belong in what is restored.
  std::vector<std::string> init = {"init", "--quiet", "--template=", "--initial-branch=main",
                                   "--object-format=" + std::string(to_string(format_))};
  if (kind_ != RepositoryKind::work_tree) init.emplace_back("--bare");
  try {
    git(init, {});
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::not_found) throw;
    throw Error(ErrorKind::internal, std::string(kWithoutGit));
  }
}

ProcessResult GitCommandBuilder::git(const std::vector<std::string>& arguments,
                                     std::string_view input) const {
  auto result = run_process(git_plan(folder_, arguments), input, stop_);
  if (result.exit_code != 0) throw git_failed(arguments.front(), result, ErrorKind::internal);
  return result;
}

std::unique_ptr<PackImporter> GitCommandBuilder::import_pack() {
  return import_pack_by_git(folder_, stop_);
}

// In batches, because the answers are kept in memory.
void GitCommandBuilder::check_tips(const std::vector<Ref>& named, std::size_t begin) const {
  const std::size_t end = std::min(named.size(), begin + kRefsAtOnce);
  std::string questions;
  for (std::size_t i = begin; i < end; ++i) questions += named[i].oid.hex() + "\n";
  const auto answer = git({"cat-file", "--batch-check"}, questions);
  const auto lines = split(answer.output, '\n');
  for (std::size_t i = begin; i < end; ++i) {
    if (i - begin < lines.size() && !lines[i - begin].ends_with(" missing")) continue;
    // It ends well all the same where it could not open a pack.
    if (is_fault_of_machine(answer)) throw git_failed("cat-file", answer, ErrorKind::internal);
    throw missing_object(named[i].name, named[i].oid);
  }
}

void GitCommandBuilder::write_refs(const RefState& state) {
  const std::vector<Ref> named = tips_of(state);
  for (std::size_t begin = 0; begin < named.size(); begin += kRefsAtOnce) check_tips(named, begin);
  write_ref_files(kind_ == RepositoryKind::work_tree ? folder_ / ".git" : folder_, state);
}

std::optional<ProcessResult> GitCommandBuilder::missed(std::span<const Ref> tips) const {
  auto complaint = missed_by_git(folder_, tips, proved_, stop_);
  if (complaint && is_fault_of_machine(*complaint))
    throw git_failed("rev-list", *complaint, ErrorKind::internal);
  return complaint;
}

// git says which object it misses, but not which ref led there: the first one is found by halving.
void GitCommandBuilder::prove_connected(const RefState& state) {
  std::vector<Ref> tips = tips_of(state);
  if (tips.empty()) return;
  std::optional<ProcessResult> complaint = missed(tips);
  if (!complaint) {
    proved_ = std::move(tips);
    return;
  }
  std::size_t whole = 0;
  for (std::size_t broken = tips.size(); broken - whole > 1;) {
    const std::size_t middle = whole + (broken - whole) / 2;
    if (auto found = missed(std::span(tips).first(middle))) {
      complaint = std::move(found);
      broken = middle;
    } else {
      whole = middle;
    }
  }
  throw not_connected(tips[whole], *complaint, format_);
}

void GitCommandBuilder::set_origin(const std::string& url) {
  if (kind_ != RepositoryKind::mirror) return;
  for (const auto& [name, value] : mirror_settings(url)) git({"config", name, value}, {});
}

}  // namespace hubkeep
