// What the ways to back up one repository share: what the vault holds of it, its server, and how a snapshot
// is committed.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "backup/backup_context.h"
#include "backup/git_fetch_plan.h"
#include "backup/git_patience.h"
#include "backup/git_snapshot_writer.h"
#include "vault/git_part.h"
#include "vault/newest_snapshots.h"

namespace hubkeep {

/// What the next bundle builds on: nothing for a base.
struct Foundation {
  SnapshotId snapshot;
  std::optional<RefState> refs;
  std::vector<Bundle> chain;
  std::uint64_t not_proved = 0;    // see GitPart
  std::uint64_t lfs_pointers = 0;  // in the chain

  static Foundation of(const Manifest& manifest, RefState refs);
  /// A git part that goes on from here, without refs of its own.
  GitPart begin(const RefState& now) const;
};

/// The repository of one backup. One thread. Keeps references.
class RepositoryWork {
 public:
  RepositoryWork(const BackupContext& context, const std::optional<CatalogEntry>& known, std::string folder,
                 std::stop_token stop, RepositoryResult& result);
  RepositoryWork(const RepositoryWork&) = delete;
  RepositoryWork& operator=(const RepositoryWork&) = delete;
  /// The outcome knows the traffic of a failed backup too.
  ~RepositoryWork();

  const BackupContext& context() const { return context_; }
  const std::string& folder() const { return folder_; }
  const std::stop_token& stop() const { return stop_; }
  Outcome& outcome() { return result_.outcome; }
  /// What every manifest of this backup says is lost; see Manifest::lost.
  void set_lost(std::vector<std::string> lost) { lost_ = std::move(lost); }
  const std::vector<std::string>& lost() const { return lost_; }
  void notice(const std::string& text) const;

  /// Reads what the vault really holds, whatever the catalog knew.
  void find_newest();
  /// The snapshots that the next one follows: usually one; two after two runs at once.
  const std::vector<StoredManifest>& newest() const { return newest_; }
  /// What was named as newest and cannot be read any more: the next snapshot goes on naming it.
  const std::vector<PreviousSnapshot>& lost_newest() const { return lost_newest_; }
  /// Something of the vault that was met lost or damaged: the outcome tells of it.
  void lose(const Loss& loss);
  void lose_manifest(const SnapshotId& snapshot, const std::string& sha256, const Error& error);
  /// Which of these objects cannot be read, by reading them.
  void lose_unreadable(const std::vector<ObjectRecord>& records);

  /// The entry of a snapshot that a run has committed without telling the catalog.
  std::optional<CatalogEntry> committed_unnoticed() const;

  void open_remote(const std::string& clone_url);
  /// Where there were refs, a list without any is asked for once more; the outcome tells when they have
  /// vanished.
  RefState list_refs(ObjectFormat expected, bool had_refs);
  /// What the last list had and list_refs() could not return.
  const std::vector<LeftOutRef>& nameless() const { return nameless_; }
  /// One attempt; see fetch_bundle(). What it throws is final where Patience says so.
  FetchedPack fetch(const SnapshotId& snapshot, const SnapshotId& builds_on, const FetchPlan& plan,
                    PackArrival& arrival);
  /// Whether the server hands over an object that the vault has already. One attempt.
  bool is_handed_over(const Oid& held, ObjectFormat format);
  const Patience& patience() const { return patience_; }
  /// Runs `action` until it succeeds or the attempts are used up.
  template <typename Action>
  auto retried(Action&& action) -> decltype(action()) {
    const auto tell = [this](const Error& error, std::chrono::milliseconds wait) {
      context_.observer.retrying({.repository = outcome().repository}, error, wait);
    };
    return with_retries(context_.retries, context_.clock, stop_, tell, std::forward<Action>(action));
  }

  /// The entry of the catalog that a manifest stands for.
  CatalogEntry entry_of(const Manifest& manifest, const std::string& sha256) const;

  /// A manifest of a snapshot that follows newest(), with the parts of that.
  Manifest new_manifest(const SubjectId& id, const std::string& node_id, const Listing& listing) const;
  /// With this the snapshot exists; newest() is then this one.
  void commit(Manifest manifest, GitPart git, UtcTime checked_at);
  void tell_catalog(CatalogEntry entry, bool has_new_snapshot);

 private:
  template <typename Action>
  auto judged(Action&& action) -> decltype(action());
  void count_traffic();
  Parts parts_to_carry() const;
  void comes_after(const SnapshotId& snapshot);

  const BackupContext& context_;
  const std::optional<CatalogEntry>& known_;
  const std::string folder_;
  const std::stop_token stop_;
  RepositoryResult& result_;
  std::vector<StoredManifest> newest_;
  std::vector<PreviousSnapshot> lost_newest_;
  UtcTime not_before_;  // the time of the next snapshot
  std::vector<SnapshotId> superseded_;
  std::vector<std::string> lost_;
  std::unique_ptr<GitRemote> remote_;
  std::vector<LeftOutRef> nameless_;
  Patience patience_;
};

}  // namespace hubkeep
