// The server of one git repository while it is backed up: what it is asked, how patiently, and what that
// took.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backup/git_patience.h"
#include "backup/git_snapshot_writer.h"
#include "backup/part_place.h"
#include "backup/repository_work.h"
#include "remote/git_remote.h"

namespace hubkeep {

/// One thread. Keeps references.
class GitServer {
 public:
  GitServer(RepositoryWork& work, PartPlace place, const std::string& clone_url);

  /// Of a repository that may not be there.
  void expect_absence() { remote_->expect_absence(); }
  /// Where there were refs, a list without any is asked for once more; told() says when they have vanished.
  RefState list_refs(ObjectFormat expected, bool had_refs);
  /// What the last list had and list_refs() could not return.
  const std::vector<LeftOutRef>& nameless() const { return nameless_; }
  /// One attempt; see fetch_bundle(). What it throws is final where Patience says so.
  FetchedPack fetch(const BundleRequest& request, PackArrival& arrival);
  /// What was found in a pack that is kept.
  void tell_of_lfs(const LfsPointers& pointers);
  /// What the server announces; nothing where it does not answer that.
  FetchFeatures features();
  /// About a history, patiently.
  HistoryAnswer ask(const HistoryQuestion& question);
  /// Whether the server hands over an object that the vault has already. One attempt.
  bool is_handed_over(const Oid& held, ObjectFormat format);
  const Patience& patience() const { return patience_; }

  /// A git part of `snapshot` with all that is told of it: as it goes into the snapshot.
  PartResult result_of(GitPart git, const SnapshotId& snapshot, UtcTime checked_at);
  /// What it took so far, and what was told of the snapshots.
  PartOutcome told() const;

 private:
  template <typename Action>
  auto judged(Action&& action) -> decltype(action());

  RepositoryWork& work_;
  const PartPlace place_;
  const std::unique_ptr<GitRemote> remote_;
  Patience patience_;
  std::vector<LeftOutRef> nameless_;
  std::optional<FetchFeatures> features_;
  PartOutcome told_;
};

/// What there is to tell of a git part that a snapshot has.
void tell_of(const GitPart& git, PartOutcome& outcome);

}  // namespace hubkeep
