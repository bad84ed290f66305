// libgit2 for SHA-1, git for SHA-256. Large deltas or packs make libgit2 slow or hungry for memory, so that
// git does them where there is one; libgit2 can as well, and then a restore takes longer.
#include "localgit/create_repository.h"

#include "localgit/git_command.h"
#include "localgit/git_command_builder.h"
#include "localgit/libgit2_builder.h"

namespace hubkeep {

std::unique_ptr<RepositoryBuilder> create_repository(const std::filesystem::path& folder,
                                                     const RepositoryTraits& traits, std::stop_token stop) {
  const bool slow = traits.largest_delta > kLibgit2CachedObject || traits.largest_pack > kLibgit2Pack;
  if (traits.format == ObjectFormat::sha1 && !(slow && has_git(stop)))
    return std::make_unique<Libgit2Builder>(folder, traits.kind, std::move(stop));
  return std::make_unique<GitCommandBuilder>(folder, traits.format, traits.kind, std::move(stop));
}

}  // namespace hubkeep
