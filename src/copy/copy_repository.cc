// Both folders are listed first. Where the catalogs agree and the other vault has everything that is here, in
// the same sizes, that is all. Otherwise: the records of removals, so that nothing is brought back; then the
// snapshots that the other vault lacks, the oldest first, each one's objects before its manifest; then what
// the snapshots already there have lost.
//
// So a kill at any moment leaves whole snapshots, and objects that nothing names yet
// (CopyVault.GoesOnWhereACopyWasInterrupted). Bytes are copied as they are stored: hashes in manifests and
// catalog hold in both vaults. Nothing in the other vault is ever written over: what is there with another
// size is told, with what to do (CopyVault.DoesNotTrustAnObjectOfAnotherSize).
#include "copy/copy_repository.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/counted_sink.h"
#include "base/text.h"
#include "store/object_key.h"
#include "vault/key_kind.h"
#include "vault/manifest_walk.h"
#include "vault/newest_snapshots.h"
#include "vault/object_list.h"
#include "vault/shared_object.h"

namespace hubkeep {
namespace {

class RepositoryCopy {
 public:
  RepositoryCopy(const CopyContext& context, const CatalogEntry& entry,
                 const std::optional<CatalogEntry>& known, const std::stop_token& stop)
      : context_(context),
        entry_(entry),
        known_(known),
        folder_(known ? known->folder : entry.folder),
        stop_(stop),
        lists_(read_lists(context.from.objects(), entry.folder, stop)) {
    outcome_.repository = entry.listing.full_name;
    outcome_.id = entry.id;
  }

  CopyResult run() {
    std::optional<CatalogUpdate> update;
    try {
      list_both();
      if (known_ && known_->newest == entry_.newest && !context_.lacks_elsewhere && !lacks_anything())
        return {std::move(outcome_), std::nullopt};
      copy_removals();
      // Beyond this point it is written down what is not copied because it was removed.
      copy_missing_snapshots();
      // Beyond this point all snapshots are there. What they need was there, too, when they were copied.
      if ((context_.lacks_elsewhere && known_) || lacks_anything()) mend();
      update = update_of_catalog();
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::cancelled) throw;
      outcome_.error = error;
    }
    return {std::move(outcome_), std::move(update)};
  }

 private:
  using Sizes = std::map<ObjectKey, ByteCount>;  // by the key below the repository's folder

  // One request for a thousand objects in each vault: what the other one has lost is found by nothing else.
  void list_both() {
    here_ = list(context_.from, entry_.folder);
    there_ = list(context_.to, folder_);
  }

  static Sizes list(Vault& vault, const std::string& folder) {
    Sizes sizes;
    vault.objects().list(folder, "", [&](const ObjectInfo& object) {
      sizes.emplace(object.key.substr(folder.size()), object.size);
      return true;
    });
    return sizes;
  }

  // What nothing names is in `here_` as well, so that this may be true of a copy that is whole.
  bool lacks_anything() const {
    return std::any_of(here_.begin(), here_.end(), [this](const auto& object) {
      const auto found = there_.find(object.first);
      return (found == there_.end() || found->second != object.second) && !told_.contains(object.first);
    });
  }

  bool has_snapshot(const SnapshotId& id) const {
    const auto there = there_.find(manifest_key(id));
    const auto here = here_.find(manifest_key(id));
    return there != there_.end() && (here == here_.end() || here->second == there->second);
  }

  // What either vault has removed is not brought to the other one, nor taken away from it.
  // CopyVault.DoesNotBringBackWhatTheOtherVaultHasRemoved, LeavesWhatTheOtherVaultStillHas.
  void copy_removals() {
    removals_ = read_removals(context_.from, entry_.folder, stop_);
    for (const auto& [key, error] : removals_.damaged) {
      told_.insert(key.substr(entry_.folder.size()));
      outcome_.problems.push_back("what a run has removed is left out: " + error.message());
    }
    Removals removed_there = read_removals(context_.to, folder_, stop_);
    for (const auto& [key, error] : removed_there.damaged)
      outcome_.problems.push_back(
          fmt::format("what a run has removed in {} is not known: {}", place(), error.message()));
    removals_.snapshots.merge(removed_there.snapshots);
    for (const auto& [id, removed] : removals_.snapshots)
      if (is_removed(id)) told_.insert(manifest_key(id));
  }

  void copy_record(const std::string& key) {
    const auto there = there_.find(key);
    const auto here = here_.find(key);
    if (there != there_.end() && here != here_.end() && there->second == here->second) return;
    StringSink bytes(kMaxReadWhole, key);
    RecordingSink recorded;
    TeeSink sink(bytes, recorded);
    context_.from.objects().read_stored(entry_.folder + key, sink, stop_);
    try {
      put(recorded.finish(key, "zstd"), [&](ByteSink& to) { to.write(bytes.str()); });
    } catch (const Error& error) {
      if (!is_damage(error)) throw;
      told_.insert(key);
      outcome_.problems.push_back("what a run has removed is left out: " + error.message());
    }
  }

  bool is_removed(const SnapshotId& id) const {
    return removals_.contains(id) && !there_.contains(manifest_key(id));
  }

  void copy_missing_snapshots() {
    std::vector<StoredManifest> missing;  // newest first
    walk_manifests(context_.from, entry_, removals_,
                   {.skip = [this](const SnapshotId& id) { return has_snapshot(id) || is_removed(id); },
                    .visit = [&](const StoredManifest& stored) { missing.push_back(stored); },
                    .damaged = [this](const SnapshotId& id, const Error& error) { leave_out(id, error); }},
                   stop_);
    for (const StoredManifest& stored : missing) require_known(stored.manifest, lists_);
    // Beyond this point none of them has anything that this version does not know: it is all or nothing.
    for (const ObjectKey& key : removals_.keys) copy_record(key.substr(entry_.folder.size()));
    std::for_each(missing.rbegin(), missing.rend(), [&](const StoredManifest& m) { copy(m); });
  }

  void leave_out(const SnapshotId& id, const Error& error) {
    told_.insert(manifest_key(id));
    outcome_.problems.push_back(fmt::format("snapshot {} is left out: {}", id.str(), error.message()));
  }

  // A snapshot's objects, then itself. What is damaged does not keep the others back.
  void copy(const StoredManifest& stored) {
    const SnapshotId& id = stored.manifest.snapshot;
    try {
      copy_objects(stored.manifest);
      // Beyond this point all that it names is in the other vault.
      RecordingSink recorded;
      recorded.write(stored.bytes);
      put(recorded.finish(manifest_key(id), "zstd"), [&](ByteSink& sink) { sink.write(stored.bytes); });
      ++outcome_.snapshots;
    } catch (const Error& error) {
      if (!is_damage(error)) throw;
      leave_out(id, error);
    }
  }

  // What the snapshots that were there already need, and is not there as it was written. Each object is told
  // of once.
  void mend() {
    const auto visit = [this](const StoredManifest& stored) { mend(stored.manifest); };
    // A manifest that only the other vault still has says as well what it needs.
    const auto mend_by_other = [this](const SnapshotId& id) {
      if (!has_snapshot(id)) return;
      unless_damaged(id, [&] { mend(context_.to.read_manifest(folder_, id, {}, stop_).manifest); });
    };
    const auto damaged = [&](const SnapshotId& id, const Error&) { mend_by_other(id); };
    const auto removed = [&](const RemovedSnapshot& snapshot) { mend_by_other(snapshot.snapshot); };
    walk_manifests(context_.from, entry_, removals_, {.visit = visit, .damaged = damaged, .removed = removed},
                   stop_);
  }

  void mend(const Manifest& manifest) {
    if (!has_snapshot(manifest.snapshot)) return;
    // What the manifest names itself first: a list that cannot be read keeps nothing of that back.
    std::vector<ObjectRecord> named;
    for (const auto& [name, part] : manifest.parts)
      visit_named_objects(part, [&](const ObjectRecord& record) { named.push_back(record); });
    mend(manifest.snapshot, named);
    unless_damaged(manifest.snapshot, [&] { mend(manifest.snapshot, records_of(manifest)); });
  }

  void mend(const SnapshotId& snapshot, const std::vector<ObjectRecord>& records) {
    look_elsewhere(records);
    for_each(records, [&](const ObjectRecord& record) {
      if (!told_.contains(record.key)) unless_damaged(snapshot, [&] { copy_object(record); });
    });
  }

  void unless_damaged(const SnapshotId& id, const std::function<void()>& action) {
    try {
      action();
    } catch (const Error& error) {
      if (!is_damage(error)) throw;
      outcome_.problems.push_back(
          fmt::format("snapshot {} is not whole in {}: {}", id.str(), place(), error.message()));
    }
  }

  void copy_objects(const Manifest& manifest) {
    const std::vector<ObjectRecord> records = records_of(manifest);
    look_elsewhere(records);
    for_each(records, [&](const ObjectRecord& record) {
      // An index can be made again of its bundle: a snapshot does without.
      // CopyVault.ALostIndexKeepsNoSnapshotBack.
      const bool is_needed = kind_of(resolve_key(folder_, record.key)) != KeyKind::index;
      if (is_needed)
        copy_object(record);
      else if (!told_.contains(record.key))
        unless_damaged(manifest.snapshot, [&] { copy_object(record); });
    });
  }

  // What another repository's copy has under way comes last, so that it is seldom waited for.
  void for_each(const std::vector<ObjectRecord>& records,
                const std::function<void(const ObjectRecord&)>& action) const {
    std::vector<const ObjectRecord*> taken;
    for (const ObjectRecord& record : records) {
      if (is_shared(record) && context_.shared->is_taken(name_of_shared(record)))
        taken.push_back(&record);
      else
        action(record);
    }
    for (const ObjectRecord* record : taken) action(*record);
  }

  // Lists are read where the snapshot comes from. One that cannot be read is a damage of the snapshot.
  std::vector<ObjectRecord> records_of(const Manifest& manifest) const {
    std::vector<ObjectRecord> records;
    visit_objects(manifest, lists_, [&](const ObjectRecord& record) { records.push_back(record); });
    return records;
  }

  // Which of the objects that lie below the vault's root are in the other vault already: no list of the
  // repository's folder tells.
  void look_elsewhere(const std::vector<ObjectRecord>& records) {
    std::vector<ObjectKey> keys;
    for (const ObjectRecord& record : records)
      if (is_shared(record) && !there_.contains(record.key)) keys.push_back(resolve_key(folder_, record.key));
    context_.to.objects().find_objects(
        std::move(keys), [&](const ObjectInfo& object) { there_.emplace("/" + object.key, object.size); });
  }

  static bool is_damage(const Error& error) {
    return error.kind() == ErrorKind::corrupt || error.kind() == ErrorKind::not_found ||
           error.kind() == ErrorKind::cold;
  }

  std::string place() const { return printable(context_.to.objects().description()); }

  void copy_object(const ObjectRecord& record) {
    try {
      copy_if_missing(record);
    } catch (const Error& error) {
      if (is_damage(error)) told_.insert(record.key);
      throw;
    }
  }

  void copy_if_missing(const ObjectRecord& record) {
    const auto found = there_.find(record.key);
    if (found != there_.end()) {
      if (found->second != record.size)
        throw Error(ErrorKind::corrupt,
                    fmt::format("{} is in {} already, with {} bytes where {} were written: {}",
                                resolve_key(folder_, record.key), place(), found->second, record.size,
                                kRemoveAndCopy));
      if (is_left_over(record.key)) look_at(record);
      return;
    }
    if (is_shared(record))
      copy_shared(record);
    else
      bring(record);
  }

  // CopyVault.CopiesWhatRepositoriesShareOnce.
  void copy_shared(const ObjectRecord& record) {
    auto answer = context_.shared->claim(name_of_shared(record), stop_);
    if (auto* const claim = std::get_if<SharedCopies::Claim>(&answer)) {
      bring(record);
      claim->finish(record.size);
    } else {
      there_[record.key] = std::get<ByteCount>(answer);
    }
  }

  void bring(const ObjectRecord& record) {
    put(record,
        [&](ByteSink& sink) { context_.from.objects().read_stored(entry_.folder, record, sink, stop_); });
    ++outcome_.objects;
  }

  void put(const ObjectRecord& record, const std::function<void(ByteSink&)>& write) {
    RecordedWriter writer = context_.to.objects().create_stored(folder_, record.key, record.size);
    CountedSink counted(writer, [&](ByteCount bytes) {
      outcome_.bytes += bytes;
      context_.observer.moved(bytes);
    });
    write(counted);
    with_advice([&] { writer.commit_as(record, stop_); });
    there_[record.key] = record.size;
  }

  // Of a copy that was cut short: it is named after a snapshot that is not there. No verification has looked
  // at it. CopyVault.WhatACopyThatWasCutShortHasLeftIsLookedAt.
  bool is_left_over(std::string_view key) const {
    const std::string_view name = last_component(key);
    const auto id = SnapshotId::parse(name.substr(0, name.find('.')));
    return id && !has_snapshot(*id) && !is_removed(*id);
  }

  void look_at(const ObjectRecord& record) {
    with_advice([&] { context_.to.objects().require_written(folder_, record, stop_); });
  }

  void with_advice(const std::function<void()>& action) {
    try {
      action();
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::corrupt) throw;
      throw other_bytes_there(context_, error);
    }
  }

  // Found in the other vault itself: it may have snapshots of its own, and lack some that are newest here.
  std::optional<CatalogUpdate> update_of_catalog() {
    std::vector<CatalogSnapshot> begin = entry_.newest;
    if (known_) begin.insert(begin.end(), known_->newest.begin(), known_->newest.end());
    std::erase_if(begin, [this](const CatalogSnapshot& s) { return !has_snapshot(s.snapshot); });
    const NewestSnapshots found = find_newest_snapshots(context_.to, folder_, begin, stop_);
    const auto& heads = found.readable;
    if (outcome_.problems.empty())
      for (const DamagedSnapshot& damaged : found.damaged)
        outcome_.problems.push_back("a snapshot is damaged and left out: " + damaged.error.message());
    tell_of_lost_snapshots();
    if (heads.empty()) return std::nullopt;
    CatalogUpdate update{.entry = entry_of(heads.front().manifest, heads.front().sha256, folder_,
                                           read_lists(context_.to.objects(), folder_, stop_)),
                         .supersedes = snapshots_to_replace(),
                         .has_new_snapshot = true};
    CatalogEntry& entry = update.entry;
    entry.newest.clear();
    for (const StoredManifest& head : heads)
      entry.newest.push_back({head.manifest.snapshot, head.sha256, statuses_of(head.manifest.parts),
                              names_not_proved(head.manifest.parts)});
    entry.previous_names = entry_.previous_names;
    if (entry.newest != entry_.newest) return update;
    entry.listing = entry_.listing;
    entry.refs_checked_at = entry_.refs_checked_at;
    entry.checked = entry_.checked;
    entry.gone_since = entry_.gone_since;
    return update;
  }

  std::vector<SnapshotId> snapshots_to_replace() const {
    std::vector<SnapshotId> ids;
    for (const auto& [key, size] : there_) {
      const auto id = snapshot_of(key);
      if (id && has_snapshot(*id)) ids.push_back(*id);
    }
    for (const auto& [id, removed] : removals_.snapshots)
      if (is_removed(id)) ids.push_back(id);
    return ids;
  }

  // Its catalog goes on to name them: they are told of again.
  void tell_of_lost_snapshots() {
    if (!known_) return;
    for (const CatalogSnapshot& newest : known_->newest) {
      if (has_snapshot(newest.snapshot) || told_.contains(manifest_key(newest.snapshot))) continue;
      outcome_.problems.push_back(
          fmt::format("snapshot {} is named in the catalog of {} and is in neither vault",
                      newest.snapshot.str(), place()));
    }
  }

  const CopyContext& context_;
  const CatalogEntry& entry_;
  const std::optional<CatalogEntry>& known_;
  const std::string folder_;  // in the other vault
  const std::stop_token& stop_;
  const ListReader lists_;
  Sizes here_;
  Sizes there_;               // and what has been copied since
  std::set<ObjectKey> told_;  // of these there is a problem, or they were removed
  Removals removals_;         // of both vaults
  CopyOutcome outcome_;
};

}  // namespace

Error other_bytes_there(const CopyContext& context, const Error& error) {
  return {error.kind(), fmt::format("{}: {}: {}", printable(context.to.objects().description()),
                                    error.message(), kRemoveAndCopy)};
}

CopyResult copy_repository(const CopyContext& context, const CatalogEntry& entry,
                           const std::optional<CatalogEntry>& known, const std::stop_token& stop) {
  return RepositoryCopy(context, entry, known, stop).run();
}

}  // namespace hubkeep
