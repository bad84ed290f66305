#include "verify/verify_repository.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <set>

#include "base/parallel.h"
#include "base/text.h"
#include "vault/losses.h"
#include "vault/manifest_walk.h"
#include "verify/check_object.h"
#include "verify/prove_snapshots.h"
#include "verify/snapshot_chains.h"

namespace hubkeep {
namespace {

constexpr std::array<std::string_view, 3> kReserved = {"wiki/", "meta/", "releases/"};

bool has_doubts(const GitPart& git) {
  return git.not_proved > 0 || std::any_of(git.bundles.begin(), git.bundles.end(),
                                           [](const Bundle& bundle) { return bundle.not_proved > 0; });
}

class RepositoryVerification {
 public:
  RepositoryVerification(const VerifyContext& context, const CatalogEntry& entry, const std::stop_token& stop)
      : context_(context), entry_(entry), store_(context.vault.store()), stop_(stop) {
    verdict_.repository = entry.listing.full_name.empty() ? entry.folder : entry.listing.full_name;
    verdict_.id = entry.id;
    verdict_.host = entry.host;
  }

  Verdict run() {
    try {
      read_manifests();
      // Beyond this point it is known which objects are needed, and by which snapshots.
      list_objects();
      prove();
      check_all();
      judge();
      find_unnamed();
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::cancelled) throw;
      verdict_.error = error;
    }
    return std::move(verdict_);
  }

 private:
  void read_manifests() {
    const auto visit = [this](const StoredManifest& stored) { take(stored.manifest); };
    const auto damaged = [this](const SnapshotId& id, const Error& error) { lose_manifest(id, error); };
    verdict_.snapshots = walk_manifests(context_.vault, entry_, {.visit = visit, .damaged = damaged}, stop_);
  }

  void name_manifest(const SnapshotId& id) { named_.insert(entry_.folder + manifest_key(id)); }

  void lose_manifest(const SnapshotId& id, const Error& error) {
    name_manifest(id);
    if (error.kind() == ErrorKind::cold) {
      knows_all_ = false;
      ++verdict_.cold;
      return;
    }
    const bool missing = error.kind() == ErrorKind::not_found;
    const ObjectKey key = entry_.folder + manifest_key(id);
    add(key, missing ? DamageKind::missing : DamageKind::content,
        missing ? describe_absence(store_, key) : loss_detail(error, key), {id});
  }

  void take(const Manifest& manifest) {
    const SnapshotId& id = manifest.snapshot;
    const ObjectKey key = entry_.folder + manifest_key(id);
    name_manifest(id);
    ++verdict_.objects;
    if (!manifest.vault.empty()) verdict_.keeps_state = true;
    if (entry_.id != 0 && (manifest.repository_id != entry_.id || manifest.host != entry_.host)) {
      return add(key, DamageKind::content,
                 fmt::format("is the manifest of another repository, {} with id {}",
                             printable(manifest.listing.full_name), manifest.repository_id),
                 {id});
    }
    if (verdict_.id == 0) {
      verdict_.id = manifest.repository_id;
      verdict_.host = manifest.host;
      verdict_.repository = manifest.listing.full_name;
    }
    for (const std::string& lost : manifest.lost) {
      SnapshotId& by = accepted_[resolve_key(entry_.folder, lost)];
      by = std::max(by, id);
    }
    for (const ObjectRecord& record : manifest.git.refs) needed_[record].push_back(id);
    for (const Bundle& bundle : manifest.git.bundles) needed_[bundle.record].push_back(id);
    if (!context_.scratch.empty())
      chains_.add(id, manifest.git);
    else if (has_doubts(manifest.git))
      ++verdict_.not_proved;
    if (manifest.git.is_settled()) complete_.insert(id);
    readable_.insert(id);
  }

  // One request for a thousand objects, where one for each would do as well.
  void list_objects() {
    store_.list(entry_.folder, "", [&](const ObjectInfo& object) {
      there_.emplace(object.key, object);
      return true;
    });
  }

  // What a manifest in an archive class needs is not known yet: then nobody says what nothing needs.
  void find_unnamed() {
    if (!knows_all_) return;
    for (const auto& [record, snapshots] : needed_) named_.insert(resolve_key(entry_.folder, record.key));
    for (const auto& [key, object] : there_)
      if (is_of_this_version(key) && !named_.contains(key))
        verdict_.unnamed.push_back({key, object.size, ""});
    store_.list_obstacles(entry_.folder, [&](const ObjectKey& key, std::string_view what) {
      if (!named_.contains(key)) verdict_.unnamed.push_back({key, 0, std::string(what)});
    });
  }

  // A later version may keep more of a repository than its history.
  bool is_of_this_version(const ObjectKey& key) const {
    const std::string_view rest = std::string_view(key).substr(entry_.folder.size());
    return std::none_of(kReserved.begin(), kReserved.end(),
                        [&](std::string_view folder) { return rest.starts_with(folder); });
  }

  // What it has read need not be read again, and what keeps it from proving keeps nobody from looking.
  void prove() {
    if (context_.scratch.empty()) return;
    Proof proof = prove_snapshots(context_, entry_.folder, chains_, stop_);
    verdict_.proved = proof.proved.size();
    verdict_.error = proof.error;
    read_ = std::move(proof.checked);
    for (Damage& damage : proof.damages)
      add(damage.key, damage.kind, std::move(damage.detail), std::move(damage.snapshots));
  }

  void check_all() {
    std::vector<const ObjectRecord*> records;
    records.reserve(needed_.size());
    for (const auto& [record, snapshots] : needed_) records.push_back(&record);
    std::vector<Checked> checked(records.size());
    std::mutex mutex;
    std::exception_ptr failure;  // guarded by mutex
    work_in_parallel(records.size(), context_.readers, [&](std::size_t i) {
      try {
        {
          const std::scoped_lock lock(mutex);
          if (failure) return;
        }
        checked[i] = check(*records[i]);
      } catch (...) {
        const std::scoped_lock lock(mutex);
        failure = std::current_exception();
      }
    });
    if (failure) std::rethrow_exception(failure);
    for (std::size_t i = 0; i < records.size(); ++i) count(*records[i], std::move(checked[i]));
  }

  void count(const ObjectRecord& record, Checked checked) {
    if (checked.is_there) {
      ++verdict_.objects;
      verdict_.bytes += record.size;
    }
    verdict_.cold += checked.is_cold ? 1 : 0;
    verdict_.checksums += checked.has_checksum ? 1 : 0;
    verdict_.objects_read += checked.is_read ? 1 : 0;
    verdict_.bytes_read += checked.bytes_read;
    if (checked.damage)
      add(resolve_key(entry_.folder, record.key), *checked.damage, std::move(checked.detail),
          needed_.at(record));
  }

  // By several threads at once.
  Checked check(const ObjectRecord& record) const {
    const ObjectKey key = resolve_key(entry_.folder, record.key);
    const auto listed = there_.find(key);
    auto info = listed == there_.end() ? std::optional<ObjectInfo>() : std::optional(listed->second);
    if (!info && !key.starts_with(entry_.folder)) info = store_.find(key);
    const auto read = read_.find(record);
    if (read != read_.end() && info && info->size == record.size) return read->second;
    return check_object(context_, entry_.folder, record, info, stop_);
  }

  void add(const ObjectKey& key, DamageKind kind, std::string detail, std::vector<SnapshotId> snapshots) {
    for (const SnapshotId& snapshot : snapshots) broken_.insert(snapshot);
    verdict_.damages.push_back(
        {.key = key, .kind = kind, .detail = std::move(detail), .snapshots = std::move(snapshots)});
  }

  void judge() {
    for (Damage& damage : verdict_.damages) damage.accepted = accepted_.contains(damage.key);
    if (context_.states) context_.states->add_losses(entry_.folder, verdict_);
    // A snapshot that was made after the repair should not need what that gave up.
    for (Damage& damage : verdict_.damages) {
      const auto by = accepted_.find(damage.key);
      if (by == accepted_.end()) continue;
      damage.accepted = damage.accepted && std::all_of(damage.snapshots.begin(), damage.snapshots.end(),
                                                       [&](const SnapshotId& id) { return id < by->second; });
    }
    for (const SnapshotId& id : readable_) {
      if (broken_.contains(id)) continue;
      ++verdict_.restorable;
      if (!verdict_.newest_restorable && complete_.contains(id)) verdict_.newest_restorable = id;
    }
  }

  const VerifyContext& context_;
  const CatalogEntry& entry_;
  ObjectStore& store_;
  const std::stop_token& stop_;
  std::map<ObjectRecord, std::vector<SnapshotId>, RecordOrder> needed_;
  std::map<ObjectKey, ObjectInfo> there_;
  SnapshotChains chains_;
  std::map<ObjectRecord, Checked, RecordOrder> read_;  // by the proof
  std::set<ObjectKey> named_;
  bool knows_all_ = true;
  std::map<ObjectKey, SnapshotId> accepted_;  // and the newest snapshot that says so
  std::set<SnapshotId, std::greater<>> readable_;
  std::set<SnapshotId> complete_;
  std::set<SnapshotId> broken_;
  Verdict verdict_;
};

}  // namespace

Verdict verify_repository(const VerifyContext& context, const CatalogEntry& entry,
                          const std::stop_token& stop) {
  return RepositoryVerification(context, entry, stop).run();
}

}  // namespace hubkeep
