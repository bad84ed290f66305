// The work on one repository, whatever its parts: what the vault holds of it, the snapshot that is being
// made, and what is told at the end. A part sees of it what it needs to save itself.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "backup/backup_context.h"
#include "backup/job.h"
#include "backup/part_backup.h"
#include "backup/repository_options.h"
#include "git/lfs_pointers.h"
#include "vault/newest_snapshots.h"
#include "vault/object_list.h"

namespace hubkeep {

/// Which repository it is.
struct WorkSubject {
  SubjectId id;
  std::string node_id;
  std::string folder;
  Listing listing;     // what GitHub says of it now, or said last
  ByteCount size = 0;  // of its history, as GitHub estimates it; 0: not known
};

/// One thread. Keeps references.
class RepositoryWork {
 public:
  /// `known` is the catalog's entry, none for a new repository.
  RepositoryWork(const BackupContext& context, const CatalogEntry* known, WorkSubject subject,
                 const RepositoryOptions& options, const StopTokens& stops);
  RepositoryWork(const RepositoryWork&) = delete;
  RepositoryWork& operator=(const RepositoryWork&) = delete;

  const BackupContext& context() const { return context_; }
  const RepositoryOptions& options() const { return options_; }
  const CatalogEntry* known() const { return known_; }
  const SubjectId& id() const { return subject_.id; }
  /// As GraphQL knows it.
  const std::string& node_id() const { return subject_.node_id; }
  /// That such a subject can have, in the order in which they are saved.
  const PartBackups& parts() const { return parts_; }
  const Listing& listing() const { return subject_.listing; }
  ByteCount size() const { return subject_.size; }
  const std::string& folder() const { return subject_.folder; }
  const std::stop_token& stop() const { return stops_.stop; }
  bool is_repair() const { return !options_.lost.empty(); }

  void notice(const std::string& text) const;
  void retrying(const Error& error, std::chrono::milliseconds wait = {}) const;
  /// Runs `action` until it succeeds or the attempts are used up.
  template <typename Action>
  auto retried(Action&& action) const -> decltype(action()) {
    const auto tell = [this](const Error& error, std::chrono::milliseconds wait) { retrying(error, wait); };
    return with_retries(context_.retries, context_.clock, stops_.stop, tell, std::forward<Action>(action));
  }

  /// Reads what the vault really holds, whatever the catalog knew.
  void find_newest();
  /// The snapshots that the next one follows: usually one; two after two runs at once.
  const std::vector<StoredManifest>& newest() const { return newest_; }
  /// The part to go on from: that of a newest snapshot in which it is whole, else of the newest.
  std::optional<PartBefore> before(std::string_view part) const;
  /// A part as the snapshot has it that is being made: of one that comes earlier in parts(), as it is from
  /// now on. None: null.
  const Part* part(std::string_view name) const;
  /// The entry of a snapshot that a run has committed without telling the catalog.
  std::optional<CatalogEntry> committed_unnoticed() const;

  /// Something of the vault that was met lost or damaged: the outcome tells of it.
  void lose(const Loss& loss);
  void lose_manifest(const SnapshotId& snapshot, const std::string& sha256, const Error& error);
  /// Which of these objects cannot be read, by reading them.
  void lose_unreadable(const std::vector<ObjectRecord>& records);

  /// Begins the snapshot that follows newest(), with the parts of that.
  void begin_snapshot();
  /// The name of the snapshot that is being made.
  const SnapshotId& snapshot() const { return next_.snapshot; }
  /// The snapshot that is being made gets another name: under the one it had lies what must not be used.
  void take_another_name();
  /// What came of a part: the snapshot that is being made has it.
  void keep(PartResult result);
  /// A part that has thrown.
  void fail(std::string_view part, const Error& error);
  /// What a part has whole by now, and what that took: with this the snapshot exists, with all that was kept
  /// before. Returns the name of the next one, which the part goes on with.
  const SnapshotId& commit_partial(PartResult so_far);
  /// What one part has found while it was saved, for another that comes later: LFS pointers in the bundle of
  /// that snapshot (all of them, where it is named at all), addresses of attachments in texts.
  void note_lfs(const SnapshotId& bundle, std::vector<LfsPointer> pointers);
  const std::map<SnapshotId, std::vector<LfsPointer>>& lfs_found() const { return lfs_found_; }
  void note_attachment(std::string url) { attachments_found_.insert(std::move(url)); }
  const std::set<std::string>& attachments_found() const { return attachments_found_; }
  /// An object that this snapshot is the first of the repository's to name, and that the part has found in
  /// the vault instead of storing it; its key as the record has it.
  void note_found(std::string key) { found_.insert(std::move(key)); }

  /// What slices of the history have still to ask for: it goes into the result, however this ends.
  void set_open(std::vector<Oid> open) { open_ = std::move(open); }
  /// What this work has stored, in no snapshot or in one: a run that is killed before the next commit may
  /// have to fetch it again.
  ByteCount stored_so_far() const;
  /// Whether the snapshot that is being made says anything that the newest does not.
  bool has_news() const;
  /// With this the snapshot exists.
  void commit();
  /// Nothing is new: the catalog remembers the listing, nothing is written.
  void look();
  /// Commits the parts as they are, as those of a repository that GitHub has no longer.
  void commit_gone();
  /// The snapshot of a run that was interrupted says all there is: the catalog learns of it.
  void tell_of(const CatalogEntry& unnoticed);
  /// Without a snapshot that could be followed, it is the catalog alone that says that it is gone.
  void mark_gone_in_catalog(std::string_view detail);

  /// What came of it all; `error` has ended it before its time.
  RepositoryResult finish(const std::optional<Error>& error) &&;

 private:
  bool has_failed() const;
  bool has_kept_anything() const;
  bool is_news_of_repository() const;
  bool lacks_a_mark() const;
  void mark_failed_parts(Parts& parts) const;
  void lose_list(const UnreadableList& unreadable);
  std::vector<std::string> lost_and_needed(const Manifest& manifest) const;
  void count_traffic();
  void write_snapshot();
  void note_check(CatalogEntry& entry) const;
  void keep_as_it_was();
  void tell_catalog(CatalogEntry entry, bool has_new_snapshot);
  Parts parts_to_carry() const;
  CatalogEntry entry_of(const Manifest& manifest, const std::string& sha256) const;
  void comes_after(const SnapshotId& snapshot);

  const BackupContext& context_;
  const CatalogEntry* const known_;
  const WorkSubject subject_;
  const RepositoryOptions& options_;
  const StopTokens stops_;
  const PartBackups parts_;

  std::vector<StoredManifest> newest_;
  // What was named as newest and cannot be read any more: the next snapshot goes on naming it.
  std::vector<PreviousSnapshot> lost_newest_;
  UtcTime not_before_;  // the time of the next snapshot
  std::vector<SnapshotId> superseded_;

  Manifest next_;                             // that is being made
  std::map<PartName, PartOutcome> outcomes_;  // of the parts that were asked
  std::set<PartName> partly_committed_;       // what these have is in a snapshot already
  std::map<PartName, UtcTime> checked_at_;
  std::map<SnapshotId, std::vector<LfsPointer>> lfs_found_;
  std::set<std::string> attachments_found_;
  std::set<std::string> found_;
  std::uint64_t requests_told_ = 0;  // in the manifests so far
  ByteCount bytes_told_ = 0;

  Outcome outcome_;
  std::optional<CatalogUpdate> update_;
  std::vector<Oid> open_;
};

}  // namespace hubkeep
