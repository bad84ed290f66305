// A part that is a git repository, saved into a chain of bundles.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "backup/part_backup.h"
#include "vault/git_part.h"

namespace hubkeep {

/// From where the part of a repository is fetched.
using CloneUrl = std::function<std::string(const Listing&)>;

class GitBackup final : public PartBackup {
 public:
  GitBackup(PartName name, CloneUrl clone_url);

  std::string_view name() const override { return name_; }
  bool is_for(SubjectKind kind) const override;
  Freshness judge(const CatalogEntry& known, const Listing& listed, const Recheck& recheck) const override;
  PartResult save(const std::optional<PartBefore>& before, const SnapshotId& snapshot,
                  RepositoryWork& work) const override;
  void note_check(CatalogEntry& entry, UtcTime checked_at) const override;
  PartOutcome outcome_of(const Part& kept) const override;

 private:
  const PartName name_;
  const CloneUrl clone_url_;
};

/// The history of a repository.
std::shared_ptr<const PartBackup> git_backup();

/// The history as the snapshot has it that is being made, if it has one.
std::optional<GitPart> history_of(const RepositoryWork& work);
/// Whether it is another than in the newest snapshot.
bool has_news_of_history(const RepositoryWork& work);

/// Whether the history is kept as GitHub has it now, whatever became of the other parts.
bool is_history_kept(const Outcome& outcome);

}  // namespace hubkeep
