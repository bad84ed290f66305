#include "sim/git_worker.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <random>

#include "base/error.h"

namespace hubkeep::sim {

namespace {

constexpr const char* kIdentity = "A U Thor <author@example.com>";
constexpr long kFirstCommitTime = 1'700'000'000;

std::string data_block(std::string_view text) {
  return fmt::format("data {}\n{}\n", text.size(), text);
}

std::string commit_header(std::string_view ref, long number, std::string_view message) {
  auto time = kFirstCommitTime + number * 60;
  return fmt::format("commit {}\nauthor {} {} +0000\ncommitter {} {} +0000\n{}", ref, kIdentity, time,
                     kIdentity, time, data_block(message));
}

std::string random_text(std::mt19937& random) {
  std::string out;
  auto lines = 5 + random() % 40;
  for (unsigned i = 0; i < lines; ++i) out += fmt::format("line {} of {:08x}\n", i, random());
  return out;
}

std::string file_change(std::mt19937& random, int files) {
  auto file = random() % static_cast<unsigned>(files);
  return fmt::format("M 100644 inline dir{}/file{}.txt\n{}", file % 7, file, data_block(random_text(random)));
}

}  // namespace

Environment git_environment() {
  return {{"GIT_CONFIG_NOSYSTEM", "1"},
          {"GIT_CONFIG_GLOBAL", "/dev/null"},
          {"GIT_CONFIG_COUNT", "3"},
          {"GIT_CONFIG_KEY_0", "init.defaultBranch"},
          {"GIT_CONFIG_VALUE_0", "main"},
          {"GIT_CONFIG_KEY_1", "protocol.version"},
          {"GIT_CONFIG_VALUE_1", "2"},
          {"GIT_CONFIG_KEY_2", "gc.auto"},
          {"GIT_CONFIG_VALUE_2", "0"},
          {"GIT_TERMINAL_PROMPT", "0"},
          {"GIT_AUTHOR_NAME", "A U Thor"},
          {"GIT_AUTHOR_EMAIL", "author@example.com"},
          {"GIT_AUTHOR_DATE", "1700000000 +0000"},
          {"GIT_COMMITTER_NAME", "A U Thor"},
          {"GIT_COMMITTER_EMAIL", "author@example.com"},
          {"GIT_COMMITTER_DATE", "1700000000 +0000"},
          {"LC_ALL", "C.UTF-8"}};
}

RunResult run(const std::vector<std::string>& argv, const RunOptions& options) {
  ChildOptions child;
  child.argv = argv;
  child.cwd = options.cwd;
  child.env = options.env;
  child.env.merge(git_environment());
  FileDescriptor in = memory_file(options.in);
  FileDescriptor out = memory_file();
  FileDescriptor err = memory_file();

  ChildProcess process(child, in, out, err);

  RunResult result;
  result.exit_code = process.wait();
  result.out = read_whole(out);
  result.err = read_whole(err);
  return result;
}

RunResult run_checked(const std::vector<std::string>& argv, const RunOptions& options) {
  RunResult result = run(argv, options);
  if (result.exit_code != 0) {
    throw Error(ErrorKind::internal,
                fmt::format("{}: exit {}: {}", fmt::join(argv, " "), result.exit_code, result.err));
  }
  return result;
}

std::string git(const std::filesystem::path& repository, const std::vector<std::string>& arguments,
                std::string_view in) {
  std::vector<std::string> argv = {"git", "-C", repository.string()};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  RunOptions options;
  options.in = in;
  std::string out = run_checked(argv, options).out;
  if (out.ends_with('\n')) out.pop_back();
  return out;
}

void fast_import(const std::filesystem::path& repository, std::string_view stream) {
  git(repository, {"fast-import", "--quiet", "--force", "--done"}, std::string(stream) + "done\n");
}

void make_repository_content(const std::filesystem::path& repository, unsigned seed, int commits, int files) {
  std::mt19937 random(seed);
  std::string stream;
  for (int i = 0; i < commits; ++i) {
    stream += commit_header("refs/heads/main", i, fmt::format("Change {}\n\nseed {}\n", i, seed));
    for (int changed = 0; changed < (i == 0 ? files : 2); ++changed) stream += file_change(random, files);
    stream += "\n";
  }
  stream += commit_header("refs/heads/topic/side", commits, "Side work\n") + "from refs/heads/main\n";
  stream += file_change(random, files) + "\n";
  stream +=
      commit_header("refs/heads/main", commits + 1, "Merge topic/side\n") + "merge refs/heads/topic/side\n\n";
  stream += commit_header("refs/pull/1/head", commits + 2, "Proposed\n") + "from refs/heads/main\n";
  stream += file_change(random, files) + "\n";
  stream += "reset refs/tags/light\nfrom refs/heads/main\n\n";
  stream += fmt::format("tag v1.0\nfrom refs/heads/main\ntagger {} {} +0000\n{}", kIdentity, kFirstCommitTime,
                        data_block("Version 1.0\n"));
  fast_import(repository, stream);
}

}  // namespace hubkeep::sim
