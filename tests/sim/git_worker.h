// Runs programs, above all git, for tests: no shell, no configuration of the user's, nothing interactive.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "sim/child_process.h"

namespace hubkeep::sim {

struct RunOptions {
  std::filesystem::path cwd;
  Environment env;        // on top of this process' environment and git_environment()
  std::string_view in{};  // what the program reads on its standard input
};

struct RunResult {
  int exit_code = 0;
  std::string out;
  std::string err;
};

/// What makes git behave the same on every machine: no user's or system's configuration, fixed identity and
/// dates.
Environment git_environment();

RunResult run(const std::vector<std::string>& argv, const RunOptions& options = {});
/// The same, but throws Error(internal) with the program's standard error unless it exits with 0.
RunResult run_checked(const std::vector<std::string>& argv, const RunOptions& options = {});
/// `git -C repository arguments…`; its standard output without the last newline. Throws as run_checked does.
std::string git(const std::filesystem::path& repository, const std::vector<std::string>& arguments,
                std::string_view in = "");

/// Feeds a stream to `git fast-import` (forced updates allowed) in an existing repository.
void fast_import(const std::filesystem::path& repository, std::string_view stream);

/// Makes a plausible history in an existing repository: `commits` on main, one merged side branch, a
/// lightweight and an annotated tag, refs/pull/1/head; `files` files of text. The same seed gives the same
/// objects.
void make_repository_content(const std::filesystem::path& repository, unsigned seed, int commits, int files);

}  // namespace hubkeep::sim
