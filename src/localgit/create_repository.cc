#include "localgit/create_repository.h"

#include "localgit/git_command_builder.h"
#include "localgit/libgit2_builder.h"

namespace hubkeep {

std::unique_ptr<RepositoryBuilder> create_repository(const std::filesystem::path& folder,
                                                     const RepositoryTraits& traits, std::stop_token stop) {
  if (traits.format == ObjectFormat::sha1)
    return std::make_unique<Libgit2Builder>(folder, traits.kind, std::move(stop));
  const bool needs_git = traits.needs_proof || traits.kind == RepositoryKind::work_tree;
  return std::make_unique<GitCommandBuilder>(folder, traits.kind, needs_git, std::move(stop));
}

}  // namespace hubkeep
