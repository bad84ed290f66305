// What a run's end does with what was lost: into the state of the host goes what this run has met, out of it
// what is there again, and accepted is what an explicit repair cannot bring back.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "backup/outcome.h"
#include "vault/vault.h"

namespace hubkeep {

/// What a repair gives up, of one repository or of the vault itself.
struct LostForGood {
  std::string repository;  // "owner/name"; empty: of the vault itself
  SubjectId id;            // 0: of the vault itself, or nobody knows
  std::vector<ObjectKey> objects;
  bool is_whole_again = false;  // what GitHub has of it now was saved without them
  std::optional<SnapshotId> newest_restorable;
};

/// What `outcomes` met, into a host's state. Pure.
void note_losses(HostState& state, const std::vector<Outcome>& outcomes);

/// Marks these, so that neither a run nor a verification alarms because of them any more. Pure.
void accept_losses(HostState& state, const std::vector<LostForGood>& lost, UtcTime now);

/// Takes out of the state what nobody has accepted and what is there again. Returns its keys.
std::vector<ObjectKey> take_back(Vault& vault, HostState& state);

/// The losses of two attempts at one repository.
void merge_losses(std::vector<Loss>& losses, const std::vector<Loss>& more);

}  // namespace hubkeep
