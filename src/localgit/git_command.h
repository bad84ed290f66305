// git from PATH, run in a repository that is being built, deaf to all configuration but the repository's own.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/subprocess.h"
#include "git/ref.h"

namespace hubkeep {

/// Whether there is one.
bool has_git(const std::stop_token& stop);

ProcessPlan git_plan(const std::filesystem::path& folder, const std::vector<std::string>& arguments);

/// Whether git failed for a reason that says nothing about what it read: it was killed, was not to be run, or
/// had no memory, disk, file or thread.
bool is_fault_of_machine(const ProcessResult& failure);

/// What git complained about: internal where the machine is to blame, else `otherwise`.
Error git_failed(std::string_view subcommand, const ProcessResult& result, ErrorKind otherwise);

/// The refs and, where it leads to an object, HEAD.
std::vector<Ref> tips_of(const RefState& state);

/// What git complains about when it follows all links from `tips`, but not beyond what `proved` lead to;
/// nothing when all is there. Throws Error: not_found (no git), cancelled, internal.
std::optional<ProcessResult> missed_by_git(const std::filesystem::path& folder, std::span<const Ref> tips,
                                           const std::vector<Ref>& proved, const std::stop_token& stop);

}  // namespace hubkeep
