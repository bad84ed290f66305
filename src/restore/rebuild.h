// A repository from the bundles of its chain, in a folder of the caller's, without a work tree.
#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>

#include "base/memory_budget.h"
#include "localgit/repository_builder.h"
#include "vault/git_part.h"
#include "vault/vault.h"

namespace hubkeep {

/// Bytes of disk that a git part's packs and their indexes need at least.
ByteCount pack_bytes_needed(const GitPart& git);

/// To index packs, of all repositories that are put together at once. Each pack takes its share of it.
constexpr ByteCount kIndexingMemory = ByteCount{512} << 20;

/// Where bundles lie, and who is told, by any thread, of the bytes that are read of them.
struct ChainSource {
  Vault& vault;
  const std::string& folder;  // the repository's, in the vault
  const std::function<void(ByteCount)>& received;
  std::string ref = {};            // the only one that is restored, see choose_ref(); empty: all are
  MemoryBudget* memory = nullptr;  // see kIndexingMemory; null: nobody else is at work
  /// Told of an index that is lost or damaged, and made again here. Empty: that is an Error.
  std::function<void(const std::string&)> notice = {};
};

/// Reads one bundle, which is checked on the way, into the repository, and believes no index. Throws Error:
/// not_found, cold and corrupt (the object, by its key), and what PackImporter throws.
void import_bundle(const ChainSource& source, const Bundle& bundle, RepositoryBuilder& builder,
                   const std::stop_token& stop);

/// All bundles of a snapshot in order, its refs and HEAD. Packs come with the indexes that they were saved
/// with, and are indexed here where they have none, or it is lost, damaged or another pack's. Where the
/// snapshot was not proved when it was saved, proves that nothing is missing of what its refs lead to. Packs
/// stay in `work` as well, as far as the file system can: what is whole there is not read again. Returns the
/// refs. Throws Error as import_bundle() does, and what RepositoryBuilder throws.
RefState rebuild_repository(const ChainSource& source, const GitPart& git, RepositoryBuilder& builder,
                            const std::filesystem::path& work, const std::stop_token& stop);

}  // namespace hubkeep
