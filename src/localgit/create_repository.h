// Which program puts a repository together: libgit2, or git from PATH where that is faster or the only one.
#pragma once

#include <filesystem>
#include <memory>
#include <stop_token>

#include "localgit/repository_builder.h"

namespace hubkeep {

/// What there is to choose a builder by.
struct RepositoryTraits {
  ObjectFormat format = ObjectFormat::sha1;
  RepositoryKind kind = RepositoryKind::work_tree;
  ByteCount largest_delta = 0;  // bytes of the largest object that a delta makes
  ByteCount largest_pack = 0;
};

/// libgit2 keeps no object in its cache that is larger (pack.h, GIT_PACK_CACHE_SIZE_LIMIT): each version of a
/// larger file is made from the whole chain of deltas before it.
constexpr ByteCount kLibgit2CachedObject = ByteCount{1} << 20U;

/// libgit2's indexer maps all of an object that it looks at.
constexpr ByteCount kLibgit2Pack = ByteCount{256} << 20U;

/// `folder` must exist and be empty. SHA-1 repositories are built by libgit2; those with large
/// deltas or packs by `git` from PATH, several times as fast, where there is one. SHA-256 ones always by
/// `git`: where that is missing, Error(internal) with the commands to type on a machine that has it.
std::unique_ptr<RepositoryBuilder> create_repository(const std::filesystem::path& folder,
                                                     const RepositoryTraits& traits, std::stop_token stop);

}  // namespace hubkeep
