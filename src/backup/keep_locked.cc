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
#include "base/parallel.h"
#include "vault/newest_snapshots.h"
#include "vault/object_list.h"

namespace hubkeep {
namespace {

constexpr std::size_t kMostAtOnce = 16;  // each waits for the store, and holds hardly any memory

bool holds(const std::vector<CatalogSnapshot>& snapshots, const SnapshotId& id) {
  return std::any_of(snapshots.begin(), snapshots.end(), [&](const auto& s) { return s.snapshot == id; });
}

class LockKeeper {
 public:
  LockKeeper(const BackupContext& context, const LockTask& task, const std::optional<CatalogEntry>& known,
             RepositoryResult result, const std::stop_token& stop)
      : context_(context),
        plan_(task.plan),
        shared_(task.shared),
        known_(known),
        result_(std::move(result)),
        stop_(stop) {}

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
    // the next run. KeepSharedLocked.AStopLeavesTheRestToTheNextRun.
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
    return is_done([&] { extend(entry.folder, {result_.found.begin(), result_.found.end()}); });
  }

  bool extend_all(const CatalogEntry& entry) {
    return is_done([&] {
      const Manifest manifest = read_newest(entry);
      extend(entry.folder, keys_of(manifest, entry.folder));
    });
  }

  bool is_done(const std::function<void()>& extension) {
    try {
      extension();
      if (missing_) throw Error(*missing_);
      return true;
    } catch (const Error& error) {
      const std::string what =
          fmt::format("its newest snapshot is saved, but not all that it needs is locked until {}",
                      format_time(plan_.until));
      result_.outcome = failed(std::move(result_.outcome), error.with_context(what), stop_.stop_requested());
      return false;
    }
  }

  // First what is read before all else: bundles, refs and the manifest. Then files, which are many.
  void extend(const std::string& folder, std::vector<std::string> keys) {
    std::erase_if(keys, [&](const std::string& key) {
      return is_of_this_run(key) ||
             (is_shared(key) && shared_.is_locked(resolve_key(folder, key), plan_.until));
    });
    std::partition(keys.begin(), keys.end(), [](const auto& key) { return !is_file(key); });
    work_in_parallel_or_throw(keys.size(), kMostAtOnce, [&](std::size_t i) {
      if (stop_.stop_requested()) throw Error(ErrorKind::cancelled, "stopped");
      extend(resolve_key(folder, keys[i]), is_shared(keys[i]));
    });
  }

  static bool is_file(const std::string& key) {
    return is_shared(key) || key.find("/assets/") != std::string::npos;
  }
  static bool is_shared(const std::string& key) { return key.starts_with('/'); }

  // What is lost keeps nothing else from being locked.
  void extend(const ObjectKey& key, bool is_shared) {
    try {
      context_.vault.objects().extend_lock(key, plan_.until);
      if (is_shared) shared_.note(key, plan_.until);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::not_found) throw;
      const std::scoped_lock lock(mutex_);
      if (!missing_) missing_ = error;
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
  std::vector<std::string> keys_of(const Manifest& manifest, const std::string& folder) {
    const ListReader lists = read_lists(context_.vault.objects(), folder, stop_);
    std::set<std::string> unreadable;
    for (const UnreadableList& each : require_known(manifest, lists)) {
      unreadable.insert(each.list.key);
      if (!missing_) missing_ = each.error;
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
  SharedLocks& shared_;
  const std::optional<CatalogEntry>& known_;
  RepositoryResult result_;
  const std::stop_token& stop_;
  std::mutex mutex_;
  std::optional<Error> missing_;  // the first; guarded by mutex_ while several are extended
};

}  // namespace

bool SharedLocks::is_locked(const ObjectKey& key, UtcTime until) const {
  const std::scoped_lock lock(mutex_);
  const auto found = until_.find(key);
  return found != until_.end() && found->second >= until;
}

void SharedLocks::note(const ObjectKey& key, UtcTime until) {
  const std::scoped_lock lock(mutex_);
  UtcTime& noted = until_[key];
  noted = std::max(noted, until);
}

RepositoryResult keep_locked(const BackupContext& context, const LockTask& task,
                             const std::optional<CatalogEntry>& known, RepositoryResult result,
                             const std::stop_token& stop) {
  return LockKeeper(context, task, known, std::move(result), stop).run();
}

}  // namespace hubkeep
