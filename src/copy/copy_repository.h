// Copies the snapshots of one repository that the other vault lacks.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string_view>

#include "base/underway.h"
#include "copy/copy_outcome.h"
#include "vault/vault.h"

namespace hubkeep {

/// Objects below the vault's root, by name_of_shared(): the size of each that has been copied.
using SharedCopies = Underway<ByteCount>;

/// All of it is thread-safe and outlives the copy.
struct CopyContext {
  Vault& from;
  Vault& to;
  CopyObserver& observer;
  /// The other vault lacks something that lies in no repository's folder, so that each may lack it.
  bool lacks_elsewhere = false;
  std::shared_ptr<SharedCopies> shared = std::make_shared<SharedCopies>();
};

/// What to do about an object that is in the other vault with other bytes: none is ever replaced.
constexpr std::string_view kRemoveAndCopy = "remove it there, then copy again";

/// The same where a commit has found other bytes in the other vault.
Error other_bytes_there(const CopyContext& context, const Error& error);

struct CopyResult {
  CopyOutcome outcome;
  std::optional<CatalogUpdate> update;  // what the other vault's catalog should learn
};

/// `entry` is that of the vault that is read, `known` that of the other vault, nothing where it does not know
/// the repository. The other vault is always listed, whatever its catalog says, and so is this one: by names
/// and sizes, of all that was ever copied. What it has lost is copied again, what it has with another size is
/// a problem; bytes that changed within their size are for verify to find. Objects before the manifests that
/// name them, old snapshots before new ones, so that the other vault is whole at every moment; every byte is
/// held against its hash before it counts. A damaged snapshot is left out and named. Throws Error only for
/// cancelled.
CopyResult copy_repository(const CopyContext& context, const CatalogEntry& entry,
                           const std::optional<CatalogEntry>& known, const std::stop_token& stop);

}  // namespace hubkeep
