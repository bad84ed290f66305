// Brings repositories of a vault back as git repositories on disk: one, or all of them.
#pragma once

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/run_observer.h"
#include "localgit/check_out_report.h"
#include "localgit/repository_builder.h"
#include "restore/part_restore.h"
#include "restore/restore_choice.h"
#include "vault/vault.h"

namespace hubkeep {

struct RestoreRequest {
  std::string repository;  // see find_repository(); empty: all, each in OWNER/NAME below `folder`
  /// Of one: must not exist, or be empty, or be what a restore of the same snapshot has left, to which what
  /// stands beside a history comes; not given: the repository's name.
  std::filesystem::path folder;
  RepositoryKind kind = RepositoryKind::work_tree;
  std::string ref = {};  // of one: see RestoreTarget
  std::string at = {};   // see find_snapshot()
  RestoreChoice contents = {};
  std::filesystem::path temp_dir = {};   // see RestoreTarget
  std::optional<ThawRequest> thaw = {};  // requests archived objects; none: they are an error
  std::size_t jobs = 1;                  // repositories at once
};

/// What became of one repository.
struct RestoreOutcome {
  std::string repository;
  std::optional<Error> error = {};  // it is not restored, and what follows but for `requested` is empty
  bool requested = false;           // no failure: archived objects have been requested, which takes its time
  bool was_there = false;           // all is restored, by an earlier run: nothing had to be done
  SnapshotId snapshot = {};
  PartStatus git = PartStatus::ok;
  std::filesystem::path folder = {};
  std::vector<LeftOutRef> left_out = {};
  CheckOutReport files = {};  // what of the work tree could not be written; the history is whole all the same
  bool has_history = true;    // `folder` is there; else its parts were asked for alone
  std::vector<PartRestored> parts = {};  // what is beside the history, and was asked for

  bool is_whole() const;
};

struct RestoreSummary {
  std::vector<RestoreOutcome> outcomes = {};  // in the order of the catalog
  std::size_t without_history = 0;            // repositories that have nothing but zips

  /// Everything is restored, to the last file.
  bool is_good() const;
  /// There were repositories, and nothing has been done for any of them.
  bool has_done_nothing() const;
};

/// Texts are printable.
class RestoreObserver : public RunObserver {
 public:
  /// Nothing of the snapshot is archived. It takes about `disk` in `folder`.
  virtual void starting(const std::string& repository, const SnapshotId& snapshot,
                        const std::filesystem::path& folder, ByteCount disk) = 0;
  virtual void finished(const RestoreOutcome& outcome) = 0;
};

/// Restores what is requested: a repository's history, and then part by part what belongs to it. One
/// repository of all that fails does not stop the others. Throws Error: cancelled, what Vault::load_catalog()
/// throws, and for one repository what find_repository(), find_snapshot() and restore_repository() throw, and
/// cold. What fails of a part is in its outcome.
RestoreSummary restore_vault(Vault& vault, const RestoreRequest& request, RestoreObserver& observer,
                             const std::stop_token& stop);

}  // namespace hubkeep
