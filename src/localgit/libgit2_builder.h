// Builds SHA-1 repositories with libgit2: no git is needed.
#pragma once

#include <vector>

#include "localgit/connectivity.h"
#include "localgit/libgit2_handle.h"
#include "localgit/repository_builder.h"

namespace hubkeep {

class Libgit2Builder final : public RepositoryBuilder {
 public:
  Libgit2Builder(const std::filesystem::path& folder, RepositoryKind kind, std::stop_token stop);
  void prove_connected(const RefState& state) override;

 private:
  RepositoryHandle repository_;
  std::vector<Ref> proved_;  // the tips of git's last proof
  ConnectivityProof proof_;  // our own last one
};

}  // namespace hubkeep
