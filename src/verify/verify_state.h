// What the states of a vault's hosts remember: snapshots that nothing else names any more, and what was lost
// before. docs/storage-format.md, "State".
#pragma once

#include <map>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "vault/vault.h"
#include "verify/verdict.h"

namespace hubkeep {

/// Of what belongs to no repository: the state itself, and what it says of the vault.
struct StateVerdict {
  std::string host;
  std::vector<Damage> damages;

  bool is_good() const;
};

class RememberedStates {
 public:
  /// Reads all that are there; what is damaged is in the verdicts. Throws Error for what says nothing of
  /// them.
  RememberedStates(Vault& vault, const std::stop_token& stop);

  /// Those that can be read.
  const std::vector<HostState>& all() const { return states_; }
  bool is_any_damaged() const { return !damaged_.empty(); }

  /// Adds what the states name to the catalog, in which it may be missing.
  void recall(Catalog& catalog) const;

  /// Adds to a repository's `verdict` what was lost before and is not in it yet, and marks what was accepted.
  /// What lies in `folder` counts, too, whosever it is.
  void add_losses(const std::string& folder, Verdict& verdict) const;

  /// `keeping` are the hosts with manifests that name their vault: these have a state.
  std::vector<StateVerdict> judge(const std::set<std::string>& keeping) const;

 private:
  std::vector<const Loss*> losses_of(const std::string& folder, const Verdict& verdict) const;
  std::optional<Damage> damage_of(const Loss& loss) const;

  Vault& vault_;
  const std::stop_token& stop_;
  std::vector<HostState> states_;
  std::vector<StateVerdict> damaged_;
};

}  // namespace hubkeep
