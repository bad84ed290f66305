// Which class puts a repository together.
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
  bool needs_proof = true;  // prove_connected() will be called for certain
};

/// `folder` must exist and be empty. SHA-1 repositories need no git. SHA-256 ones need it for a work tree and
/// for a proof: where it is missing, Error(internal) with the commands to type on a machine that has it.
std::unique_ptr<RepositoryBuilder> create_repository(const std::filesystem::path& folder,
                                                     const RepositoryTraits& traits, std::stop_token stop);

}  // namespace hubkeep
