#include "backup/backup_repository.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "backup/chain_plan.h"
#include "backup/fetch_plan.h"
#include "backup/snapshot_writer.h"
#include "backup/unchanged.h"
#include "base/error.h"
#include "base/text.h"

namespace hubkeep {
namespace {

constexpr int kMaxRefRaces =
    4;  // pushes that may come between listing the refs and fetching them, in one run

// What the next bundle builds on: nothing for a base.
struct Foundation {
  SnapshotId snapshot;
  std::optional<RefState> refs;
  std::vector<Bundle> chain;
};

// What of a chain is not there as it was written, if anything: a bundle built on it could not be restored.
// One request of the store.
std::optional<std::string> first_lost(ObjectStore& store, const std::string& folder,
                                      const std::vector<Bundle>& chain) {
  std::map<ObjectKey, ByteCount> sizes;
  store.list(folder + "git/", "", [&](const ObjectInfo& object) {
    sizes.emplace(object.key, object.size);
    return true;
  });
  for (const Bundle& bundle : chain) {
    const ObjectKey key = resolve_key(folder, bundle.record.key);
    const auto found = sizes.find(key);
    if (found == sizes.end()) return key + " is missing";
    if (found->second != bundle.record.size)
      return fmt::format("{} has {} bytes where {} were written", key, found->second, bundle.record.size);
  }
  return std::nullopt;
}

class RepositoryBackup {
 public:
  RepositoryBackup(const BackupContext& context, std::int64_t id, std::string name,
                   const std::optional<CatalogEntry>& known, std::string folder, std::stop_token stop)
      : context_(context), known_(known), folder_(std::move(folder)), stop_(std::move(stop)) {
    outcome_.repository = std::move(name);
    outcome_.id = id;
  }

  RepositoryResult run(const Repository& repository) {
    const Listing listing = Listing::of(repository);
    if (known_ && is_unchanged(*known_, listing)) return {std::move(outcome_), std::nullopt};
    if (repository.is_disabled)
      throw Error(ErrorKind::forbidden, "GitHub has disabled access to this repository");

    find_newest();
    // Beyond this point newest_ is what the vault really holds, whatever the catalog knew.
    if (const auto entry = committed_unnoticed(); entry && is_unchanged(*entry, listing)) {
      outcome_.detail = "found the snapshot of a run that was interrupted";
      return {std::move(outcome_), update_of(*entry, true)};
    }
    auto base = base_manifest();
    const auto before = base ? readable_refs(base->manifest) : std::nullopt;
    if (!before) base.reset();
    // Beyond this point what there is to build on can be read; nothing means that all is fetched anew.
    remote_ = context_.open_remote(repository.clone_url);
    const UtcTime checked_at = context_.clock.now();
    Manifest manifest = new_manifest(repository.id, repository.node_id, listing);
    for (int race = 1;; ++race) {
      const RefState now = list_refs(before);
      if (base && before && is_as_before(base->manifest, listing, *before, now))
        return looked(base->manifest, listing, checked_at);
      try {
        manifest.git = save_git(base, before, now, manifest.snapshot);
        break;
      } catch (const Error& error) {
        // A ref moved between the two requests and the server has forgotten its old object: list again.
        if (error.kind() != ErrorKind::not_found || race >= kMaxRefRaces) throw;
        context_.observer.retrying(outcome_.repository, error, {});
      }
    }
    // Beyond this point bundle and refs object exist, but nothing refers to them yet.
    return commit(std::move(manifest), checked_at);
  }

  RepositoryResult run_gone(const CatalogEntry& entry) {
    find_newest();
    const auto base = base_manifest();
    if (!base) throw Error(ErrorKind::corrupt, "no snapshot of it can be read");
    Manifest manifest = new_manifest(entry.id, entry.node_id, entry.listing);
    manifest.git = base->manifest.git;
    manifest.gone_since = context_.clock.now();
    outcome_.kind = OutcomeKind::gone;
    return commit(std::move(manifest), entry.refs_checked_at);
  }

 private:
  bool is_unchanged(const CatalogEntry& entry, const Listing& listing) {
    const Freshness freshness = judge_freshness(entry, listing, context_.clock.now(), context_.recheck);
    if (freshness != Freshness::unchanged) outcome_.detail = to_string(freshness);
    return freshness == Freshness::unchanged;
  }

  void find_newest() {
    const auto known = known_ ? known_->newest : std::vector<CatalogSnapshot>();
    const auto notice = [this](const std::string& text) {
      context_.observer.notice(outcome_.repository + ": " + text);
    };
    newest_ = find_newest_snapshots(context_.vault, folder_, known, notice, stop_);
  }

  // The entry of a snapshot that a run has committed without telling the catalog.
  std::optional<CatalogEntry> committed_unnoticed() const {
    if (newest_.size() != 1) return std::nullopt;
    const bool noticed = known_ && known_->newest.size() == 1 &&
                         known_->newest.front().snapshot == newest_.front().manifest.snapshot;
    if (noticed) return std::nullopt;
    return entry_of(newest_.front().manifest, newest_.front().sha256, folder_);
  }

  // The newest snapshot whose git part is whole, else the newest: what the next one goes on from.
  std::optional<StoredManifest> base_manifest() const {
    const auto whole = std::find_if(newest_.begin(), newest_.end(),
                                    [](const auto& s) { return s.manifest.git.status == PartStatus::ok; });
    if (whole != newest_.end()) return *whole;
    return newest_.empty() ? std::nullopt : std::optional(newest_.front());
  }

  RefState read_refs(const Manifest& manifest) const {
    return context_.vault.read_ref_state(folder_, manifest.git, stop_);
  }

  // Nothing when they are lost or damaged: then the next snapshot stands on its own.
  std::optional<RefState> readable_refs(const Manifest& manifest) const {
    try {
      return read_refs(manifest);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::not_found && error.kind() != ErrorKind::corrupt) throw;
      begin_anew(error.message());
      return std::nullopt;
    }
  }

  void begin_anew(const std::string& reason) const {
    context_.observer.notice(
        fmt::format("{}: the last snapshot cannot be built upon, everything is fetched again: {}",
                    outcome_.repository, reason));
  }

  Manifest new_manifest(std::int64_t id, const std::string& node_id, const Listing& listing) const {
    UtcTime time = context_.clock.now();
    for (const auto& stored : newest_)
      time = std::max(time, stored.manifest.snapshot.time() + std::chrono::seconds(1));
    Manifest manifest{.snapshot = SnapshotId::make(time),
                      .program = context_.program,
                      .host = context_.host,
                      .repository_id = id,
                      .node_id = node_id,
                      .listing = listing};
    for (const auto& stored : newest_) manifest.previous.push_back({stored.manifest.snapshot, stored.sha256});
    return manifest;
  }

  template <typename Action>
  auto retried(Action&& action) -> decltype(action()) {
    const auto tell = [this](const Error& error, std::chrono::milliseconds wait) {
      context_.observer.retrying(outcome_.repository, error, wait);
    };
    return with_retries(context_.retries, context_.clock, stop_, tell, std::forward<Action>(action));
  }

  RefState list_refs(const std::optional<RefState>& before) {
    const ObjectFormat expected = before ? before->format : ObjectFormat::sha1;
    return retried([&] { return remote_->list_refs(expected, stop_); });
  }

  bool is_as_before(const Manifest& base, const Listing& listing, const RefState& before,
                    const RefState& now) const {
    Listing pushed = base.listing;  // a push that left all refs as they were is no change
    pushed.pushed_at = listing.pushed_at;
    return newest_.size() == 1 && base.git.status == PartStatus::ok && !base.gone_since &&
           pushed.says_the_same_as(listing) && before == now;
  }

  // The refs are the same: the catalog remembers the listing, nothing else is written.
  RepositoryResult looked(const Manifest& base, const Listing& listing, UtcTime checked_at) {
    count_traffic();
    CatalogEntry entry = entry_of(base, newest_.front().sha256, folder_);
    entry.listing = listing;
    entry.refs_checked_at = checked_at;
    const bool unnoticed = committed_unnoticed().has_value();
    return {std::move(outcome_), update_of(std::move(entry), unnoticed)};
  }

  GitPart save_git(const std::optional<StoredManifest>& base, const std::optional<RefState>& before,
                   const RefState& now, const SnapshotId& snapshot) {
    if (base && base->manifest.git.status == PartStatus::ok && before == now) return base->manifest.git;
    const Foundation foundation = choose_foundation(base, before, now);
    const FetchPlan plan = plan_fetch(foundation.refs, now);
    GitPart git{.format = now.format, .head = now.head, .bundles = foundation.chain};
    if (!plan.request.wants.empty()) {
      const auto bundle = retried([&] {
        return fetch_bundle(context_.vault, folder_, snapshot, foundation.snapshot, plan.header, plan.request,
                            *remote_, context_.observer, stop_);
      });
      if (bundle) git.bundles.push_back(*bundle);
      outcome_.objects = bundle ? bundle->objects : 0;
    }
    // Beyond this point every object of `now` is in the chain; refs come next, because they name objects.
    const auto stored =
        base && before ? std::optional(StoredRefs{base->manifest.git.refs, *before}) : std::nullopt;
    git.refs = store_refs(context_.vault, folder_, snapshot, stored, now, stop_);
    return git;
  }

  // Usually the last snapshot with its chain; an older one when the chain has grown long.
  Foundation choose_foundation(const std::optional<StoredManifest>& base,
                               const std::optional<RefState>& before, const RefState& now) {
    if (!base || !before || before->format != now.format) return {};
    Foundation last{.snapshot = base->manifest.snapshot, .refs = before, .chain = base->manifest.git.bundles};
    std::vector<ByteCount> sizes;
    sizes.reserve(last.chain.size());
    for (const Bundle& bundle : last.chain) sizes.push_back(bundle.record.size);
    const std::size_t keep = bundles_to_keep(sizes);
    if (keep == 0) return {};
    if (const auto lost = first_lost(context_.vault.store(), folder_, last.chain)) {
      begin_anew(*lost);
      return {};
    }
    if (keep == sizes.size()) return last;
    const SnapshotId& older = last.chain[keep - 1].snapshot;
    try {
      const Manifest manifest = context_.vault.read_manifest(folder_, older, {}, stop_).manifest;
      return {.snapshot = older, .refs = read_refs(manifest), .chain = manifest.git.bundles};
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::not_found && error.kind() != ErrorKind::corrupt) throw;
      context_.observer.notice(
          fmt::format("{}: its chain stays long: {}", outcome_.repository, error.message()));
      return last;
    }
  }

  RepositoryResult commit(Manifest manifest, UtcTime checked_at) {
    count_traffic();
    manifest.requests = outcome_.requests;
    manifest.bytes_received = outcome_.bytes_received;
    const std::string sha256 = context_.vault.write_manifest(folder_, manifest);
    // Beyond this point the snapshot exists; the catalog only makes it quicker to find.
    if (outcome_.kind != OutcomeKind::gone) outcome_.kind = OutcomeKind::saved;
    outcome_.snapshot = manifest.snapshot;
    if (manifest.git.refs.empty() || (manifest.git.bundles.empty() && !manifest.git.head.oid))
      outcome_.detail = "empty";
    for (const Bundle& bundle : manifest.git.bundles) {
      if (bundle.snapshot == manifest.snapshot) outcome_.bytes_stored += bundle.record.size;
    }
    CatalogEntry entry = entry_of(manifest, sha256, folder_);
    entry.refs_checked_at = checked_at;
    return {std::move(outcome_), update_of(std::move(entry), true)};
  }

  CatalogUpdate update_of(CatalogEntry entry, bool has_new_snapshot) const {
    CatalogUpdate update{.entry = std::move(entry), .has_new_snapshot = has_new_snapshot};
    if (!has_new_snapshot) return update;
    for (const auto& stored : newest_) update.supersedes.push_back(stored.manifest.snapshot);
    if (known_) {
      for (const auto& snapshot : known_->newest) update.supersedes.push_back(snapshot.snapshot);
    }
    return update;
  }

  void count_traffic() {
    if (!remote_) return;
    outcome_.requests = remote_->request_count();
    outcome_.bytes_received = remote_->bytes_received();
  }

  const BackupContext& context_;
  const std::optional<CatalogEntry>& known_;
  const std::string folder_;
  const std::stop_token stop_;
  Outcome outcome_;
  std::vector<StoredManifest> newest_;  // usually one; two after two runs at once
  std::unique_ptr<GitRemote> remote_;
};

}  // namespace

RepositoryResult backup_repository(const BackupContext& context, const Repository& repository,
                                   const std::optional<CatalogEntry>& known, const std::stop_token& stop) {
  const std::string folder =
      known ? known->folder
            : repository_folder(context.host, repository.owner, repository.name, repository.id);
  return RepositoryBackup(context, repository.id, repository.full_name, known, folder, stop).run(repository);
}

RepositoryResult mark_gone(const BackupContext& context, const CatalogEntry& known,
                           const std::stop_token& stop) {
  return RepositoryBackup(context, known.id, known.listing.full_name, known, known.folder, stop)
      .run_gone(known);
}

}  // namespace hubkeep
