// Saves the source tree of a repository's default branch as GitHub zips it.
#pragma once

#include <optional>
#include <set>
#include <stop_token>
#include <string>

#include "backup/backup_context.h"
#include "backup/job.h"
#include "backup/zip_store.h"
#include "github/github.h"

namespace hubkeep {

/// never; when the default branch is at another commit than the last zip; or in every run.
enum class ZipTime { never, when_moved, always };

/// What a run saves.
struct RunContents {
  ZipTime zips = ZipTime::never;
  bool history = true;  // without it, zips are all that is saved
};

/// Those of one run. Thread-safe; keeps references. What it saves is named nowhere until
/// add_to_zip_metadata() has been told of each outcome's zip.
class ZipBackup {
 public:
  /// `day` is that of the run, as in zip_day(). Looks which days the vault has zips of: one request.
  ZipBackup(const BackupContext& context, ZipTime time, std::string day);

  /// After the history of `repository`: of what the vault then holds as its HEAD. Asks GitHub for nothing but
  /// the zip itself, and that only where there is a new one to be had. Returns `result` with what came of
  /// it, its failure too; what it says of the history stays true.
  RepositoryResult add_to_history(const Repository& repository, const std::optional<CatalogEntry>& known,
                                  RepositoryResult result, const StopTokens& stops) const;

  /// Whether add_to_history() has nothing to do for a repository whose history is as the catalog knows it.
  bool has_zip_of(const CatalogEntry& known) const;

  /// In place of the history: one request for the refs when the listing differs from that of the last zip.
  /// A failure is part of the result.
  RepositoryResult save_alone(const Repository& repository, const std::optional<CatalogEntry>& known,
                              const StopTokens& stops) const;

 private:
  void add_zip(const Repository& repository, const std::optional<CatalogEntry>& known,
               RepositoryResult& result, const std::stop_token& stop) const;
  void save_zip(const Repository& repository, const std::optional<CatalogEntry>& known,
                RepositoryResult& result, const std::stop_token& stop) const;
  bool is_wanted_of(const std::optional<CatalogZip>& last, const std::string& commit) const;
  bool is_there(const CatalogZip& last) const;
  bool is_current(const CatalogEntry& known, const Listing& listing, RepositoryResult& result) const;
  std::optional<std::string> listed_commit(const Repository& repository, RepositoryResult& result,
                                           const std::stop_token& stop) const;
  std::string save(const Repository& repository, const std::string& commit, RepositoryResult& result,
                   const std::stop_token& stop) const;

  const BackupContext& context_;
  const ZipStore store_;
  const ZipTime time_;
  const std::string day_;
  std::set<std::string, std::less<>> days_;  // whose zips have not expired
};

}  // namespace hubkeep
