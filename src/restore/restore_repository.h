// Puts one snapshot back on disk as a git repository.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "base/memory_budget.h"
#include "localgit/check_out.h"
#include "localgit/repository_builder.h"
#include "vault/git_part.h"
#include "vault/vault.h"

namespace hubkeep {

struct RestoreTarget {
  std::filesystem::path folder;    // must not exist, or be empty
  std::filesystem::path temp_dir;  // where it is put together; empty: beside `folder`, or in it if it exists
  RepositoryKind kind = RepositoryKind::work_tree;
  std::string ref = {};                                 // see choose_ref(); empty: all refs
  PartName part = PartName(kGitPart);                   // of this kind
  MemoryBudget* memory = nullptr;                       // see ChainSource
  std::function<void(const std::string&)> notice = {};  // see ChainSource
};

/// Bytes of disk that restoring needs at least: the packs, their indexes, and for a work tree a guess of its
/// size.
ByteCount disk_needed(const GitPart& git, RepositoryKind kind);

/// The refs and HEAD that a restore of a git part leaves in `folder`, where that is one: of all of them, or
/// of the only one that is named. Throws Error as choose_ref() does.
RefState restored_state(Vault& vault, const std::string& folder, const GitPart& git,
                        const RestoreTarget& target, const std::stop_token& stop);

/// Where a restore was killed after its last step, what it has left beside the result.
void remove_left_over(const RestoreTarget& target);

/// Restores `manifest` into target.folder, which appears with its whole history or not at all. `received` is
/// told of bytes read. Returns which files of a work tree could not be written. Throws Error: invalid (the
/// folder exists and is not empty, no such ref, not enough disk, naming both sizes), not_found and corrupt
/// (an object of the snapshot, by name), and what RepositoryBuilder throws.
CheckOutReport restore_repository(Vault& vault, const std::string& folder, const Manifest& manifest,
                                  const RestoreTarget& target, const std::function<void(ByteCount)>& received,
                                  const std::stop_token& stop);

}  // namespace hubkeep
