#include "localgit/repository_builder.h"

#include "base/error.h"
#include "base/subprocess.h"
#include "localgit/git_command_builder.h"
#include "localgit/libgit2_builder.h"

namespace hubkeep {

namespace {

bool has_git(const std::stop_token& stop) {
  try {
    return run_process({.arguments = {"git", "--version"}}, {}, stop).exit_code == 0;
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::cancelled) throw;
    return false;
  }
}

}  // namespace

std::unique_ptr<RepositoryBuilder> create_repository(const std::filesystem::path& folder,
                                                     const RepositoryTraits& traits, std::stop_token stop) {
  const bool slow = traits.largest_delta > kLibgit2CachedObject;
  if (traits.format == ObjectFormat::sha1 && !(slow && has_git(stop)))
    return std::make_unique<Libgit2Builder>(folder, traits.kind, std::move(stop));
  return std::make_unique<GitCommandBuilder>(folder, traits.format, traits.kind, std::move(stop));
}

}  // namespace hubkeep
