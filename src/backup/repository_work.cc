#include "backup/repository_work.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/null_sink.h"
#include "vault/losses.h"
#include "vault/object_list.h"

namespace hubkeep {
Foundation Foundation::of(const Manifest& manifest, RefState refs) {
  GitPart git = git_part(manifest.parts);
  return {.snapshot = manifest.snapshot,
          .refs = std::move(refs),
          .chain = std::move(git.bundles),
          .not_proved = git.not_proved,
          .lfs_pointers = git.lfs_pointers};
}

GitPart Foundation::begin(const RefState& now) const {
  return {.format = now.format,
          .head = now.head,
          .bundles = chain,
          .not_proved = not_proved,
          .lfs_pointers = lfs_pointers};
}

RepositoryWork::RepositoryWork(const BackupContext& context, const std::optional<CatalogEntry>& known,
                               std::string folder, std::stop_token stop, RepositoryResult& result)
    : context_(context),
      known_(known),
      folder_(std::move(folder)),
      stop_(std::move(stop)),
      result_(result),
      patience_(context.clock.now()) {
  if (!known_) return;
  for (const auto& snapshot : known_->newest) superseded_.push_back(snapshot.snapshot);
}

RepositoryWork::~RepositoryWork() {
  count_traffic();
}

void RepositoryWork::notice(const std::string& text) const {
  context_.observer.notice(result_.outcome.repository + ": " + text);
}

void RepositoryWork::find_newest() {
  const auto known = known_ ? known_->newest : std::vector<CatalogSnapshot>();
  NewestSnapshots found =
      find_newest_snapshots(context_.vault, folder_, known, stop_, context_.now_by_github());
  newest_ = std::move(found.readable);
  for (const auto& stored : newest_) {
    require_known(stored.manifest, read_lists(context_.vault.store(), folder_, stop_));
    superseded_.push_back(stored.manifest.snapshot);
    comes_after(stored.manifest.snapshot);
  }
  superseded_.insert(superseded_.end(), found.removed.begin(), found.removed.end());
  for (const DamagedRemoval& damaged : found.damaged_removals) {
    notice("what a run has removed is not known: " + damaged.error.message());
    lose({.key = damaged.key,
          .detail = loss_detail(damaged.error, damaged.key),
          .found_at = context_.clock.now()});
  }
  for (const DamagedSnapshot& damaged : found.damaged) {
    notice("a snapshot is damaged and left out: " + damaged.error.message());
    lose_manifest(damaged.snapshot, damaged.sha256, damaged.error);
    if (damaged.is_named) continue;
    comes_after(damaged.snapshot);
    // Without its hash it can be named by nobody; then it is still there, or nothing ever knew of it.
    if (!damaged.sha256.empty()) lost_newest_.push_back({damaged.snapshot, damaged.sha256});
  }
}

void RepositoryWork::comes_after(const SnapshotId& snapshot) {
  not_before_ = std::max(not_before_, snapshot.time() + std::chrono::seconds(1));
}

void RepositoryWork::lose(const Loss& loss) {
  add_loss(result_.outcome.losses, loss);
}

void RepositoryWork::lose_manifest(const SnapshotId& snapshot, const std::string& sha256,
                                   const Error& error) {
  lose(loss_of_manifest(folder_, snapshot, sha256, error, context_.clock.now()));
}

void RepositoryWork::lose_unreadable(const std::vector<ObjectRecord>& records) {
  for (const ObjectRecord& record : records) {
    try {
      StringSink sink;
      read_checked(context_.vault.store(), folder_, record, sink, stop_);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::corrupt && error.kind() != ErrorKind::not_found) throw;
      const ObjectKey key = resolve_key(folder_, record.key);
      lose({.key = key,
            .detail = loss_detail(error, key),
            .found_at = context_.clock.now(),
            .size = record.size,
            .sha256 = record.sha256});
    }
  }
}

std::optional<CatalogEntry> RepositoryWork::committed_unnoticed() const {
  if (newest_.size() != 1 || !lost_newest_.empty()) return std::nullopt;
  const bool noticed = known_ && known_->newest.size() == 1 &&
                       known_->newest.front().snapshot == newest_.front().manifest.snapshot;
  if (noticed) return std::nullopt;
  return entry_of(newest_.front().manifest, newest_.front().sha256);
}

CatalogEntry RepositoryWork::entry_of(const Manifest& manifest, const std::string& sha256) const {
  return hubkeep::entry_of(manifest, sha256, folder_, read_lists(context_.vault.store(), folder_, stop_));
}

void RepositoryWork::open_remote(const std::string& clone_url) {
  remote_ = context_.open_remote(clone_url);
  patience_.answered(context_.clock.now());
}

// The remote's own waits are no lost time: the server has asked for them.
template <typename Action>
auto RepositoryWork::judged(Action&& action) -> decltype(action()) {
  const auto waited = remote_->waited();
  try {
    auto result = action();
    patience_.answered(context_.clock.now());
    return result;
  } catch (const Error& error) {
    patience_.excuse(remote_->waited() - waited);
    throw Error(patience_.judge(error, context_.clock.now()));
  }
}

RefState RepositoryWork::list_refs(ObjectFormat expected, bool had_refs) {
  const auto list = [&] {
    RefState refs = retried([&] { return judged([&] { return remote_->list_refs(expected, stop_); }); });
    nameless_ = remote_->left_out();
    return refs;
  };
  const auto has_none = [&](const RefState& state) {
    return state.refs.empty() && !state.head.oid && nameless_.empty();
  };
  RefState now = list();
  if (had_refs && has_none(now)) {
    context_.clock.sleep(kSecondLook, stop_);
    now = list();
  }
  outcome().refs_vanished = had_refs && has_none(now);
  return now;
}

FetchedPack RepositoryWork::fetch(const SnapshotId& snapshot, const SnapshotId& builds_on,
                                  const FetchPlan& plan, PackArrival& arrival) {
  FetchedPack fetched = judged([&] {
    return fetch_bundle(context_.vault, folder_, snapshot, builds_on, plan.header, plan.request, *remote_,
                        context_.observer, stop_, arrival);
  });
  patience_.gained(context_.clock.now());
  Outcome& told = outcome();
  if (fetched.bundle) told.objects += fetched.bundle->objects;
  told.not_proved += fetched.not_proved;
  told.lfs_pointers_may_be_more = told.lfs_pointers_may_be_more || fetched.lfs_pointers_may_be_more;
  return fetched;
}

bool RepositoryWork::is_handed_over(const Oid& held, ObjectFormat format) {
  NullSink pack;  // of no object: the server is told that we have it
  try {
    remote_->fetch_pack({.format = format, .wants = {held}, .haves = {held}}, pack, stop_);
    return true;
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::cancelled) throw;
    return false;
  }
}

// Where two runs at once have left two: of each part the one that is whole, else the newest.
Parts RepositoryWork::parts_to_carry() const {
  Parts parts;
  for (const auto& stored : newest_)
    for (const auto& [name, part] : stored.manifest.parts)
      if (part.status() == PartStatus::ok) parts.emplace(name, part);
  for (const auto& stored : newest_) parts.insert(stored.manifest.parts.begin(), stored.manifest.parts.end());
  return parts;
}

Manifest RepositoryWork::new_manifest(const SubjectId& id, const std::string& node_id,
                                      const Listing& listing) const {
  const UtcTime now = context_.clock.now();
  Manifest manifest{.snapshot = SnapshotId::make(std::max(now, not_before_)),
                    .program = context_.program,
                    .host = context_.host,
                    .repository_id = id,
                    .node_id = node_id,
                    .listing = listing,
                    .made_at = now};
  manifest.lost = lost_;
  for (const auto& stored : newest_) manifest.previous.push_back({stored.manifest.snapshot, stored.sha256});
  manifest.previous.insert(manifest.previous.end(), lost_newest_.begin(), lost_newest_.end());
  manifest.parts = parts_to_carry();
  return manifest;
}

void RepositoryWork::commit(Manifest manifest, GitPart git, UtcTime checked_at) {
  Outcome& told = outcome();
  const std::uint64_t requests_before = told.requests;
  const ByteCount received_before = told.bytes_received;
  count_traffic();
  manifest.requests = told.requests - requests_before;
  manifest.bytes_received = told.bytes_received - received_before;
  if (told.refs_vanished) git.refs_vanished = true;
  if (!manifest.parts.contains(PartName(kGitPart)) || git_part(manifest.parts) != git)
    set_git_part(manifest.parts, git);  // else with all that a later version says of it
  const UtcTime made_at = context_.by_github(manifest.made_at ? *manifest.made_at : context_.clock.now());
  manifest.made_at.reset();
  if (is_off(time_of(manifest) - made_at)) manifest.made_at = made_at;
  const std::string sha256 = context_.vault.write_manifest(folder_, manifest);
  // Beyond this point the snapshot exists; the catalog only makes it quicker to find.
  told.kind = manifest.gone_since ? OutcomeKind::gone : OutcomeKind::saved;
  told.snapshot = manifest.snapshot;
  told.lfs_pointers = git.lfs_pointers;
  told.left_out = git.left_out;
  if (git.refs.empty() || (git.bundles.empty() && !git.head.oid)) told.detail = "empty";
  for (const Bundle& bundle : git.bundles) {
    if (bundle.snapshot == manifest.snapshot) told.bytes_stored += bundle.record.size;
  }
  CatalogEntry entry = entry_of(manifest, sha256);
  entry.refs_checked_at = checked_at;
  tell_catalog(std::move(entry), true);
  superseded_.push_back(manifest.snapshot);
  comes_after(manifest.snapshot);
  lost_newest_.clear();  // this one names them
  newest_ = {{std::move(manifest), sha256}};
}

void RepositoryWork::tell_catalog(CatalogEntry entry, bool has_new_snapshot) {
  result_.update = {.entry = std::move(entry), .supersedes = {}, .has_new_snapshot = has_new_snapshot};
  if (has_new_snapshot) result_.update->supersedes = superseded_;
}

void RepositoryWork::count_traffic() {
  if (!remote_) return;
  outcome().requests = remote_->request_count();
  outcome().bytes_received = remote_->bytes_received();
}

}  // namespace hubkeep
