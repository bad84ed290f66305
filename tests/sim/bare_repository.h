// Bare git repositories on disk, set up as GitHub serves them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "sim/world.h"

namespace hubkeep::sim {

/// `git init --bare` with pushes over HTTP allowed, but to refs/pull refused (they stay fetchable).
void create_bare_repository(const std::filesystem::path& path, const std::string& default_branch,
                            ObjectFormat format);
/// Does that to a repository that came from elsewhere; twice is as good as once.
void configure_bare_repository(const std::filesystem::path& path);
std::int64_t size_on_disk_kb(const std::filesystem::path& path);

}  // namespace hubkeep::sim
