// What the states of a vault say of the runs into it: whether any has come to its end, whether the newest one
// is still known, and which repositories no run could save.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "vault/vault.h"
#include "verify/verify_state.h"

namespace hubkeep {

/// The newest run for each host that is known from elsewhere.
using KnownRuns = std::map<std::string, CompletedRun>;

/// A repository that fails in every run since.
struct FailingRepository {
  std::string repository;  // owner/name
  SubjectId id;
  std::string host;
  Failure failure;
};

struct RunsVerdict {
  std::vector<std::string> problems;           // sentences: what keeps the vault from being good
  std::vector<FailingRepository> never_saved;  // and these
  std::vector<FailingRepository> failing;      // what was saved of these is there
  KnownRuns newest;                            // what the vault says
  bool lost_runs = false;                      // it does not know a run that is known from elsewhere

  bool is_good() const { return problems.empty() && never_saved.empty(); }
  /// What is to be known from now on: a vault that lost runs is told of until a backup has written that down.
  KnownRuns to_keep() const { return lost_runs ? KnownRuns{} : newest; }
};

/// `entries` are all repositories of the vault. What a state that is damaged says is not known.
RunsVerdict verify_runs(Vault& vault, const RememberedStates& states,
                        const std::vector<CatalogEntry>& entries, const KnownRuns& known);

/// "never saved: acme/site, since 2026-11-23T18:45:01Z: …", printable.
std::string describe_never_saved(const FailingRepository& repository);

}  // namespace hubkeep
