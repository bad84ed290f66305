// A repository from the bundles of its chain, in a folder of the caller's, without a work tree.
#pragma once

#include <functional>
#include <stop_token>
#include <string>

#include "localgit/create_repository.h"
#include "vault/git_part.h"
#include "vault/vault.h"

namespace hubkeep {

/// Bytes of disk that a git part's packs and their indexes need at least.
ByteCount pack_bytes_needed(const GitPart& git);

/// The largest object that a delta in one of the bundles makes: see RepositoryTraits.
ByteCount largest_delta(const GitPart& git);

ByteCount largest_pack(const GitPart& git);

/// Where bundles lie, and who is told of the bytes that are read of them.
struct BundleSource {
  Vault& vault;
  const std::string& folder;  // the repository's, in the vault
  const std::function<void(ByteCount)>& received;
  std::string ref = {};  // the only one that is restored, see choose_ref(); empty: all are
};

/// Reads one bundle, which is checked on the way, into the repository. Throws Error: not_found, cold and
/// corrupt (the object, by its key), and what PackImporter throws.
void import_bundle(const BundleSource& source, const Bundle& bundle, RepositoryBuilder& builder,
                   const std::stop_token& stop);

/// All bundles of a snapshot in order, its refs and HEAD, and the proof that nothing is missing of what these
/// lead to. Returns the refs. Throws Error as import_bundle() does, and what
/// RepositoryBuilder throws.
RefState rebuild_repository(const BundleSource& source, const Manifest& manifest, RepositoryBuilder& builder,
                            const std::stop_token& stop);

}  // namespace hubkeep
