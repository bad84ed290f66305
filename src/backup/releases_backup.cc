// Nothing of the API says that a release has changed. What tells of it: a push, since releases come with
// tags, and for some days after one, since files come after tags; the probe, which sees the newest release of
// every repository; and now and then a look all the same. Where the list is due and did not change, GitHub
// says so by its ETag as long as nobody has downloaded anything meanwhile; else the releases are compared
// here.
//
// Assets come after the list. Before much of them is fetched, what is known is committed, so that whoever
// kills the run does not lose the history with it. One that GitHub lists and does not have is asked for again
// once a day; one that a run did not come to, by the next run.
#include "backup/releases_backup.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <span>
#include <utility>

#include "backup/another_day.h"
#include "backup/asset_fetch.h"
#include "backup/lost_objects.h"
#include "backup/part_place.h"
#include "backup/releases_listing.h"
#include "backup/repository_work.h"
#include "base/caught_error.h"
#include "base/json.h"
#include "base/text.h"
#include "github/attachment_urls.h"
#include "github/probe.h"
#include "vault/object_list.h"

namespace hubkeep {
namespace {

// Builds upload their files after the tag was pushed, some of them by hand.
constexpr std::chrono::hours kFilesComeWithin{3 * 24};
constexpr ByteCount kWorthACommit = ByteCount{16} << 20;
constexpr std::size_t kFetchedAtOnce = 1000;   // what comes of each is held until all of these have come
constexpr ByteCount kMemoryOfAnAsset = 1'024;  // what GitHub says of it, and its line

bool was_pushed_lately(const Listing& listing) {
  const auto pushed = parse_time(listing.pushed_at.value_or(""));
  return pushed && listing.listed_at - *pushed < kFilesComeWithin;
}

bool was_pushed_since(const Listing& before, const Listing& now) {
  return before.pushed_at && now.pushed_at && *before.pushed_at != *now.pushed_at;
}

// Where it is known for the first time, there is nothing to compare it with.
bool has_probe_changed(const Listing& before, const Listing& now) {
  return now.releases && before.releases != now.releases;
}

bool has_none(const Listing& listing) {
  return listing.releases == kNoReleases;
}

bool is_incomplete(const PartStatus& status) {
  return status != PartStatus::ok && status != PartStatus::partial && status != PartStatus::absent &&
         status != PartStatus::gone && status != PartStatus::not_permitted;
}

// What is there already, as far as it can be read.
struct ReleasesBefore {
  std::optional<Part> part;
  ReleasesPart releases;
  ReleasesCursor cursor;
  ListLines lines;
  ListLines lost;          // which a repair replaces
  bool is_usable = false;  // it can be read, and no repair misses anything of it
};

// The next state of the part, while it is made.
struct ReleasesNow {
  ReleasesPart releases;
  ReleasesCursor cursor;
  ListLines lines;
  std::vector<ReleaseAsset> to_fetch;
  std::set<AssetId> damaged;  // of these, what the vault has other bytes of
};

class ReleasesSave {
 public:
  ReleasesSave(RepositoryWork& work, PartPlace place) : work_(work), place_(std::move(place)) {}

  PartResult run(const std::optional<PartBefore>& before) {
    checked_at_ = work_.context().now_by_github();
    if (!before && !was_ever_asked() && has_none(work_.listing()))
      return nothing_new(PartOutcomeKind::absent);
    read(before);
    asks_for_all_ = is_time_for_all();
    ReleasesListing listing = list();
    const auto memory = reserve(std::max(listing.assets.size(), before_.lines.size()));
    const bool is_unchanged = listing.end.is_unchanged;
    if (is_unchanged && before_.cursor.lacking.empty() && is_whole_before())
      return nothing_new(PartOutcomeKind::unchanged);
    if (!is_unchanged && listing.hashes.empty() && !before_.part) return nothing_new(PartOutcomeKind::absent);
    ReleasesNow now = is_unchanged ? as_before() : after(listing);
    // Beyond this point the document is in the vault, and what is open are assets.
    take_what_is_there(now);
    commit_before_much_is_fetched(now);
    const auto error = fetch(now);
    return result_of(std::move(now), error);
  }

  /// Also after an Error.
  PartOutcome told() const { return outcome_; }
  UtcTime checked_at() const { return checked_at_; }

 private:
  bool was_ever_asked() const {
    return work_.known() != nullptr && work_.known()->checked.contains(place_.name);
  }

  bool is_time_for_all() const {
    if (!was_ever_asked() || work_.is_repair()) return true;
    const UtcTime asked_at = work_.known()->checked.at(place_.name);
    const bool has_failed = before_.part && before_.part->status() == PartStatus::failed;
    return has_failed || is_another_day(asked_at, checked_at_, work_.id().spread());
  }

  // Nothing is asked of GitHub for what nobody has uploaded.
  bool is_due(const LackingAsset& lacking) const {
    return asks_for_all_ || lacking.why == AssetLack::pending || lacking.why == AssetLack::not_uploaded;
  }

  // A failure, or what was forbidden, is over only when a snapshot says so.
  bool is_whole_before() const { return before_.part && before_.part->status() == PartStatus::ok; }

  PartResult nothing_new(PartOutcomeKind kind) {
    outcome_.kind = kind;
    return {.part = {}, .outcome = outcome_, .checked_at = checked_at_};
  }

  // Where the state cannot be read, releases are written anew, and assets are found by their keys.
  void read(const std::optional<PartBefore>& before) {
    if (!before) return;
    const auto error = caught_error([&] { read_state(before->part); });
    if (error) {
      if (error->kind() != ErrorKind::corrupt && error->kind() != ErrorKind::not_found) throw Error(*error);
      work_.notice(
          "what the last run remembered of its releases cannot be used, so all of them are asked for "
          "again: " +
          error->message());
      before_ = {};
    }
    before_.part = before->part;
    before_.is_usable = !error;
  }

  void read_state(const Part& part) {
    VaultObjects& objects = work_.context().vault.objects();
    visit_named_objects(part, [&](const ObjectRecord& record) {
      if (is_lost(record, work_)) throw Error(ErrorKind::not_found, record.key + " is lost");
    });
    before_.releases = releases_part(part);
    if (before_.releases.cursor)
      before_.cursor = read_releases_cursor(objects, work_.folder(), *before_.releases.cursor, work_.stop());
    before_.lines =
        read_list_lines(before_.releases.objects, read_lists(objects, work_.folder(), work_.stop()));
    forget_lost();
  }

  // What is as it should be stays, whatever was found before.
  void forget_lost() {
    for (const std::string& key : work_.options().lost) {
      const auto known = before_.lines.find(key);
      if (known != before_.lines.end() && is_lost(record_of(known->second), work_))
        before_.lost.insert(before_.lines.extract(known));
    }
  }

  ReleasesListing list() {
    ReleaseQuestion question{.repository = work_.id().number(), .per_page = before_.releases.per_page};
    if (before_.is_usable && !work_.is_repair()) question.etag = before_.releases.etag;
    const GitHubPlaces places = work_.context().github.api().places();
    ReleasesListing listing = read_releases(
        work_, question, place_.record_key(work_.snapshot(), ".jsonl.zst"), [&](const std::string& body) {
          for (std::string& url : find_attachments(body, places)) work_.note_attachment(std::move(url));
        });
    outcome_.requests += listing.end.requests;
    outcome_.bytes_received += listing.end.bytes;
    return listing;
  }

  // Only what was lacking is asked for, where it is time.
  ReleasesNow as_before() {
    ReleasesNow now{
        .releases = before_.releases, .cursor = before_.cursor, .lines = std::move(before_.lines)};
    for (const auto& [id, lacking] : before_.cursor.lacking)
      if (is_due(lacking)) now.to_fetch.push_back(lacking.asset);
    return now;
  }

  // Where nothing is news, all stays as it was, its ETag included: a part that changes makes a snapshot.
  ReleasesNow after(ReleasesListing& listing) {
    ReleasesNow now{.releases = before_.releases};
    now.cursor.hashes = std::move(listing.hashes);
    const bool is_same = before_.is_usable && before_.cursor.hashes == now.cursor.hashes &&
                         now.releases.is_cut_by_limit == listing.end.is_cut_by_limit;
    if (!is_same) take_document(listing, now);
    for (ReleaseAsset& asset : listing.assets) {
      const std::string key = asset_key(asset.id);
      if (now.lines.contains(key)) continue;
      const auto known = before_.lines.find(key);
      if (known != before_.lines.end())
        keep_on(now, asset, before_.lines.extract(known));
      else if (const LackingAsset* const lacking = still_lacking(asset))
        now.cursor.lacking.emplace(asset.id, *lacking);
      else
        now.to_fetch.push_back(std::move(asset));
    }
    before_.lines.clear();
    listing.assets = {};
    return now;
  }

  // There may be a hundred thousand: no line stands in memory twice.
  static void keep_on(ReleasesNow& now, const ReleaseAsset& asset, ListLines::node_type line) {
    line.mapped() = asset_line(asset, record_of(line.mapped()));
    now.lines.insert(std::move(line));
  }

  const LackingAsset* still_lacking(const ReleaseAsset& asset) const {
    const auto before = before_.cursor.lacking.find(asset.id);
    const bool is_so =
        before != before_.cursor.lacking.end() && before->second.asset == asset && !is_due(before->second);
    return is_so ? &before->second : nullptr;
  }

  void take_document(ReleasesListing& listing, ReleasesNow& now) {
    now.releases.releases = now.cursor.hashes.size();
    now.releases.etag = listing.end.etag;
    now.releases.per_page = listing.end.per_page;
    now.releases.is_cut_by_limit = listing.end.is_cut_by_limit;
    now.releases.documents.clear();
    if (!listing.document) return;
    now.releases.documents.push_back(listing.document->commit());
    outcome_.bytes_stored += now.releases.documents.front().size;
  }

  // Nobody else takes it meanwhile. Of a usual list it is less than a job has anyway.
  std::optional<MemoryBudget::Lease> reserve(std::size_t assets) const {
    MemoryBudget* const memory = work_.context().proof.memory;
    const ByteCount needed = assets * kMemoryOfAnAsset;
    return memory != nullptr && needed > kBackupJobMemory ? memory->try_acquire(needed) : std::nullopt;
  }

  static ObjectRecord record_of(const std::string& line) {
    return object_record_from_json(parse_ordered_json(line));
  }

  void keep(ReleasesNow& now, const ReleaseAsset& asset, const ObjectRecord& record) {
    now.lines.insert_or_assign(record.key, asset_line(asset, record));
    now.cursor.lacking.erase(asset.id);
  }

  void take_what_is_there(ReleasesNow& now) {
    StoredAssets stored = find_assets(work_, now.to_fetch);
    now.damaged = std::move(stored.damaged);
    std::erase_if(now.to_fetch, [&](const ReleaseAsset& asset) {
      const auto there = stored.whole.find(asset.id);
      if (there == stored.whole.end()) return false;
      keep(now, asset, there->second);
      work_.note_found(there->second.key);
      return true;
    });
  }

  void commit_before_much_is_fetched(ReleasesNow& now) {
    ByteCount to_come = 0;
    for (const ReleaseAsset& asset : now.to_fetch) to_come += asset.is_uploaded ? asset.size : 0;
    if (to_come < kWorthACommit || !work_.has_news()) return;
    ReleasesNow so_far{.releases = now.releases, .cursor = now.cursor, .lines = std::move(now.lines)};
    for (const ReleaseAsset& asset : now.to_fetch) {
      if (names_lost(so_far, asset.id)) continue;
      so_far.cursor.lacking.insert_or_assign(
          asset.id, LackingAsset{.asset = asset, .message = {}, .since = checked_at_});
    }
    Part part = part_of(so_far);
    // What the vault has now is what the next list is compared with.
    before_.releases.objects = so_far.releases.objects;
    now.lines = std::move(so_far.lines);
    for (const ReleaseAsset& asset : now.to_fetch) now.lines.erase(asset_key(asset.id));  // were they lost
    PartOutcome outcome = outcome_;
    outcome.kind = PartOutcomeKind::saved;
    // Whatever ends the run now, the next one has assets to come.
    work_.commit_partial({.part = std::move(part), .outcome = std::move(outcome), .checked_at = UtcTime{}});
    is_partly_committed_ = true;
  }

  std::optional<Error> fetch(ReleasesNow& now) {
    std::optional<Error> wrong;
    for (std::size_t begin = 0; begin < now.to_fetch.size(); begin += kFetchedAtOnce) {
      const auto some =
          std::span(now.to_fetch).subspan(begin).first(std::min(kFetchedAtOnce, now.to_fetch.size() - begin));
      FetchedAssets fetched = fetch_assets(work_, some, now.damaged);
      if (!wrong) wrong = fetched.wrong;
      take_in(now, some, fetched);
      if (!fetched.error) continue;
      for (const ReleaseAsset& asset : std::span(now.to_fetch).subspan(begin + some.size()))
        lack(now, {.asset = asset, .message = {}, .since = checked_at_});
      return fetched.error;
    }
    return wrong;
  }

  void take_in(ReleasesNow& now, std::span<ReleaseAsset> assets, FetchedAssets& fetched) {
    outcome_.requests += fetched.tally.requests;
    outcome_.bytes_received += fetched.tally.bytes;
    outcome_.bytes_stored += fetched.stored;
    outcome_.files += {.saved = fetched.kept.size(), .bytes = fetched.stored};
    for (const AssetId id : fetched.found) work_.note_found(asset_key(id));
    for (ReleaseAsset& asset : assets) {
      if (const auto kept = fetched.kept.find(asset.id); kept != fetched.kept.end()) {
        keep(now, asset, kept->second);
        asset = {};
        continue;
      }
      LackingAsset& lacking = fetched.lacking.at(asset.id);
      if (fetched.error && lacking.why == AssetLack::pending && outcome_.unfinished.empty())
        outcome_.unfinished = fmt::format("asset {} of {}", printable(asset.name), human_size(asset.size));
      lack(now, std::move(lacking));
    }
    outcome_.files.newly_lacking = news_.size();
  }

  // What was lacking before for the same reason is no news.
  void lack(ReleasesNow& now, LackingAsset lacking) {
    const AssetId id = lacking.asset.id;
    if (lacking.why == AssetLack::pending && names_lost(now, id)) return;
    const auto before = before_.cursor.lacking.find(id);
    const bool is_news = before == before_.cursor.lacking.end() || before->second.why != lacking.why;
    if (!is_news) lacking = before->second;
    if (is_news && (lacking.why == AssetLack::missing || lacking.why == AssetLack::refused))
      news_.push_back(lacking);
    now.cursor.lacking.insert_or_assign(id, std::move(lacking));
  }

  // What is damaged and still to come stays named, and so stays lost until a repair has replaced it: as one
  // that is pending, the next run would find it and take it for whole.
  bool names_lost(ReleasesNow& now, AssetId id) const {
    const auto lost = before_.lost.find(asset_key(id));
    if (lost == before_.lost.end()) return false;
    now.lines.insert(*lost);
    return true;
  }

  // Stores what names the rest.
  Part part_of(ReleasesNow& now) {
    VaultObjects& objects = work_.context().vault.objects();
    const auto lists =
        before_.is_usable || is_partly_committed_ ? before_.releases.objects : std::vector<ObjectRecord>{};
    now.releases.objects = store_list({.objects = objects,
                                       .folder = work_.folder(),
                                       .record_key = place_.record_key(work_.snapshot(), ".list.zst"),
                                       .stop = work_.stop()},
                                      lists, now.lines);
    if (now.cursor == ReleasesCursor{})
      now.releases.cursor.reset();
    else if (!before_.is_usable || !before_.releases.cursor || now.cursor != before_.cursor)
      now.releases.cursor = write_releases_cursor(
          objects, work_.folder(), place_.record_key(work_.snapshot(), ".cursor.zst"), now.cursor);
    now.releases.status = status_of(now);
    now.releases.pending = static_cast<std::uint64_t>(
        std::count_if(now.cursor.lacking.begin(), now.cursor.lacking.end(),
                      [](const auto& each) { return each.second.why == AssetLack::pending; }));
    return to_part(now.releases);
  }

  // What nobody has uploaded is not lacking.
  static PartStatus status_of(const ReleasesNow& now) {
    const bool lacks =
        std::any_of(now.cursor.lacking.begin(), now.cursor.lacking.end(),
                    [](const auto& each) { return each.second.why != AssetLack::not_uploaded; });
    return lacks || now.releases.is_cut_by_limit ? PartStatus::partial : PartStatus::ok;
  }

  PartResult result_of(ReleasesNow now, const std::optional<Error>& error) {
    const bool was_cut = before_.releases.is_cut_by_limit;
    Part part = part_of(now);
    const bool is_same = before_.part && !is_partly_committed_ && part == *before_.part;
    outcome_.kind = is_same ? PartOutcomeKind::unchanged : PartOutcomeKind::saved;
    outcome_.detail = describe_news(now.releases.is_cut_by_limit && !was_cut);
    PartResult result{.part = std::move(part), .outcome = outcome_};
    if (!error) {
      result.checked_at = checked_at_;
      return result;
    }
    result.outcome.kind = PartOutcomeKind::failed;
    result.outcome.error = error;
    return result;
  }

  // "2 assets cannot be had: a.zip: it does not exist; and 1 more"
  std::string describe_news(bool is_cut) const {
    std::string text;
    if (is_cut) text = fmt::format("GitHub lists no more than {} releases", kMostReleases);
    if (news_.empty()) return text;
    if (!text.empty()) text += "; ";
    text += fmt::format("{} cannot be had: {}: {}",
                        news_.size() == 1 ? "1 asset" : fmt::format("{} assets", news_.size()),
                        printable(news_.front().asset.name), news_.front().message);
    if (news_.size() > 1) text += fmt::format("; and {} more", news_.size() - 1);
    return text;
  }

  RepositoryWork& work_;
  const PartPlace place_;
  UtcTime checked_at_;
  bool asks_for_all_ = true;  // and not for what is pending alone
  ReleasesBefore before_;
  bool is_partly_committed_ = false;
  std::vector<LackingAsset> news_;
  PartOutcome outcome_{.part = PartName(kReleasesPart)};
};

class ReleasesBackup final : public PartBackup {
 public:
  std::string_view name() const override { return kReleasesPart; }
  std::set<std::string> probes() const override { return {std::string(kReleasesProbe)}; }

  Freshness judge(const CatalogEntry& known, const Listing& listed, const Recheck& recheck) const override {
    return judge_releases(known, listed, recheck);
  }

  PartResult save(const std::optional<PartBefore>& before, const SnapshotId& /*snapshot*/,
                  RepositoryWork& work) const override {
    ReleasesSave save(work, {work.folder(), PartName(kReleasesPart)});
    PartResult result;
    const auto error = caught_error([&] { result = save.run(before); });
    if (!error) return result;
    result = {.part = {}, .outcome = save.told()};
    const bool is_refused = error->kind() == ErrorKind::forbidden || error->kind() == ErrorKind::not_found;
    if (is_refused && !error->permission().empty()) {
      result.outcome.kind = PartOutcomeKind::not_permitted;
      result.outcome.permission = error->permission();
      result.checked_at = save.checked_at();
    } else {
      result.outcome.kind = PartOutcomeKind::failed;
      result.outcome.error = error;
    }
    return result;
  }
};

}  // namespace

Freshness judge_releases(const CatalogEntry& known, const Listing& listed, const Recheck& recheck) {
  if (known.gone_since) return Freshness::back_again;
  if (known.newest.size() > 1) return Freshness::several_newest;
  if (known.newest.empty()) return Freshness::incomplete;
  const auto checked = known.checked.find(PartName(kReleasesPart));
  if (checked == known.checked.end()) return Freshness::never_asked;
  const PartStatus status = status_of(known.newest.front().parts, kReleasesPart);
  if (status == PartStatus::partial && is_another_day(checked->second, recheck.now, known.id.spread()))
    return Freshness::recheck_due;
  if (is_incomplete(status)) return Freshness::incomplete;
  if (was_pushed_since(known.listing, listed) || has_probe_changed(known.listing, listed))
    return Freshness::listing_differs;
  if (was_pushed_lately(listed)) return Freshness::pushed_recently;
  if (is_due(checked->second, recheck.now, recheck.interval, known.id.number()))
    return Freshness::recheck_due;
  return Freshness::unchanged;
}

std::shared_ptr<const PartBackup> releases_backup() {
  return std::make_shared<ReleasesBackup>();
}

}  // namespace hubkeep
