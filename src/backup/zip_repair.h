// Mends zips that verify found lost or damaged. A zip is written once, and GitHub zips no commit the same way
// twice, so what is fetched again is a new zip of the day of the run that fetches it, under a key of its own;
// the record of the old one says so. In the folder of the old day it would outlive what expires with that
// day.
//
// In this order, so that a kill at any moment leaves what the next repair takes up:
//   1. the new zip, which nothing names yet
//   2. its name in the metadata.json of today, by the end of the run
//   3. the mark on the old record: lost, and where it is again
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "backup/backup_context.h"
#include "backup/job.h"
#include "backup/zip_store.h"
#include "base/memory_budget.h"
#include "github/github.h"

namespace hubkeep {

/// Keys as verify names them: zips and metadata.json of days.
using DamagedZips = std::set<ObjectKey>;

/// Of one run. Keeps references.
class ZipRepair {
 public:
  /// `day` is that of the run. `catalog` is as the run began.
  ZipRepair(const BackupContext& context, std::string day, const Catalog& catalog);

  /// Makes metadata.json again where it is lost or damaged, and finds out what the damaged zips are. What
  /// keeps it from that goes to `problems`.
  void find(const DamagedZips& damaged, std::vector<std::string>& problems, const std::stop_token& stop);

  std::size_t size() const { return zips_.size(); }

  /// Fetches each again by its commit. `list` says what this run may fetch. One zip's failure is its result.
  struct Means {
    const RepositoryList& list;
    MemoryBudget& memory;
    std::size_t jobs = 1;
    const StopTokens& stops;
  };
  void fetch(const Means& means, const std::function<void(RepositoryResult)>& visit);

  /// Marks the records of those that were fetched, when what came in their place is named, and of those that
  /// nobody has any more: each of these is one of the run's problems, this once.
  void write_down(std::vector<std::string>& problems);

 private:
  struct DamagedZip {
    std::string day;
    ZipRecord record;
    std::string again = {};     // the key of what is there in its place
    std::string why_lost = {};  // why nothing ever will be
  };

  void find_in(const std::string& day, std::vector<std::string>& problems, const std::stop_token& stop);
  bool needs_names(const std::string& day, const std::stop_token& stop) const;
  bool is_there(const ObjectRecord& object) const;
  bool is_whole(const ObjectRecord& object, const std::stop_token& stop) const;
  void do_one(DamagedZip& zip, const Means& means, RepositoryResult& result);
  void mend(DamagedZip& zip, const Means& means, RepositoryResult& result);
  std::optional<std::string> name_now(const ZipRecord& record, const Means& means) const;
  std::optional<ObjectRecord> object_again(const ZipSource& source, Outcome& outcome,
                                           const std::stop_token& stop) const;
  ObjectRecord object_of_today(const ZipSource& source, Outcome& outcome, const std::stop_token& stop) const;
  std::optional<ObjectRecord> usable(const ObjectKey& key, const std::string& commit,
                                     const std::stop_token& stop) const;
  void tell_catalog(const DamagedZip& zip, RepositoryResult& result) const;
  void mark(const std::string& day, const std::vector<const DamagedZip*>& zips);

  const BackupContext& context_;
  const ZipStore store_;
  const std::string day_;
  const Catalog& catalog_;
  DamagedZips damaged_;
  std::vector<DamagedZip> zips_;  // each changed by one thread
  ZipDay today_;                  // as it was named when the repair began
};

}  // namespace hubkeep
