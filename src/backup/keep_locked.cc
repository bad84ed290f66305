// The store locks what it writes; what an increment builds on was written earlier and is unlocked earlier.
// The catalog knows until when all of a repository is locked, so in most runs that date decides, without a
// request. Where it does not reach far enough, or nobody knows it, every object that the newest snapshot
// names is extended, but for those of this run. What this run has found in the vault instead of storing it is
// known to no such date: it is extended in any case.
#include "backup/keep_locked.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>

#include "base/error.h"
#include "vault/newest_snapshots.h"
#include "vault/object_list.h"

namespace hubkeep {
namespace {

bool holds(const std::vector<CatalogSnapshot>& snapshots, const SnapshotId& id) {
  return std::any_of(snapshots.begin(), snapshots.end(), [&](const auto& s) { return s.snapshot == id; });
}

class LockKeeper {
 public:
  LockKeeper(const BackupContext& context, const LockPlan& plan, const std::optional<CatalogEntry>& known,
             RepositoryResult result, const std::stop_token& stop)
      : context_(context), plan_(plan), known_(known), result_(std::move(result)), stop_(stop) {}

  RepositoryResult run() && {
    lock();
    return std::move(result_);
  }

 private:
  void lock() {
    const CatalogEntry* const current = result_.update ? &result_.update->entry : known_ ? &*known_ : nullptr;
    if (!current || current->newest.empty()) return;
    const bool is_new = !result_.outcome.snapshot.empty();
    const auto held = locked_until_now();
    // A new snapshot needs the older objects locked as long as itself; without one, half of the time may pass
    // first. KeepLocked.WhatIsAllNewIsLockedAlready, NothingIsDoneWhileMoreThanHalfIsLeft.
    const bool is_enough = is_new ? follows_nothing() || held >= plan_.until : held >= plan_.renew_before;
    const bool has_found = is_new && !result_.found.empty();
    if (is_enough && !has_found) return note(is_new ? plan_.until : held);
    // Only when all are extended does the catalog learn the new date: a stop or a failure leaves the rest to
    // the next run. KeepLocked.AStopLeavesTheRestToTheNextRun.
    if (result_.update) result_.update->entry.locked_until = is_new ? std::nullopt : held;
    if (is_enough ? extend_found(*current) : extend_all(*current)) note(plan_.until, true);
  }

  // What the repository's folder has is then all of this run.
  bool follows_nothing() const { return result_.update && result_.update->supersedes.empty(); }

  // Until when all is locked that is older than this run, as far as the catalog knows: it does not where
  // another run has saved something since. KeepLocked.ASnapshotThatTheCatalogDoesNotKnowIsNotTakenForLocked.
  std::optional<UtcTime> locked_until_now() const {
    if (!known_) return std::nullopt;
    if (!result_.update) return known_->locked_until;
    const auto& older = result_.update->supersedes;
    const bool is_known = result_.outcome.snapshot.empty()
                              ? result_.update->entry.newest == known_->newest
                              : std::all_of(older.begin(), older.end(),
                                            [&](const auto& id) { return holds(known_->newest, id); });
    return is_known ? known_->locked_until : std::nullopt;
  }

  void note(std::optional<UtcTime> until, bool is_news = false) {
    if (!result_.update && known_ && is_news) result_.update = CatalogUpdate{.entry = *known_};
    if (result_.update) result_.update->entry.locked_until = until;
  }

  // KeepSharedLocked.WhatANewRepositoryHasInCommonWithAnotherIsLockedAsLongAsItself.
  bool extend_found(const CatalogEntry& entry) {
    return did([&] {
      std::optional<Error> missing;
      for (const auto& key : result_.found) {
        if (stop_.stop_requested()) throw Error(ErrorKind::cancelled, "stopped");
        extend(resolve_key(entry.folder, key), missing);
      }
      if (missing) throw Error(*missing);
    });
  }

  bool extend_all(const CatalogEntry& entry) {
    return did([&] {
      const Manifest manifest = read_newest(entry);
      std::optional<Error> missing;
      for (const auto& key : keys_of(manifest, entry.folder, missing)) {
        if (stop_.stop_requested()) throw Error(ErrorKind::cancelled, "stopped");
        if (!is_of_this_run(key)) extend(resolve_key(entry.folder, key), missing);
      }
      if (missing) throw Error(*missing);
    });
  }

  bool did(const std::function<void()>& extend_them) {
    try {
      extend_them();
      return true;
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::cancelled) return false;
      result_.outcome.kind = OutcomeKind::failed;
      if (!result_.outcome.error)
        result_.outcome.error = error.with_context(
            fmt::format("its newest snapshot is saved, but not all that it needs is locked until {}",
                        format_time(plan_.until)));
      return false;
    }
  }

  // What is lost keeps nothing else from being locked.
  void extend(const ObjectKey& key, std::optional<Error>& missing) {
    try {
      context_.vault.objects().extend_lock(key, plan_.until);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::not_found) throw;
      if (!missing) missing = error;
    }
  }

  // Where the catalog still names one that was removed, the newest that is there.
  // KeepLocked.WhereTheNewestWasRemovedTheOneBeforeIsExtended.
  Manifest read_newest(const CatalogEntry& entry) {
    const CatalogSnapshot& newest = entry.newest.front();
    try {
      return context_.vault.read_manifest(entry.folder, newest.snapshot, newest.sha256, stop_).manifest;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::not_found) throw;
      const auto found = find_newest_snapshots(context_.vault, entry.folder, entry.newest, stop_);
      const bool is_removed =
          std::find(found.removed.begin(), found.removed.end(), newest.snapshot) != found.removed.end();
      if (!is_removed || found.readable.empty()) throw;
      return found.readable.front().manifest;
    }
  }

  // Then it is locked so long already.
  bool is_of_this_run(const std::string& key) const {
    const SnapshotId& written = result_.outcome.snapshot;
    return !written.empty() && key.find(written.str()) != std::string::npos;
  }

  // But for what a list names that cannot be read.
  std::vector<std::string> keys_of(const Manifest& manifest, const std::string& folder,
                                   std::optional<Error>& missing) const {
    const ListReader lists = read_lists(context_.vault.objects(), folder, stop_);
    std::set<std::string> unreadable;
    for (const UnreadableList& each : require_known(manifest, lists)) {
      unreadable.insert(each.list.key);
      if (!missing) missing = each.error;
    }
    std::vector<std::string> keys;
    const ListReader readable = [&](const ObjectRecord& list, const auto& visit) {
      if (!unreadable.contains(list.key)) lists(list, visit);
    };
    visit_objects(manifest, readable, [&](const ObjectRecord& record) { keys.push_back(record.key); });
    keys.push_back(manifest_key(manifest.snapshot));
    return keys;
  }

  const BackupContext& context_;
  const LockPlan plan_;
  const std::optional<CatalogEntry>& known_;
  RepositoryResult result_;
  const std::stop_token& stop_;
};

}  // namespace

RepositoryResult keep_locked(const BackupContext& context, const LockPlan& plan,
                             const std::optional<CatalogEntry>& known, RepositoryResult result,
                             const std::stop_token& stop) {
  return LockKeeper(context, plan, known, std::move(result), stop).run();
}

}  // namespace hubkeep
