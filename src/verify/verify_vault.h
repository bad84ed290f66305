// Verifies a vault, or some of its repositories.
#pragma once

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "vault/vault.h"
#include "verify/data_subset.h"
#include "verify/verdict.h"
#include "verify/verify_runs.h"
#include "verify/verify_state.h"
#include "verify/verify_zips.h"

namespace hubkeep {

struct VerifyOptions {
  std::vector<std::string> repositories;  // as a user names them; none: all
  /// Only what comes after this: VerifySummary::verified_up_to of the run before, which was stopped.
  std::string after;
  /// Where it is stopped before anything is verified, the first is reported as not to be verified, and it
  /// goes on behind that: what takes too long each time holds up what comes after it no longer.
  bool passes_first = false;
  DataSubset read;
  ProofKind proof = ProofKind::none;
  std::filesystem::path scratch = {};  // as in VerifyContext, like the next
  MemoryBudget* memory = nullptr;
  std::size_t jobs = 1;
  KnownRuns known_runs = {};
};

struct VerifySummary {
  std::optional<std::string> identity;  // what is wrong with hubkeep.json
  std::optional<std::string> readme;    // with README.txt
  std::optional<std::string> catalog;   // with the catalog
  RunsVerdict runs;                     // where all repositories are verified
  std::vector<Verdict> verdicts;        // as they were finished
  std::vector<StateVerdict> states;     // of the hosts
  ZipVerdict zips;                      // of the repositories that were named, or of all
  DataSubset read;                      // what of it was to be read
  /// In the vault's root, below runs/ and below drills/, when all is verified: what hubkeep does not put
  /// there.
  std::vector<Unnamed> others;
  bool stopped = false;  // before all had been looked at
  /// What has been verified, up to and with this: a repository's folder, or a place among the zips as in
  /// ZipVerdict, in that order. To go on from when stopped.
  std::string verified_up_to;

  bool is_good() const;
};

/// Throws Error: what find_repository() throws, and what keeps it from looking at anything.
VerifySummary verify_vault(Vault& vault, const VerifyOptions& options, VerifyObserver& observer,
                           const std::stop_token& stop);

}  // namespace hubkeep
