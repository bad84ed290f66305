// For tests: a part in place of that of LFS, which keeps what the history tells it, and then reads the stored
// bundles itself.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backup/lfs_scan.h"
#include "backup/part_backup.h"
#include "backup/repository_work.h"
#include "base/caught_error.h"

namespace hubkeep {

class LfsListener final : public PartBackup {
 public:
  std::string_view name() const override { return "lfs"; }
  Freshness judge(const CatalogEntry&, const Listing&, const Recheck&) const override {
    return Freshness::listing_differs;
  }
  PartResult save(const std::optional<PartBefore>&, const SnapshotId&, RepositoryWork& work) const override {
    told = work.lfs_found();
    scanned.clear();
    error.reset();
    unresolved = 0;
    if (const Part* const part = work.part("git")) error = caught_error([&] { scan(work, git_part(*part)); });
    return {.part = {}, .outcome = {.part = "lfs"}};
  }

  using Found = std::map<SnapshotId, std::vector<LfsPointer>>;
  mutable Found told;     // of the last run
  mutable Found scanned;  // of the whole chain
  mutable std::uint64_t unresolved = 0;
  mutable std::optional<Error> error;
  std::optional<std::size_t> only;  // this bundle of the chain

 private:
  void scan(const RepositoryWork& work, const GitPart& git) const {
    LfsScan scan(work, git);
    for (std::size_t i = 0; i < git.bundles.size(); ++i) {
      if (only && *only != i) continue;
      const LfsPointers pointers = scan.read(i);
      scanned[git.bundles[i].snapshot] = pointers.list();
      unresolved += pointers.unresolved();
    }
  }
};

}  // namespace hubkeep
