// First all manifests, from the newest to the oldest, each held against the hash that the ones after it name.
// They say which objects are needed, by which snapshots. Then the folder is listed once, and each object
// checked once, however many snapshots need it; where the snapshots are to be proved, they are before that,
// and what that has read is not read again (LieTest.EachByteIsReadOnce). At the end each damage
// is held against what a repair has accepted, and what no manifest names is told.
//
// An object is known by its key, size and hash: where two manifests disagree about one key, it is held
// against both. VerifyRepository.HoldsTwoManifestsThatDisagreeAgainstTheSameObject.
#include "verify/verify_repository.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <mutex>
#include <set>

#include "base/parallel.h"
#include "base/text.h"
#include "vault/git_part.h"
#include "vault/key_kind.h"
#include "vault/losses.h"
#include "vault/manifest_walk.h"
#include "vault/object_list.h"
#include "vault/shared_object.h"
#include "vault/written_by.h"
#include "verify/check_object.h"
#include "verify/deep_proof.h"
#include "verify/prove_snapshots.h"
#include "verify/snapshot_chains.h"

namespace hubkeep {
namespace {

bool has_doubts(const Parts& parts) {
  return std::any_of(parts.begin(), parts.end(),
                     [](const auto& part) { return count_not_proved(part.second) > 0; });
}

bool is_damage(ErrorKind kind) {
  return kind == ErrorKind::not_found || kind == ErrorKind::corrupt || kind == ErrorKind::cold;
}

// Who needs an object, and the checksum that the store is asked for. Of what stands in a list there is none:
// a request for each of 50,000 objects would be too many.
struct Need {
  std::vector<std::size_t> needers;
  std::optional<std::uint32_t> crc32 = {};
};

class RepositoryVerification {
 public:
  RepositoryVerification(const VerifyContext& context, const CatalogEntry& entry, const std::stop_token& stop)
      : context_(context), entry_(entry), objects_(context.vault.objects()), stop_(stop) {
    verdict_.repository = entry.listing.full_name.empty() ? entry.folder : entry.listing.full_name;
    verdict_.id = entry.id;
    verdict_.host = entry.host;
  }

  Verdict run() {
    try {
      read_manifests();
      // Beyond this point it is known which objects are needed, and by which snapshots. They are listed only
      // now, so that what a run commits meanwhile is not missed.
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
    const auto removed = [this](const RemovedSnapshot&) { ++verdict_.removed; };
    verdict_.snapshots = walk_manifests(context_.vault, entry_, read_records(),
                                        {.visit = visit, .damaged = damaged, .removed = removed}, stop_);
  }

  // What a damaged one says is not known: then what is not there is missing.
  Removals read_records() {
    Removals removals = read_removals(context_.vault, entry_.folder, stop_);
    named_.insert(removals.keys.begin(), removals.keys.end());
    verdict_.objects += removals.keys.size();
    for (const auto& [key, error] : removals.damaged) {
      named_.insert(key);
      add(key, DamageKind::content, loss_detail(error, key), {});
    }
    return removals;
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
        missing ? objects_.describe_absence(key) : loss_detail(error, key), {id});
  }

  void take(const Manifest& manifest) {
    const SnapshotId& id = manifest.snapshot;
    const ObjectKey key = entry_.folder + manifest_key(id);
    name_manifest(id);
    ++verdict_.objects;
    if (!manifest.vault.empty()) verdict_.keeps_state = true;
    const SubjectId& subject = manifest.repository_id;
    const bool is_another = entry_.id != 0 && (subject != entry_.id || manifest.host != entry_.host);
    if (is_another || !is_folder_of(subject.kind(), entry_.folder))
      return add(key, DamageKind::content,
                 fmt::format("is the manifest of another {}, {} with id {}", root_of(subject.kind()).name,
                             printable(manifest.listing.full_name), subject.str()),
                 {id});
    if (verdict_.id == 0) {
      verdict_.id = manifest.repository_id;
      verdict_.host = manifest.host;
      verdict_.repository = manifest.listing.full_name;
    }
    for (const std::string& lost : manifest.lost) {
      SnapshotId& by = accepted_[resolve_key(entry_.folder, lost)];
      by = std::max(by, id);
    }
    for (const auto& [name, part] : manifest.parts)
      as_written_by(manifest.program, [&] { need(name, part, id); });
    if (context_.proof == ProofKind::none && has_doubts(manifest.parts)) ++verdict_.not_proved;
    if (are_all_settled(manifest.parts)) complete_.insert(id);
    readable_.insert(id);
  }

  void need(const PartName& name, const Part& part, const SnapshotId& id) {
    if (context_.proof != ProofKind::none && is_git_part(part)) chains_.add(id, git_part(part));
    // Most parts are as they were in the snapshot after: their lists are read once.
    const auto [last, is_first] = last_.try_emplace(name, part, needers_.size());
    if (!is_first && last->second.first == part) return needers_[last->second.second].push_back(id);
    last->second = {part, needers_.size()};
    needers_.push_back({id});
    visit_named_objects(part, [&](const ObjectRecord& record) { note(record).crc32 = record.crc32; });
    for (const ObjectRecord& record : listed_objects_of(part)) note(record);
  }

  // Of the snapshots of the last of needers_.
  Need& note(const ObjectRecord& record) {
    Need& need = needed_[record];
    const std::size_t needer = needers_.size() - 1;
    if (need.needers.empty() || need.needers.back() != needer) need.needers.push_back(needer);
    return need;
  }

  // What a list names that cannot be read, nobody knows.
  std::vector<ObjectRecord> listed_objects_of(const Part& part) {
    std::vector<ObjectRecord> objects;
    const ListReader lists = read_lists(objects_, entry_.folder, stop_);
    const auto read = [&](const ObjectRecord& list, const auto& visit) {
      try {
        lists(list, visit);
      } catch (const Error& error) {
        if (error.kind() == ErrorKind::corrupt) unreadable_.emplace(list, error);
        throw;
      }
    };
    try {
      visit_objects(part, read, [&](const ObjectRecord& record) { objects.push_back(record); });
    } catch (const Error& error) {
      if (!is_damage(error.kind())) throw;
      knows_all_ = false;
      objects.clear();
    }
    return objects;
  }

  std::vector<SnapshotId> snapshots_that_need(const ObjectRecord& record) const {
    std::set<SnapshotId, std::greater<>> snapshots;
    for (const std::size_t needer : needed_.at(record).needers)
      snapshots.insert(needers_[needer].begin(), needers_[needer].end());
    return {snapshots.begin(), snapshots.end()};
  }

  // One request for a thousand objects, where one for each would do as well.
  void list_objects() {
    objects_.list(entry_.folder, "", [&](const ObjectInfo& object) {
      there_.emplace(object.key, object);
      return true;
    });
    std::vector<ObjectKey> elsewhere;
    for (const auto& [record, need] : needed_) {
      ObjectKey key = resolve_key(entry_.folder, record.key);
      if (!key.starts_with(entry_.folder)) elsewhere.push_back(std::move(key));
    }
    objects_.find_objects(std::move(elsewhere),
                          [&](const ObjectInfo& object) { there_.emplace(object.key, object); });
  }

  // What a manifest in an archive class needs is not known yet: then nobody says what nothing needs.
  void find_unnamed() {
    if (!knows_all_) return;
    for (const auto& [record, need] : needed_) named_.insert(resolve_key(entry_.folder, record.key));
    for (const auto& [key, object] : there_)  // what lies elsewhere is here because it is named
      if (!named_.contains(key)) verdict_.unnamed.push_back({key, object.size, ""});
    objects_.list_obstacles(entry_.folder, [&](const ObjectKey& key, std::string_view what) {
      if (!named_.contains(key)) verdict_.unnamed.push_back({key, 0, std::string(what)});
    });
  }

  // What it has read need not be read again, and what keeps it from proving keeps nobody from looking.
  void prove() {
    if (context_.proof == ProofKind::none) return;
    Proof proof = context_.proof == ProofKind::deep
                      ? prove_deeply(context_, entry_.folder, chains_, stop_)
                      : prove_snapshots(context_, entry_.folder, chains_, stop_);
    verdict_.proof = context_.proof;
    verdict_.proved = proof.proved.size();
    verdict_.error = proof.error;
    read_ = std::move(proof.checked);
    for (Damage& damage : proof.damages)
      add(damage.key, damage.kind, std::move(damage.detail), std::move(damage.snapshots));
  }

  void check_all() {
    std::vector<const ObjectRecord*> records;
    records.reserve(needed_.size());
    for (const auto& [record, need] : needed_) records.push_back(&record);
    std::vector<Checked> checked(records.size());
    std::mutex mutex;
    std::vector<std::size_t> taken;  // guarded by mutex
    work_in_parallel_or_throw(records.size(), context_.readers, [&](std::size_t i) {
      if (!is_shared(*records[i]) || !context_.shared->is_taken(name_of_shared(*records[i]))) {
        checked[i] = check(*records[i]);
      } else {
        const std::scoped_lock lock(mutex);
        taken.push_back(i);
      }
    });
    // Beyond this point what another repository's verification has under way is waited for.
    for (const std::size_t i : taken) checked[i] = check(*records[i]);
    for (std::size_t i = 0; i < records.size(); ++i) count(*records[i], std::move(checked[i]));
  }

  void count(const ObjectRecord& record, Checked checked) {
    if (checked.is_there) {
      ++verdict_.objects;
      verdict_.bytes += record.size;
      verdict_.shared_objects += checked.is_counted ? 1 : 0;
      verdict_.shared_bytes += checked.is_counted ? record.size : 0;
    }
    verdict_.cold += checked.is_cold ? 1 : 0;
    verdict_.checksums += checked.has_checksum ? 1 : 0;
    verdict_.objects_read += checked.is_read ? 1 : 0;
    verdict_.bytes_read += checked.bytes_read;
    if (checked.damage)
      add(resolve_key(entry_.folder, record.key), *checked.damage, std::move(checked.detail),
          snapshots_that_need(record));
  }

  // By several threads at once.
  Checked check(const ObjectRecord& record) const {
    const ObjectKey key = resolve_key(entry_.folder, record.key);
    const auto listed = there_.find(key);
    auto info = listed == there_.end() ? std::optional<ObjectInfo>() : std::optional(listed->second);
    const auto read = read_.find(record);
    // Read by the proof, and still there.
    if (read != read_.end() && info && info->size == record.size) return read->second;
    ObjectRecord asked = record;
    asked.crc32 = needed_.at(record).crc32;
    if (is_shared(record)) return check_shared(asked, info);
    Checked checked = check_object(context_, entry_.folder, asked, info, stop_);
    const auto unreadable = unreadable_.find(record);
    if (!checked.damage && unreadable != unreadable_.end()) {
      checked.damage = DamageKind::content;
      checked.detail = loss_detail(unreadable->second, key);
    }
    return checked;
  }

  // Its damage is each repository's; what looking at it has cost is counted once.
  // VerifyVault.ReadsAndCountsWhatRepositoriesShareOnce.
  Checked check_shared(const ObjectRecord& record, const std::optional<ObjectInfo>& info) const {
    auto answer = context_.shared->claim(name_of_shared(record), stop_);
    if (auto* const claim = std::get_if<SharedChecks::Claim>(&answer)) {
      Checked checked = check_object(context_, entry_.folder, record, info, stop_);
      claim->finish(checked);
      return checked;
    }
    const auto& found = std::get<Checked>(answer);
    return {.is_there = found.is_there, .is_counted = true, .damage = found.damage, .detail = found.detail};
  }

  void add(const ObjectKey& key, DamageKind kind, std::string detail, std::vector<SnapshotId> snapshots) {
    // An index that is not as it was written is made again of its bundle; one that lies is believed.
    // VerifyRepository.ALostIndexKeepsNoSnapshotFromBeingRestored.
    if (kind_of(key) != KeyKind::index || kind == DamageKind::index)
      broken_.insert(snapshots.begin(), snapshots.end());
    verdict_.damages.push_back(
        {.key = key, .kind = kind, .detail = std::move(detail), .snapshots = std::move(snapshots)});
  }

  void judge() {
    for (Damage& damage : verdict_.damages) damage.accepted = accepted_.contains(damage.key);
    if (context_.states) context_.states->add_losses(entry_.folder, verdict_);
    // A snapshot that was made after the repair should not need what that gave up.
    // VerifyRepository.AcceptsWhatARepairHasGivenUp.
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
  VaultObjects& objects_;
  const std::stop_token& stop_;
  std::vector<std::vector<SnapshotId>> needers_;           // snapshots with the same part, newest first
  std::map<PartName, std::pair<Part, std::size_t>> last_;  // seen of each, and where its needers are
  std::map<ObjectRecord, Need, RecordOrder> needed_;
  std::map<ObjectRecord, Error, RecordOrder> unreadable_;  // lists
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
