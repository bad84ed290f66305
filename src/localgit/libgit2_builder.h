// Builds SHA-1 repositories with libgit2: no git is needed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "localgit/connectivity.h"
#include "localgit/libgit2_handle.h"
#include "localgit/repository_builder.h"

namespace hubkeep {

class Libgit2Builder final : public RepositoryBuilder {
 public:
  Libgit2Builder(const std::filesystem::path& folder, RepositoryKind kind, std::stop_token stop);
  std::unique_ptr<PackImporter> import_pack() override;
  std::unique_ptr<PackImporter> import_refused_pack() override;
  void write_refs(const RefState& state) override;
  void prove_connected(const RefState& state) override;
  void set_origin(const std::string& url) override;

 private:
  bool has_object(const Oid& oid) const;

  const RepositoryKind kind_;
  const std::stop_token stop_;
  RepositoryHandle repository_;
  std::filesystem::path git_folder_;
  OdbHandle odb_;
  std::optional<std::string> refusal_;  // what libgit2 said of the last pack
  std::vector<Ref> proved_;             // the tips of git's last proof
  ConnectivityProof proof_;             // our own last one
};

}  // namespace hubkeep
