#include "copy/copy_repository.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "vault/manifest_walk.h"

namespace hubkeep {
namespace {

class CopiedBytes final : public ByteSink {
 public:
  CopiedBytes(ByteSink& next, CopyObserver& observer, CopyOutcome& outcome)
      : next_(next), observer_(observer), outcome_(outcome) {}
  void write(std::string_view bytes) override {
    next_.write(bytes);
    outcome_.bytes += bytes.size();
    observer_.copied(bytes.size());
  }

 private:
  ByteSink& next_;
  CopyObserver& observer_;
  CopyOutcome& outcome_;
};

class RepositoryCopy {
 public:
  RepositoryCopy(const CopyContext& context, const CatalogEntry& entry,
                 const std::optional<CatalogEntry>& known, const std::stop_token& stop)
      : context_(context),
        entry_(entry),
        known_(known),
        folder_(known ? known->folder : entry.folder),
        stop_(stop) {
    outcome_.repository = entry.listing.full_name;
    outcome_.id = entry.id;
  }

  CopyResult run() {
    std::optional<CatalogUpdate> update;
    try {
      if (known_ && known_->newest == entry_.newest) return {std::move(outcome_), std::nullopt};
      find_missing();
      list_objects();
      std::for_each(missing_.rbegin(), missing_.rend(), [&](const StoredManifest& m) { copy(m); });
      update = update_of_catalog();
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::cancelled) throw;
      outcome_.error = error;
    }
    return {std::move(outcome_), std::move(update)};
  }

 private:
  void find_missing() {
    for (const SnapshotId& id : context_.to.list_snapshots(folder_)) there_.insert(id);
    const auto damaged = [this](const SnapshotId& id, const Error& error) { leave_out(id, error); };
    walk_manifests(context_.from, entry_,
                   {.skip = [this](const SnapshotId& id) { return there_.contains(id); },
                    .visit = [this](const StoredManifest& stored) { missing_.push_back(stored); },
                    .damaged = damaged},
                   stop_);
  }

  void leave_out(const SnapshotId& id, const Error& error) {
    outcome_.problems.push_back(fmt::format("snapshot {} is left out: {}", id.str(), error.message()));
  }

  void list_objects() {
    if (missing_.empty()) return;
    context_.to.store().list(folder_ + "git/", "", [&](const ObjectInfo& object) {
      sizes_.emplace(object.key, object.size);
      return true;
    });
  }

  // A snapshot's objects, then itself. What is damaged does not keep the others back.
  void copy(const StoredManifest& stored) {
    const SnapshotId& id = stored.manifest.snapshot;
    try {
      for (const Bundle& bundle : stored.manifest.git.bundles) copy_object(bundle.record);
      for (const ObjectRecord& record : stored.manifest.git.refs) copy_object(record);
      // Beyond this point all that it names is in the other vault.
      put(folder_ + manifest_key(id), [&](ByteSink& sink) { sink.write(stored.bytes); });
      ++outcome_.snapshots;
      there_.insert(id);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::corrupt && error.kind() != ErrorKind::not_found &&
          error.kind() != ErrorKind::cold)
        throw;
      leave_out(id, error);
    }
  }

  void copy_object(const ObjectRecord& record) {
    const ObjectKey key = resolve_key(folder_, record.key);
    const auto found = sizes_.find(key);
    if (found != sizes_.end()) {
      if (found->second == record.size) return;
      throw Error(ErrorKind::corrupt,
                  fmt::format("{} is in {} already, with {} bytes where {} were written", key,
                              printable(context_.to.store().description()), found->second, record.size));
    }
    put(key,
        [&](ByteSink& sink) { read_checked(context_.from.store(), entry_.folder, record, sink, stop_); });
    sizes_.emplace(key, record.size);
    ++outcome_.objects;
  }

  // Another copy at the same time may be first: it has written the same bytes.
  void put(const ObjectKey& key, const std::function<void(ByteSink&)>& write) {
    const auto writer = context_.to.store().create(key);
    CopiedBytes counted(*writer, context_.observer, outcome_);
    write(counted);
    writer->commit(Precondition::absent());
  }

  // Found in the other vault itself: it may have snapshots of its own, and lack some that are newest here.
  std::optional<CatalogUpdate> update_of_catalog() {
    std::vector<CatalogSnapshot> begin = entry_.newest;
    if (known_) begin.insert(begin.end(), known_->newest.begin(), known_->newest.end());
    std::erase_if(begin, [this](const CatalogSnapshot& s) { return !there_.contains(s.snapshot); });
    const auto notice = [this](const std::string& text) { context_.observer.notice(text); };
    const auto heads = find_newest_snapshots(context_.to, folder_, begin, notice, stop_);
    if (heads.empty()) return std::nullopt;
    CatalogUpdate update{.entry = entry_of(heads.front().manifest, heads.front().sha256, folder_),
                         .supersedes = {there_.begin(), there_.end()},
                         .has_new_snapshot = true};
    CatalogEntry& entry = update.entry;
    entry.newest.clear();
    for (const StoredManifest& head : heads)
      entry.newest.push_back({head.manifest.snapshot, head.sha256, head.manifest.git.status});
    entry.previous_names = entry_.previous_names;
    if (entry.newest != entry_.newest) return update;
    entry.listing = entry_.listing;
    entry.refs_checked_at = entry_.refs_checked_at;
    entry.gone_since = entry_.gone_since;
    return update;
  }

  const CopyContext& context_;
  const CatalogEntry& entry_;
  const std::optional<CatalogEntry>& known_;
  const std::string folder_;  // in the other vault
  const std::stop_token& stop_;
  std::set<SnapshotId> there_;            // in the other vault
  std::vector<StoredManifest> missing_;   // newest first
  std::map<ObjectKey, ByteCount> sizes_;  // in the other vault
  CopyOutcome outcome_;
};

}  // namespace

CopyResult copy_repository(const CopyContext& context, const CatalogEntry& entry,
                           const std::optional<CatalogEntry>& known, const std::stop_token& stop) {
  return RepositoryCopy(context, entry, known, stop).run();
}

}  // namespace hubkeep
