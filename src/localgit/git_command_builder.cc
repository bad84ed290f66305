// The repository is made here, as `git init` makes it with an empty template: a mirror that was proved when
// it was saved needs no git at all. Where git proves, it can also fail for the machine's sake (killed, no
// disk, no memory, no more files): that is never said of the vault. See
// Builder.BlamesTheHistoryForNothingThatTheMachineDid.
#include "localgit/git_command_builder.h"

#include <fmt/format.h>

#include <cerrno>
#include <fstream>
#include <string_view>

#include "base/error.h"
#include "base/file_error.h"
#include "base/text.h"
#include "localgit/builder_common.h"
#include "localgit/git_command.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kWithoutGit =
    "this repository uses SHA-256 object names, which hubkeep restores by running git, and there is no git "
    "in PATH: install git 2.29 or newer and give the same command again, or follow README.txt of the vault "
    "on a "
    "machine that has it";

// "fatal: missing blob object '<oid>'", "error: Could not read <oid>": the first line that names an object
// names the one that is missing. Where none does, nothing was found out about the objects.
Error not_connected(const Ref& ref, const ProcessResult& complaint) {
  for (const auto line : split(complaint.errors, '\n')) {
    for (const auto word : split(line, ' ')) {
      const auto name = word.substr(word.starts_with('\'') ? 1 : 0, hex_size(ObjectFormat::sha256));
      if (!Oid::parse(name)) continue;
      return lacks_object(ref.name, line.find("blob") != std::string_view::npos ? "blob" : "object", name);
    }
  }
  return git_failed("rev-list", complaint, ErrorKind::internal).with_context(printable(ref.name));
}

void write_text(const fs::path& file, std::string_view text) {
  std::ofstream stream(file, std::ios::binary);
  stream << text;
  stream.close();
  if (!stream) throw file_error(errno, "write", file.string());
}

// gitrepository-layout. Extensions are known from version 1 on.
void initialise(const fs::path& git_folder, RepositoryKind kind) {
  if (fs::exists(git_folder / "HEAD"))
    throw Error(ErrorKind::invalid, printable(git_folder.string()) + " is a repository already");
  for (const auto* folder : {"objects/info", "objects/pack", "refs/heads", "refs/tags"}) {
    std::error_code error;
    fs::create_directories(git_folder / folder, error);
    if (error) throw file_error(error.value(), "make the folder", (git_folder / folder).string());
  }
  const bool is_bare = kind != RepositoryKind::work_tree;
  write_text(git_folder / "config",
             fmt::format("[core]\n\trepositoryformatversion = 1\n\tfilemode = true\n\tbare = {}\n{}"
                         "[extensions]\n\tobjectformat = sha256\n",
                         is_bare, is_bare ? "" : "\tlogallrefupdates = true\n"));
  write_text(git_folder / "HEAD", "ref: refs/heads/main\n");
}

}  // namespace

GitCommandBuilder::GitCommandBuilder(const fs::path& folder, RepositoryKind kind, bool needs_git,
                                     std::stop_token stop)
    : RepositoryBuilder(git_folder_in(folder, kind), ObjectFormat::sha256, kind, std::move(stop)) {
  if (needs_git) require_git();
  initialise(git_folder(), kind);
}

void GitCommandBuilder::require_git() const {
  if (!has_git(stop())) throw Error(ErrorKind::internal, std::string(kWithoutGit));
}

std::optional<ProcessResult> GitCommandBuilder::missed(std::span<const Ref> tips) const {
  auto complaint = missed_by_git(git_folder(), tips, proved_, stop());
  if (complaint && is_fault_of_machine(*complaint))
    throw git_failed("rev-list", *complaint, ErrorKind::internal);
  return complaint;
}

// git says which object it misses, but not which ref led there: the first one is found by halving.
void GitCommandBuilder::prove_connected(const RefState& state) {
  std::vector<Ref> tips = tips_of(state);
  if (tips.empty()) return;
  require_git();
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
  throw not_connected(tips[whole], *complaint);
}

}  // namespace hubkeep
