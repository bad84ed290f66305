// Verifies a vault, or some of its repositories.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "vault/vault.h"
#include "verify/data_subset.h"
#include "verify/verdict.h"
#include "verify/verify_zips.h"

namespace hubkeep {

struct VerifyOptions {
  std::vector<std::string> repositories;  // as a user names them; none: all
  /// Of all, only those whose folders come after this one: VerifySummary::verified_up_to of the run before.
  std::string after;
  DataSubset read;
  std::size_t jobs = 1;
};

struct VerifySummary {
  std::optional<std::string> catalog;  // what is wrong with it
  std::vector<Verdict> verdicts;       // as they were finished
  ZipVerdict zips;                     // of the repositories that were named, or of all
  bool stopped = false;                // before all had been looked at
  /// The last folder up to which, in order of the folders, all have been verified; to go on from when
  /// stopped.
  std::string verified_up_to;

  bool is_good() const;
};

/// Throws Error: what find_repository() throws, and what keeps it from looking at anything.
VerifySummary verify_vault(Vault& vault, const VerifyOptions& options, VerifyObserver& observer,
                           const std::stop_token& stop);

/// `hubkeep verify --json`; `backup --repair` reads it.
nlohmann::ordered_json to_json(const VerifySummary& summary);

}  // namespace hubkeep
