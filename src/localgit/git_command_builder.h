// Builds SHA-256 repositories, which libgit2 cannot read: git proves them.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

#include "base/error.h"
#include "base/subprocess.h"
#include "localgit/repository_builder.h"

namespace hubkeep {

class GitCommandBuilder final : public RepositoryBuilder {
 public:
  /// With `needs_git`, throws Error(internal) with the commands to type elsewhere where there is none.
  GitCommandBuilder(const std::filesystem::path& folder, RepositoryKind kind, bool needs_git,
                    std::stop_token stop);
  void prove_connected(const RefState& state) override;

 private:
  void require_git() const;
  /// See missed_by_git(). Throws Error(internal) where the machine is to blame.
  std::optional<ProcessResult> missed(std::span<const Ref> tips) const;

  std::vector<Ref> proved_;  // the tips of the last proof
};

}  // namespace hubkeep
