// How git is run: deaf to the user's and the machine's configuration, without hooks and filters, and with a
// time limit. And how its failures are read. An exit code alone does not say whose fault it is: 128 is what
// git dies with, of a damaged pack as well as of a full disk, so its words decide, in English by LC_ALL=C.
#include "localgit/git_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "base/text.h"

namespace hubkeep {
namespace {

constexpr std::size_t kMaxComplaint = 1000;

// The user's and the machine's own configuration must not change what is restored, nor run anything.
const std::vector<std::string>& deaf_environment() {
  static const std::vector<std::string> environment = {
      "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null",
      "GIT_CONFIG_NOSYSTEM=1",       "GIT_ATTR_NOSYSTEM=1",
      "GIT_TERMINAL_PROMPT=0",       "GIT_OPTIONAL_LOCKS=0",
      "GIT_NO_REPLACE_OBJECTS=1",    "GIT_DEFAULT_REF_FORMAT=files",
      "GIT_LFS_SKIP_SMUDGE=1",       "LC_ALL=C"};
  return environment;
}

// Git before 2.32 knows no GIT_CONFIG_GLOBAL: without HOME it finds no user's configuration either.
bool git_inherits(std::string_view variable) {
  return variable != "HOME" && is_plain(variable);
}

// Longer than the deltas of the largest repositories take.
constexpr std::chrono::hours kTimeLimit{6};

}  // namespace

bool has_git(const std::stop_token& stop) {
  try {
    return run_process({.arguments = {"git", "--version"}, .environment = {}}, {}, stop).exit_code == 0;
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::cancelled) throw;
    return false;
  }
}

ProcessPlan git_plan(const std::filesystem::path& folder, const std::vector<std::string>& arguments) {
  std::vector<std::string> all = {"git",
                                  "-C",
                                  folder.string(),
                                  "-c",
                                  "core.hooksPath=/dev/null",
                                  "-c",
                                  "core.attributesFile=/dev/null",
                                  "-c",
                                  "core.excludesFile=/dev/null",
                                  "-c",
                                  "core.fsmonitor=false",
                                  "-c",
                                  "protocol.allow=never",
                                  "-c",
                                  "safe.directory=*",
                                  "-c",
                                  "core.bigFileThreshold=16m"};  // larger ones are not held in memory
  all.insert(all.end(), arguments.begin(), arguments.end());
  return {.arguments = std::move(all),
          .environment = deaf_environment(),
          .inherits = git_inherits,
          .time_limit = kTimeLimit};
}

// What is wrongly blamed on the history makes a user give up a sound chain. See
// Builder.BlamesThePackForNothingThatTheMachineDid, whose faults_of_the_machine() lists them.
bool is_fault_of_machine(const ProcessResult& failure) {
  // 128 is git's own die(); above it are signals, and how git refuses an option that it does not know.
  constexpr int kNotToBeRun = 126;
  constexpr int kDied = 128;
  if (failure.exit_code >= kNotToBeRun && failure.exit_code != kDied) return true;
  const std::string complaint = to_lower(failure.errors);
  const auto says = [&](std::string_view words) {
    return complaint.find(to_lower(words)) != std::string::npos;
  };
  constexpr std::array kErrors = {ENOSPC, EDQUOT, EFBIG,  EIO,    ENOMEM, EROFS,
                                  EMFILE, ENFILE, EAGAIN, EACCES, EPERM};
  constexpr std::array<std::string_view, 4> kWords = {"out of memory", "unable to create thread",
                                                      "cannot fork", "cannot create thread"};
  return std::any_of(kErrors.begin(), kErrors.end(),
                     [&](int error) { return says(std::generic_category().message(error)); }) ||
         std::any_of(kWords.begin(), kWords.end(), says);
}

Error git_failed(std::string_view subcommand, const ProcessResult& result, ErrorKind otherwise) {
  const std::string complaint = printable(trim(std::string_view(result.errors).substr(0, kMaxComplaint)));
  return {is_fault_of_machine(result) ? ErrorKind::internal : otherwise,
          fmt::format("git {} ended with {}{}", subcommand, result.exit_code,
                      complaint.empty() ? " and said nothing" : ": " + complaint)};
}

std::vector<Ref> tips_of(const RefState& state) {
  std::vector<Ref> named(state.refs.begin(), state.refs.end());
  if (state.head.oid) named.push_back({"HEAD", *state.head.oid});
  return named;
}

std::optional<ProcessResult> missed_by_git(const std::filesystem::path& folder, std::span<const Ref> tips,
                                           const std::vector<Ref>& proved, const std::stop_token& stop) {
  std::string lines;
  for (const Ref& tip : proved) lines += "^" + tip.oid.hex() + "\n";
  for (const Ref& tip : tips) lines += tip.oid.hex() + "\n";
  auto result = run_process(git_plan(folder, {"rev-list", "--objects", "--quiet", "--stdin"}), lines, stop);
  if (result.exit_code == 0) return std::nullopt;
  return result;
}

}  // namespace hubkeep
