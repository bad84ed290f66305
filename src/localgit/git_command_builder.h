// Builds SHA-256 repositories, which libgit2 cannot read, by running git.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/subprocess.h"
#include "localgit/repository_builder.h"

namespace hubkeep {

class GitCommandBuilder final : public RepositoryBuilder {
 public:
  /// Throws Error(internal) with the commands to type elsewhere where there is no git.
  GitCommandBuilder(std::filesystem::path folder, ObjectFormat format, RepositoryKind kind,
                    std::stop_token stop);
  std::unique_ptr<PackImporter> import_pack() override;
  void write_refs(const RefState& state) override;
  void prove_connected(const RefState& state) override;
  void set_origin(const std::string& url) override;

 private:
  /// Throws Error(corrupt) for the first of them, from `begin` on, whose object is missing.
  void check_tips(const std::vector<Ref>& named, std::size_t begin) const;
  /// Runs git in the folder. Throws Error(internal) with what it complained about where it fails.
  ProcessResult git(const std::vector<std::string>& arguments, std::string_view input) const;
  /// See missed_by_git(). Throws Error(internal) where the machine is to blame.
  std::optional<ProcessResult> missed(std::span<const Ref> tips) const;

  const std::filesystem::path folder_;
  const ObjectFormat format_;
  const RepositoryKind kind_;
  const std::stop_token stop_;
  std::vector<Ref> proved_;  // the tips of the last proof
};

}  // namespace hubkeep
