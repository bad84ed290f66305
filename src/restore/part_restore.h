// What is restored beside a history: each part by a step of its own. A step's failure is its own, as a part's
// is in a backup; what the others have brought stays. Every step can be repeated: what is there already, and
// as it should be, is not read again, and nothing that anybody else has put there is written over.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/memory_budget.h"
#include "localgit/check_out_report.h"
#include "localgit/repository_builder.h"
#include "restore/restore_choice.h"
#include "vault/vault.h"

namespace hubkeep {

/// What became of a part.
struct PartRestored {
  PartName part;
  std::filesystem::path folder = {};  // where it is; of LFS the repository itself
  std::uint64_t files = 0;            // that are there now: objects, assets
  std::uint64_t fetched = 0;          // those of them that were not there before
  std::uint64_t written = 0;          // files of the work tree that have their content of Git LFS now
  CheckOutReport lacks = {};          // what the vault should have and could not be brought, and why
  CheckOutReport never_had = {};      // what the backup could not have of GitHub either
  std::optional<Error> error = {};    // where it could not be done at all, or not to its end

  bool is_whole() const { return !error && lacks.count == 0; }
  /// Nothing had to be done.
  bool was_there() const { return is_whole() && fetched == 0 && written == 0; }
};

/// Whose part it is, and where it is to go.
struct PartRestoreWork {
  Vault& vault;
  const std::string& folder;  // the subject's, in the vault
  const Manifest& manifest;
  std::filesystem::path repository;  // the folder that its history has, or would have
  /// "NAME.wiki" of ".wiki": a free name beside the repository.
  std::function<std::filesystem::path(std::string_view suffix)> beside;
  RepositoryKind kind = RepositoryKind::work_tree;
  RestoreChoice contents = {};
  std::filesystem::path temp_dir;
  MemoryBudget* memory = nullptr;
  const std::function<void(ByteCount)>& received;
  const std::function<void(const std::string&)>& notice;
  const std::stop_token& stop;

  bool is_public() const { return manifest.listing.visibility == "public"; }
};

class PartRestore {
 public:
  PartRestore() = default;
  PartRestore(const PartRestore&) = delete;
  PartRestore& operator=(const PartRestore&) = delete;
  virtual ~PartRestore() = default;

  /// The part's name: "wiki".
  virtual std::string_view name() const = 0;
  /// Whether it goes into the repository, which is then to be there.
  virtual bool is_of_repository() const { return false; }
  /// Bytes that are still to come. It may have to read lists: throws what that throws.
  virtual ByteCount disk_needed() = 0;
  /// Brings it, and says in `result` what it has brought, also where it throws.
  virtual void run(PartRestored& result) = 0;
};

}  // namespace hubkeep
