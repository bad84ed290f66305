#include "backup/backup_repository.h"
#include "backup/listing_of.h"

#include <fmt/format.h>

#include <algorithm>

#include "backup/git_chain_plan.h"
#include "backup/git_freshness.h"
#include "backup/git_left_out_refs.h"
#include "backup/git_slice_plan.h"
#include "backup/git_slices.h"
#include "backup/repository_work.h"
#include "base/error.h"
#include "base/text.h"

namespace hubkeep {
namespace {

constexpr int kMaxRefRaces =
    4;  // pushes that may come between listing the refs and fetching them, in one run
constexpr std::chrono::minutes kTrustedListing{5};  // a rename within it is left to chance
constexpr int kMaxBreaks = 3;                       // of one pack, before it is fetched in slices

// What of a chain is not there as it was written: a bundle built on it could not be restored. One request of
// the store.
std::vector<Loss> lost_bundles(ObjectStore& store, const std::string& folder,
                               const std::vector<Bundle>& chain, UtcTime now) {
  std::map<ObjectKey, ByteCount> sizes;
  store.list(folder + "git/", "", [&](const ObjectInfo& object) {
    sizes.emplace(object.key, object.size);
    return true;
  });
  std::vector<Loss> losses;
  for (const Bundle& bundle : chain) {
    const ObjectKey key = resolve_key(folder, bundle.record.key);
    const auto found = sizes.find(key);
    if (found != sizes.end() && found->second == bundle.record.size) continue;
    losses.push_back({.key = key,
                      .detail = found == sizes.end() ? "is missing"
                                                     : fmt::format("has {} bytes where {} were written",
                                                                   found->second, bundle.record.size),
                      .found_at = now,
                      .size = bundle.record.size});
  }
  return losses;
}

bool have_common_object(const RefState& before, const RefState& now) {
  const OidSet known = oids_of(before);
  return std::any_of(now.refs.begin(), now.refs.end(),
                     [&](const Ref& ref) { return known.contains(ref.oid); });
}

bool needs_any(const Manifest& manifest, const std::vector<std::string>& keys) {
  const auto is_one = [&](const std::string& key) {
    return std::find(keys.begin(), keys.end(), key) != keys.end();
  };
  bool needs = is_one(manifest_key(manifest.snapshot));
  visit_named_objects(to_part(git_part(manifest.parts)),
                      [&](const ObjectRecord& record) { needs = needs || is_one(record.key); });
  return needs;
}

// The snapshot to go on from, and its refs.
struct Base {
  Manifest manifest;
  std::string sha256;
  GitPart git;
  RefState refs;

  bool is_settled() const { return has_settled_history(manifest.parts); }
};

class RepositoryBackup {
 public:
  RepositoryBackup(RepositoryWork& work, const RepositoryOptions& options) : work_(work), options_(options) {}

  void run(const Repository& repository, const std::optional<CatalogEntry>& known) {
    const Listing listing = listing_of(repository);
    if (!is_repair() && known && is_unchanged(*known, listing)) return;
    if (repository.is_disabled)
      throw Error(ErrorKind::forbidden, "GitHub has disabled access to this repository");

    work_.find_newest();
    // Beyond this point newest() is what the vault really holds, whatever the catalog knew.
    if (const auto entry = work_.committed_unnoticed();
        !is_repair() && entry && is_unchanged(*entry, listing)) {
      work_.outcome().detail = "found the snapshot of a run that was interrupted";
      tell_what_is_kept(git_part(work_.newest().front().manifest.parts));
      return work_.tell_catalog(*entry, true);
    }
    base_ = readable_base();
    const bool had_refs = base_ && (!base_->refs.refs.empty() || base_->refs.head.oid);
    if (base_ && needs_any(base_->manifest, work_.lost())) {
      begin_anew("it needs what verify found lost or damaged");
      base_.reset();
    }
    if (base_ && needs_any(base_->manifest, options_.given_up)) {
      begin_anew("it needs what a repair gave up as lost");
      base_.reset();
    }
    // Beyond this point what there is to build on can be read; nothing means that all is fetched anew.
    work_.open_remote(repository.clone_url);
    UtcTime checked_at = work_.context().now_by_github();
    const bool asks_for_all = !base_ || is_asked_again(*base_, known);
    Manifest manifest = work_.new_manifest(repository.id, repository.node_id, listing);
    GitPart git;
    for (int race = 1;; ++race) {
      const RefState now = work_.list_refs(base_ ? base_->refs.format : ObjectFormat::sha1, had_refs);
      if (!asks_for_all) {
        auto refused = refusals_of(base_->git.left_out, now);
        if (!refused.empty() && known) checked_at = known->refs_checked_at;  // these were asked for then
        refused_.merge(refused);
      }
      if (base_ && is_as_before(*base_, listing, now)) return looked(*base_, listing, checked_at);
      require_same(repository, listing, now);
      SliceStart start;
      start.repository = repository;
      start.listing = listing;
      start.checked_at = checked_at;
      if (options_.in_slices) return save_in_slices(std::move(start), now, last_foundation(now));
      PackArrival arrival;
      try {
        git = save_git(now, manifest.snapshot, arrival);
        break;
      } catch (const Error& error) {
        if (not_there_.is_any() || is_cause_for_slices(error, arrival))
          return save_in_slices(std::move(start), now, std::move(last_), &error);
        // A ref moved between the two requests and the server has forgotten its old object: list again.
        if (error.kind() != ErrorKind::not_found || race >= kMaxRefRaces) throw;
        work_.context().observer.retrying({.repository = work_.outcome().repository}, error, {});
      }
    }
    // Beyond this point bundle and refs object exist, but nothing refers to them yet.
    work_.commit(std::move(manifest), std::move(git), checked_at);
  }

  void run_gone(const CatalogEntry& entry) {
    work_.find_newest();
    const auto base = base_manifest();
    if (!base)
      return mark_as_it_is(
          entry, entry.newest.empty() ? "only zips of it are kept" : "no snapshot of it can be read");
    Manifest manifest = work_.new_manifest(entry.id, entry.node_id, entry.listing);
    manifest.gone_since = work_.context().clock.now();
    work_.commit(std::move(manifest), git_part(base->manifest.parts), entry.refs_checked_at);
  }

 private:
  bool is_cause_for_slices(const Error& error, const PackArrival& arrival) const {
    if (work_.patience().is_over()) return false;
    const bool is_worth_less = error.kind() == ErrorKind::transient || error.kind() == ErrorKind::gave_up;
    return may_be_few_refs(error) || (is_worth_less && arrival.broke());
  }

  bool may_be_few_refs(const Error& error) const {
    const bool is_believed =
        work_.patience().believes(error) || work_.context().retries.max_attempts < kTimesToBelieve;
    return error.kind() == ErrorKind::gave_up && is_believed;
  }

  // What could not be had is asked for again as often as refs are compared that seem unchanged.
  bool is_asked_again(const Base& base, const std::optional<CatalogEntry>& known) const {
    const BackupContext& context = work_.context();
    const bool is_known =
        known && !known->newest.empty() && known->newest.front().snapshot == base.manifest.snapshot;
    const UtcTime asked_at = is_known ? known->refs_checked_at : time_of(base.manifest);
    return is_repair() ||
           is_due(asked_at, context.now_by_github(), context.recheck, base.manifest.repository_id.number());
  }

  // Git names a repository by its name alone, and that may be another's by now.
  void require_same(const Repository& repository, const Listing& listing, const RefState& now) const {
    const UtcTime now_here = work_.context().clock.now();
    const UtcTime latest = std::max(now_here, work_.context().now_by_github());  // a clock may be behind
    const bool is_just_listed = latest - listing.listed_at < kTrustedListing;
    if (is_just_listed || !options_.name_now || (base_ && have_common_object(base_->refs, now))) return;
    const auto name = options_.name_now();
    if (name && equals_ignoring_case(*name, repository.full_name)) return;  // its history was written anew
    if (!name) throw Error(ErrorKind::not_found, "it is gone from GitHub, or hidden, since it was listed");
    throw Error(ErrorKind::transient,
                fmt::format("it has become {} since it was listed: the next run takes it from there",
                            printable(*name)));
  }

  // Without a snapshot that could be followed, it is the catalog alone that says so.
  void mark_as_it_is(CatalogEntry entry, std::string_view detail) {
    entry.gone_since = work_.context().clock.now();
    work_.outcome().kind = OutcomeKind::gone;
    work_.outcome().detail = detail;
    work_.tell_catalog(std::move(entry), false);
  }

  bool is_repair() const { return !work_.lost().empty(); }

  bool is_unchanged(const CatalogEntry& entry, const Listing& listing) {
    const Freshness freshness =
        judge_freshness(entry, listing, work_.context().now_by_github(), work_.context().recheck);
    if (freshness != Freshness::unchanged) work_.outcome().detail = to_string(freshness);
    return freshness == Freshness::unchanged;
  }

  // The newest snapshot whose git part is whole, else the newest: what the next one goes on from.
  std::optional<StoredManifest> base_manifest() const {
    const auto& newest = work_.newest();
    const auto whole = std::find_if(newest.begin(), newest.end(), [](const auto& s) {
      return status_of(statuses_of(s.manifest.parts), kGitPart) == PartStatus::ok;
    });
    if (whole != newest.end()) return *whole;
    return newest.empty() ? std::nullopt : std::optional(newest.front());
  }

  RefState read_refs(const Manifest& manifest) const {
    return work_.context().vault.read_ref_state(work_.folder(), git_part(manifest.parts), work_.stop());
  }

  // Nothing when its refs are lost or damaged: then the next snapshot stands on its own.
  std::optional<Base> readable_base() const {
    auto stored = base_manifest();
    if (!stored) return std::nullopt;
    try {
      RefState refs = read_refs(stored->manifest);
      GitPart git = git_part(stored->manifest.parts);
      return Base{std::move(stored->manifest), std::move(stored->sha256), std::move(git), std::move(refs)};
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::not_found && error.kind() != ErrorKind::corrupt) throw;
      begin_anew(error.message());
      work_.lose_unreadable(git_part(stored->manifest.parts).refs);
      return std::nullopt;
    }
  }

  void begin_anew(const std::string& reason) const {
    work_.notice("the last snapshot cannot be built upon, everything is fetched again: " + reason);
  }

  // But for what is refused, and was before. A push that left all refs as they were is no change.
  bool is_as_before(const Base& base, const Listing& listing, const RefState& now) const {
    return !is_repair() && work_.newest().size() == 1 && work_.lost_newest().empty() && base.is_settled() &&
           !base.manifest.gone_since && !is_described_otherwise(base.manifest.listing, listing) &&
           base.refs == without_refused(now, base.refs, refused_) &&
           base.git.left_out == left_out_of(now, refused_, work_.nameless());
  }

  // Of a run that was interrupted nobody was told.
  void tell_what_is_kept(const GitPart& git) {
    work_.outcome().lfs_pointers = git.lfs_pointers;
    work_.outcome().left_out = git.left_out;
    if (work_.committed_unnoticed() && git.refs_vanished) work_.outcome().refs_vanished = true;
  }

  // The refs are the same: the catalog remembers the listing, nothing else is written.
  void looked(const Base& base, const Listing& listing, UtcTime checked_at) {
    tell_what_is_kept(base.git);
    CatalogEntry entry = work_.entry_of(base.manifest, base.sha256);
    entry.listing = listing;
    entry.refs_checked_at = checked_at;
    work_.tell_catalog(std::move(entry), work_.committed_unnoticed().has_value());
  }

  void name_left_out(GitPart& git, const RefState& listed) const {
    git.left_out = left_out_of(listed, refused_, work_.nameless());
    git.status = git.left_out.empty() ? PartStatus::ok : PartStatus::partial;
    git.lacks_others = cut_left_out(git.left_out);
  }

  GitPart save_git(const RefState& listed, const SnapshotId& snapshot, PackArrival& arrival) {
    if (base_ && base_->is_settled() && base_->refs == without_refused(listed, base_->refs, refused_)) {
      GitPart git = base_->git;
      name_left_out(git, listed);
      return git;
    }
    last_ = last_foundation(listed);
    const RefState now = without_refused(listed, last_.refs, refused_);
    const Foundation foundation = shortened(last_, now == listed);
    const FetchPlan plan = plan_fetch(foundation.refs, now);
    GitPart git = foundation.begin(now);
    name_left_out(git, listed);
    if (!plan.request.wants.empty()) fetch_whole(snapshot, foundation.snapshot, plan, arrival).add_to(git);
    // Beyond this point all that was asked for is in the chain; refs come next, because they name objects.
    const auto stored = base_ ? std::optional(StoredRefs{base_->git.refs, base_->refs}) : std::nullopt;
    git.refs = store_refs(work_.context().vault, work_.folder(), snapshot, stored, now, work_.stop());
    return git;
  }

  // A large pack that broke a few times will break again: then slices are worth more than further attempts.
  FetchedPack fetch_whole(const SnapshotId& snapshot, const SnapshotId& builds_on, const FetchPlan& plan,
                          PackArrival& arrival) {
    std::optional<Error> broken;
    int breaks = 0;
    const FetchedPack fetched = work_.retried([&]() -> FetchedPack {
      try {
        return work_.fetch(snapshot, builds_on, plan, arrival);
      } catch (const Error& error) {
        if (const auto lost = not_there_.believed(error, plan.request.wants))
          refused_.emplace(*lost, error.message());
        if (error.kind() != ErrorKind::transient || !arrival.broke() || ++breaks < kMaxBreaks) throw;
        broken = error;
        return {};
      }
    });
    if (broken) throw Error(*broken);
    return fetched;
  }

  // The last snapshot with its chain; nothing where that cannot be built upon.
  Foundation last_foundation(const RefState& now) const {
    if (!base_ || base_->refs.format != now.format) return {};
    const GitPart& git = base_->git;
    if (git.bundles.empty()) return {};  // nothing was ever there
    const BackupContext& context = work_.context();
    const auto lost = lost_bundles(context.vault.store(), work_.folder(), git.bundles, context.clock.now());
    for (const Loss& loss : lost) work_.lose(loss);
    if (!lost.empty()) {
      begin_anew(lost.front().key + " " + lost.front().detail);
      return {};
    }
    return Foundation::of(base_->manifest, base_->refs);
  }

  // An older snapshot when the chain has grown long; but not amid slices, what came must not come again, and
  // not while a ref stays at a value that the server lists no longer.
  Foundation shortened(const Foundation& last, bool is_as_listed) const {
    if (!base_ || !base_->is_settled() || !is_as_listed || last.chain.empty()) return last;
    std::vector<ByteCount> sizes;
    sizes.reserve(last.chain.size());
    for (const Bundle& bundle : last.chain) sizes.push_back(bundle.record.size);
    const std::size_t keep = skip_removed(last.chain, bundles_to_keep(sizes));
    if (keep == sizes.size()) return last;
    if (keep == 0) return {};
    const SnapshotId& older = last.chain[keep - 1].snapshot;
    std::optional<Manifest> manifest;
    try {
      manifest = work_.context().vault.read_manifest(work_.folder(), older, {}, work_.stop()).manifest;
      return Foundation::of(*manifest, read_refs(*manifest));
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::not_found && error.kind() != ErrorKind::corrupt) throw;
      work_.notice("its chain stays long: " + error.message());
      if (manifest)
        work_.lose_unreadable(git_part(manifest->parts).refs);
      else
        work_.lose_manifest(older, "", error);
      return last;
    }
  }

  // The snapshot of the last bundle that is kept gives the haves: where it was removed, more are kept.
  std::size_t skip_removed(const std::vector<Bundle>& chain, std::size_t keep) const {
    if (keep == 0 || keep == chain.size()) return keep;
    const Removals removals = read_removals(work_.context().vault, work_.folder(), work_.stop());
    while (keep < chain.size() && removals.contains(chain[keep - 1].snapshot)) ++keep;
    return keep;
  }

  // From the last snapshot, however long its chain: the smallest fetch is the likeliest to arrive.
  void save_in_slices(SliceStart start, const RefState& now, Foundation foundation,
                      const Error* cause = nullptr) {
    start.foundation = std::move(foundation);
    start.refused = refused_;
    start.is_refused = not_there_.is_any() || (cause != nullptr && may_be_few_refs(*cause));
    start.not_there = not_there_;
    if (cause != nullptr)
      work_.notice((not_there_.is_any() ? "the server lacks what it lists, so it is fetched in slices: "
                    : start.is_refused  ? "the server gives up on its pack, so it is fetched in slices: "
                                        : "the connection breaks in its pack, so it is fetched in slices: ") +
                   cause->message());
    if (base_) {
      start.stored = base_->git;
      start.stored_state = base_->refs;
    }
    const UtcTime checked_at = start.checked_at;
    const Listing listing = start.listing;
    if (!back_up_in_slices(work_, std::move(start), now) && base_) return looked(*base_, listing, checked_at);
    work_.outcome().detail = "fetched in slices";
  }

  RepositoryWork& work_;
  const RepositoryOptions& options_;
  std::optional<Base> base_;
  Foundation last_;
  Refusals refused_;
  ObjectsNotThere not_there_;
};

}  // namespace

void backup_repository(const BackupContext& context, const Repository& repository,
                       const std::optional<CatalogEntry>& known, const std::stop_token& stop,
                       RepositoryResult& result, const RepositoryOptions& options) {
  const std::string folder =
      known ? known->folder
            : repository_folder(context.host, repository.owner, repository.name, repository.id);
  RepositoryWork work(context, known, folder, stop, result);
  work.set_lost(options.lost);
  RepositoryBackup(work, options).run(repository, known);
}

void mark_gone(const BackupContext& context, const CatalogEntry& known, const std::stop_token& stop,
               RepositoryResult& result) {
  const std::optional entry = known;
  RepositoryWork work(context, entry, known.folder, stop, result);
  const RepositoryOptions options;
  RepositoryBackup(work, options).run_gone(known);
}

}  // namespace hubkeep
