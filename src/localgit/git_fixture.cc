#include "localgit/git_fixture.h"

#include <fstream>
#include <iterator>

#include "base/error.h"
#include "base/subprocess.h"
#include "base/text.h"

namespace hubkeep {

ScratchFolder::ScratchFolder()
    : path_(std::filesystem::temp_directory_path() / ("hubkeep-test-" + random_hex(12))) {
  std::filesystem::create_directory(path_);
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string git(const std::filesystem::path& folder, const std::vector<std::string>& arguments,
                std::string_view input) {
  static const std::vector<std::string> environment = {"GIT_CONFIG_GLOBAL=/dev/null",
                                                       "GIT_CONFIG_SYSTEM=/dev/null",
                                                       "GIT_AUTHOR_NAME=Ada",
                                                       "GIT_AUTHOR_EMAIL=a@example.com",
                                                       "GIT_COMMITTER_NAME=Ada",
                                                       "GIT_COMMITTER_EMAIL=a@example.com",
                                                       "GIT_AUTHOR_DATE=1700000000 +0000",
                                                       "GIT_COMMITTER_DATE=1700000000 +0000"};
  std::vector<std::string> command = {"git", "-c", "core.fsync=none", "-C", folder.string()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  auto result = run_process({.arguments = command, .environment = environment}, input, {});
  if (result.exit_code != 0)
    throw Error(ErrorKind::internal, "git " + arguments.front() + ": " + result.errors);
  return std::move(result.output);
}

void write_file(const std::filesystem::path& path, std::string_view content) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << content;
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

SourceRepository::SourceRepository(ObjectFormat format) : format_(format) {
  run({"init", "--quiet", "--initial-branch=main", "--object-format=" + std::string(to_string(format))});
}

void SourceRepository::commit(const std::string& file, std::string_view content) {
  write_file(path() / file, content);
  run({"add", "--all"});
  run({"commit", "--quiet", "-m", "change " + file});
}

std::string SourceRepository::raw_tree(std::string_view bytes) const {
  const auto oid = run({"hash-object", "--literally", "-t", "tree", "-w", "--stdin"}, bytes);
  return std::string(trim(oid));
}

std::string SourceRepository::pack(const std::vector<std::string>& without) const {
  std::string revisions;
  for (const auto& ref : refs().refs) revisions += ref.oid.hex() + "\n";
  for (const auto& name : without) revisions += "^" + name + "\n";
  return run({"pack-objects", "--quiet", "--thin", "--revs", "--stdout", "--delta-base-offset"}, revisions);
}

std::string SourceRepository::pack_but(const std::string& lost) const {
  std::string names;
  const std::string all =
      run({"--no-replace-objects", "rev-list", "--objects", "--no-object-names", "--all"});
  for (const auto name : split(all, '\n')) {
    if (!name.empty() && name != lost) names.append(name) += '\n';
  }
  return run({"pack-objects", "--quiet", "--stdout", "--window=0"}, names);
}

RefState SourceRepository::refs() const {
  RefState state{.format = format_, .head = {}, .refs = {}};
  const std::string lines = run({"for-each-ref", "--format=%(objectname) %(refname)"});
  for (const auto line : split(lines, '\n')) {
    if (line.empty()) continue;
    const auto fields = split(line, ' ');
    state.refs.push_back({std::string(fields[1]), Oid::parse(fields[0]).value()});
  }
  const std::string head = read_file(path() / ".git" / "HEAD");
  if (head.starts_with("ref: ")) {
    state.head.symref_target = trim(std::string_view(head).substr(5));
  } else {
    state.head.oid = Oid::parse(trim(head));
  }
  return state;
}

std::string refs_of(const std::filesystem::path& repository) {
  const auto git_folder = std::string(trim(git(repository, {"rev-parse", "--absolute-git-dir"})));
  return git(repository, {"for-each-ref", "--format=%(objectname) %(*objectname) %(refname)"}) +
         read_file(std::filesystem::path(git_folder) / "HEAD");
}

}  // namespace hubkeep
