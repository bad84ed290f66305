#include "localgit/repository_builder.h"

#include "localgit/git_command_builder.h"
#include "localgit/libgit2_builder.h"

namespace hubkeep {

std::unique_ptr<RepositoryBuilder> create_repository(const std::filesystem::path& folder, ObjectFormat format,
                                                     RepositoryKind kind, std::stop_token stop) {
  if (format == ObjectFormat::sha1) return std::make_unique<Libgit2Builder>(folder, kind, std::move(stop));
  return std::make_unique<GitCommandBuilder>(folder, format, kind, std::move(stop));
}

}  // namespace hubkeep
