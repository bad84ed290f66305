// What the history points at is known bundle by bundle: of those that this run has fetched the history itself
// tells, any other is read from the vault, once. What is pointed at and not in the vault is fetched; what the
// vault has already, whichever repository or killed run brought it, is only named. An object that cannot be
// had stays in the cursor, with the time when that was found. What may come any time (pending, over quota,
// and what came as something else, which is a failure until it is right) is asked for again by each run, the
// rest once a day, like a bundle that could not be read.
//
// A set that is worth it is named in a snapshot before it is fetched, so that a run that ends amid it has
// saved the history, and need not look for pointers again. Where other workers can help, a large one is
// divided into ranges of names: each worker reads from that snapshot what is pending in its range, and stores
// it. Only whoever comes after all of them asks for what is left, and names what is there.
#include "backup/lfs_backup.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "backup/another_day.h"
#include "backup/git_backup.h"
#include "backup/git_freshness.h"
#include "backup/lfs_fetch.h"
#include "backup/lfs_scan.h"
#include "backup/part_place.h"
#include "backup/repository_work.h"
#include "base/caught_error.h"
#include "base/null_sink.h"
#include "base/text.h"
#include "base/underway.h"
#include "vault/git_part.h"
#include "vault/lfs_part.h"

namespace hubkeep {
namespace {

// From here on it is worth a snapshot of its own that the history is saved before the objects are fetched.
constexpr ByteCount kWorthASnapshot = ByteCount{16} << 20;
// A set that has either is large.
constexpr std::uint64_t kManyObjects = 1000;
constexpr ByteCount kManyBytes = ByteCount{4} << 30;

using LackingByOid = std::map<std::string, LackingLfs>;

/// What is known of all that the history points at.
struct LfsState {
  KeptLfsObjects kept;
  LackingByOid lacking;
  std::vector<SnapshotId> scanned;
  std::vector<SnapshotId> unread;
  std::vector<SnapshotId> overfull;
  std::uint64_t unresolved = 0;
};

std::string describe_lack(LfsLack why, const LackingLfs& example) {
  const std::string words = example.message.empty() ? "" : ": " + example.message;
  switch (why) {
    case LfsLack::missing:
      return "that the server does not have" + words;
    case LfsLack::over_quota:
      return "over the owner's quota" + words;
    case LfsLack::too_large:
      return "larger than --lfs-max-size";
    case LfsLack::refused:
      return "that cannot be had" + words;
    case LfsLack::pending:
      return "still to come";
  }
  return "that cannot be had";
}

// "lacks 2 objects that the server does not have: Not found, 1 object larger than …", of those that were not
// lacking for that reason before.
std::string describe_news(const LackingByOid& before, const LackingByOid& now) {
  std::map<LfsLack, std::vector<const LackingLfs*>> news;
  for (const auto& [oid, lacking] : now) {
    const auto was = before.find(oid);
    if (was == before.end() || was->second.why != lacking.why) news[lacking.why].push_back(&lacking);
  }
  std::string text;
  for (const auto& [why, objects] : news)
    text += fmt::format("{}{} {}", text.empty() ? "lacks " : ", ", count_of(objects.size(), "object"),
                        describe_lack(why, *objects.front()));
  return text;
}

// What the LFS server itself refuses, it does not have. What was to come and came as something else, or not
// at all, may be a proxy's doing.
bool was_to_come(const LackingLfs& lacking) {
  return lacking.code == 0 && (lacking.why == LfsLack::refused || lacking.why == LfsLack::missing);
}

bool may_come_any_time(const LackingLfs& lacking) {
  return lacking.why == LfsLack::pending || lacking.why == LfsLack::over_quota || was_to_come(lacking);
}

bool is_among(const std::vector<SnapshotId>& bundles, const SnapshotId& bundle) {
  return std::find(bundles.begin(), bundles.end(), bundle) != bundles.end();
}

class LfsSave {
 public:
  LfsSave(RepositoryWork& work, LfsUnderway& underway, const LfsOptions& options)
      : work_(work), underway_(underway), options_(options), now_(work.context().now_by_github()) {
    const CatalogEntry* const known = work.known();
    if (known == nullptr || work.is_repair()) return;
    const auto asked = known->checked.find(PartName(kLfsPart));
    asks_for_all_ = asked == known->checked.end() || is_another_day(asked->second, now_, known->id.spread());
  }

  PartResult run(const std::optional<PartBefore>& before, const GitPart& git) {
    take_over(before);
    forget_lost();
    // Beyond this point the state is what an earlier snapshot has, as far as that can be read.
    find_pointers(git);
    find_in_vault();
    // Beyond this point what is lacking is in no vault: whichever repository or run might have brought it.
    mark_too_large();
    const auto failure = fetch_or_divide(order());
    PartResult result = result_of_state();
    if (failure) {
      result.outcome.kind = PartOutcomeKind::failed;
      result.outcome.error = failure;
    }
    return result;
  }

  PartOutcome fetch_share(const PartBefore& before, const Share& share) {
    take_over(before);
    std::erase_if(state_.lacking, [&](const auto& each) {
      return each.second.why != LfsLack::pending || !share.has(each.first);
    });
    find_in_vault();
    mark_too_large();
    const auto failure = fetch(order());
    outcome_.files.newly_lacking = 0;  // whoever asks for the rest is told the same, and keeps it
    outcome_.detail = fmt::format("share {} of {}: {} of {}", share.number, share.of,
                                  count_of(fetched_, "object"), human_size(fetched_bytes_));
    if (failure) {
      outcome_.kind = PartOutcomeKind::failed;
      outcome_.error = failure;
    }
    return outcome_;
  }

 private:
  VaultObjects& objects() const { return work_.context().vault.objects(); }

  void take_over(const std::optional<PartBefore>& before) {
    if (!before) return;
    try {
      LfsPart lfs = lfs_part(before->part);
      state_.kept = read_lfs_objects(objects(), work_.folder(), lfs.objects, work_.stop());
      for (LackingLfs& lacking : read_lfs_cursor(objects(), work_.folder(), lfs.cursor, work_.stop())) {
        if (lacking.is_damaged) suspect_.insert(lacking.oid);
        state_.lacking.emplace(lacking.oid, std::move(lacking));
      }
      state_.scanned = lfs.scanned;
      state_.unread = lfs.unread;
      state_.overfull = lfs.overfull;
      state_.unresolved = lfs.unresolved;
      before_ = state_;
      told_ = state_.lacking;
      told_unread_ = state_.unread;
      told_overfull_ = state_.overfull;
      part_before_ = std::move(lfs);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::corrupt && error.kind() != ErrorKind::not_found) throw;
      work_.notice("what LFS objects it has is not known, so its history is looked through: " +
                   error.message());
      state_ = {};
    }
  }

  // Of a repair: what is as it should be stays, whatever was found before.
  void forget_lost() {
    for (const std::string& key : work_.options().given_up)
      if (const auto oid = lfs_oid_of(key)) suspect_.insert(*oid);
    for (const std::string& key : work_.options().lost) {
      const auto oid = lfs_oid_of(key.starts_with('/') ? key : "/" + key);
      if (!oid) continue;
      suspect_.insert(*oid);
      const auto kept = state_.kept.find(*oid);
      if (kept == state_.kept.end() || is_whole(*oid, kept->second)) continue;
      lacks(*oid, kept->second.size);
      state_.kept.erase(kept);
    }
  }

  // By all of its bytes. One that is archived cannot be read, and what was found before holds.
  bool is_whole(const std::string& oid, const KeptLfs& object) {
    try {
      NullSink nowhere;
      objects().read_stored(work_.folder(), record_of(oid, object), nowhere, work_.stop());
      return true;
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::not_found) return false;
      if (error.kind() != ErrorKind::corrupt && error.kind() != ErrorKind::cold) throw;
      damaged_.insert(oid);
      return false;
    }
  }

  void lacks(const std::string& oid, ByteCount size) {
    const auto [place, is_new] = state_.lacking.emplace(
        oid, LackingLfs{.oid = oid, .size = size, .why = LfsLack::pending, .since = now_});
    if (!is_new && add_size(place->second, size)) with_news_.insert(oid);
  }

  enum class Look { whole, unread, overfull };

  void find_pointers(const GitPart& git) {
    std::optional<LfsScan> scan;
    std::map<Look, std::vector<SnapshotId>> looked;
    std::uint64_t unresolved = 0;
    for (std::size_t place = 0; place < git.bundles.size(); ++place) {
      const SnapshotId& bundle = git.bundles[place].snapshot;
      const bool is_known = is_among(state_.scanned, bundle);
      if (is_known) unresolved = state_.unresolved;
      looked[is_known ? Look::whole : look_into(git, place, scan)].push_back(bundle);
    }
    state_.scanned = std::move(looked[Look::whole]);
    state_.unread = std::move(looked[Look::unread]);
    state_.overfull = std::move(looked[Look::overfull]);
    state_.unresolved = unresolved + unresolved_now_;
  }

  Look look_into(const GitPart& git, std::size_t place, std::optional<LfsScan>& scan) {
    const SnapshotId& bundle = git.bundles[place].snapshot;
    const auto found = work_.lfs_found().find(bundle);
    if (found != work_.lfs_found().end()) return add(found->second) ? Look::whole : Look::overfull;
    if (!has_room()) return Look::overfull;
    // Another look, a moment later, would find the same.
    if (is_among(state_.overfull, bundle) && !asks_for_all_) return Look::overfull;
    if (is_among(state_.unread, bundle) && !asks_for_all_) return Look::unread;
    if (!scan) scan.emplace(work_, git);
    return read_bundle(*scan, place);
  }

  // What is archived or damaged keeps nobody from saving what the other bundles point at.
  Look read_bundle(LfsScan& scan, std::size_t place) {
    try {
      const LfsPointers pointers = scan.read(place);
      has_scanned_ = true;
      if (!add(pointers.list()) || pointers.is_full()) return Look::overfull;
      unresolved_now_ += pointers.unresolved();
      return Look::whole;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::cold && error.kind() != ErrorKind::corrupt &&
          error.kind() != ErrorKind::not_found)
        throw;
      if (why_unread_.empty()) why_unread_ = error.message();
      return Look::unread;
    }
  }

  bool has_room() const { return state_.kept.size() + state_.lacking.size() < options_.most; }

  // One object may be pointed at with several sizes, of which anybody may have written one: each may be
  // right. Returns whether there was room for all.
  bool add(const std::vector<LfsPointer>& pointers) {
    bool has_all = true;
    for (const LfsPointer& pointer : pointers) {
      if (state_.kept.contains(pointer.oid)) continue;
      if (has_room() || state_.lacking.contains(pointer.oid))
        lacks(pointer.oid, pointer.size);
      else
        has_all = false;
    }
    return has_all;
  }

  void find_in_vault() {
    std::vector<ObjectKey> keys;
    for (const auto& [oid, lacking] : state_.lacking)
      if (!damaged_.contains(oid)) keys.push_back(resolve_key({}, lfs_key(oid)));
    KeptLfsObjects to_read;
    if (!keys.empty())
      objects().find_objects(std::move(keys), [&](const ObjectInfo& info) {
        const auto oid = lfs_oid_of("/" + info.key);
        if (!oid) return;
        const KeptLfs object{.size = info.size, .crc32 = info.crc32};
        learn_of_losses();
        if (suspect_.contains(*oid))
          to_read.emplace(*oid, object);
        else
          take_found(*oid, object);
      });
    for (const auto& [oid, object] : to_read)
      if (is_whole(oid, object)) take_found(oid, object);
    // A run that ends before the bytes come that replace these leaves word of them.
    for (const std::string& oid : damaged_)
      if (const auto lacking = state_.lacking.find(oid); lacking != state_.lacking.end())
        lacking->second.is_damaged = true;
  }

  // A loss is known by the repository that met it, and what lies there is everybody's: once, and only where
  // something that others have brought is to be believed.
  void learn_of_losses() {
    if (std::exchange(has_learned_of_losses_, true)) return;
    const BackupContext& context = work_.context();
    const auto error = caught_error([&] {
      const auto state = context.vault.read_state(context.host, work_.stop());
      if (!state) return;
      for (const auto& [id, repository] : state->repositories)
        for (const Loss& loss : repository.losses)
          if (auto oid = lfs_oid_of("/" + loss.key)) suspect_.insert(*std::move(oid));
    });
    if (error && error->kind() != ErrorKind::corrupt && error->kind() != ErrorKind::not_found)
      throw Error(*error);
  }

  // Its size tells that it is whole: what is in the vault was committed.
  void take_found(const std::string& oid, const KeptLfs& object) {
    const auto lacking = state_.lacking.find(oid);
    if (lacking == state_.lacking.end()) return;
    if (!has_size(lacking->second, object.size)) {
      damaged_.insert(oid);  // its name says what it must be
      return;
    }
    state_.kept.emplace(oid, object);
    state_.lacking.erase(lacking);
    work_.note_found(lfs_key(oid));
  }

  void mark_too_large() {
    if (options_.largest == 0) return;
    for (auto& [oid, lacking] : state_.lacking)
      if (sizes_to_ask(lacking).empty())
        tell(lacking, {.oid = oid, .size = lacking.size, .why = LfsLack::too_large, .since = now_});
  }

  // What stays the same keeps its time and its words, which may have a number of their own each day.
  static void tell(LackingLfs& was, LackingLfs is) {
    if (was.why == is.why && was_to_come(was) == was_to_come(is)) return;
    is.size = was.size;
    is.other_sizes = std::move(was.other_sizes);
    is.is_damaged = was.is_damaged;
    was = std::move(is);
  }

  // Where there are more than one run asks for, each day begins elsewhere.
  std::vector<ByteCount> sizes_to_ask(const LackingLfs& lacking) const {
    constexpr std::size_t kEachDay = 8;
    std::vector<ByteCount> sizes = lacking.other_sizes;
    sizes.insert(sizes.begin(), lacking.size);
    if (options_.largest > 0) std::erase_if(sizes, [&](ByteCount size) { return size > options_.largest; });
    if (sizes.size() <= kEachDay) return sizes;
    const auto day = std::chrono::floor<std::chrono::days>(now_).time_since_epoch().count();
    const std::size_t begin = static_cast<std::size_t>(day) * kEachDay % sizes.size();
    std::rotate(sizes.begin(), sizes.begin() + static_cast<std::ptrdiff_t>(begin), sizes.end());
    return sizes;
  }

  LfsOrder order() const {
    LfsOrder order{.objects = {}, .other_sizes = {}, .damaged = damaged_, .largest = options_.largest};
    for (const auto& [oid, lacking] : state_.lacking) {
      std::vector<ByteCount> sizes = sizes_to_ask(lacking);
      const bool is_due = asks_for_all_ || may_come_any_time(lacking) || with_news_.contains(oid);
      if (sizes.empty() || !is_due) continue;
      order.objects.push_back({.oid = oid, .size = sizes.front()});
      sizes.erase(sizes.begin());
      if (!sizes.empty()) order.other_sizes.emplace(oid, std::move(sizes));
    }
    return order;
  }

  static ByteCount size_of(const LfsOrder& order) {
    ByteCount bytes = 0;
    for (const LfsPointer& object : order.objects) bytes += object.size;
    return bytes;
  }

  static std::string describe(const LfsOrder& order) {
    return fmt::format("{} to come, {}", count_of(order.objects.size(), "LFS object"),
                       human_size(size_of(order)));
  }

  std::optional<Error> fetch_or_divide(const LfsOrder& order) {
    if (work_.options().may_spread) outcome_.shares = shares_of(order);
    if (outcome_.shares > 0) {
      work_.notice(fmt::format("{}: {} workers share them", describe(order), outcome_.shares));
      return std::nullopt;
    }
    const bool is_worth_it = size_of(order) + work_.stored_so_far() > kWorthASnapshot;
    if (!order.objects.empty() && is_worth_it && (has_scanned_ || has_news_of_history(work_)))
      work_.commit_partial(so_far());
    return fetch(order);
  }

  // What the server has refused before is one worker's matter. All large sets have the same ranges: what two
  // of them have in common is one worker's, too.
  int shares_of(const LfsOrder& order) const {
    std::uint64_t pending = 0;
    ByteCount bytes = 0;
    for (const LfsPointer& object : order.objects) {
      if (state_.lacking.at(object.oid).why != LfsLack::pending) continue;
      ++pending;
      bytes += object.size;
    }
    return pending >= kManyObjects || bytes >= kManyBytes ? kMostShares : 0;
  }

  std::optional<Error> fetch(const LfsOrder& order) {
    if (order.objects.empty()) return std::nullopt;
    tell_what_is_to_come(order);
    const auto remote = work_.context().open_lfs(work_.listing().clone_url);
    LfsFetched fetched = fetch_lfs(order, *remote, underway_, work_);
    outcome_.requests += remote->request_count();
    outcome_.bytes_received += remote->bytes_received();
    outcome_.bytes_stored += fetched.bytes;
    take_in(std::move(fetched));
    return error_;
  }

  // What was asked for in vain before is no news.
  void tell_what_is_to_come(const LfsOrder& order) const {
    const bool is_news = std::any_of(order.objects.begin(), order.objects.end(), [&](const LfsPointer& each) {
      const auto was = before_.lacking.find(each.oid);
      return was == before_.lacking.end() || was->second.why == LfsLack::pending;
    });
    if (!is_news) return;
    work_.notice(describe(order));
  }

  void take_in(LfsFetched fetched) {
    fetched_ = fetched.objects;
    fetched_bytes_ = fetched.bytes;
    outcome_.files = {.saved = fetched.objects, .bytes = fetched.bytes};
    error_ = std::move(fetched.error);
    for (const auto& [oid, kept] : fetched.kept) {
      state_.kept.emplace(oid, kept);
      state_.lacking.erase(oid);
    }
    for (const std::string& oid : fetched.of_others) work_.note_found(lfs_key(oid));
    for (LackingLfs& lacking : fetched.lacking) {
      // A run that was stopped has learned nothing of what it did not come to.
      if (lacking.why == LfsLack::pending) {
        if (error_ && outcome_.unfinished.empty())
          outcome_.unfinished = fmt::format("LFS object {} of {}", lacking.oid, human_size(lacking.size));
        continue;
      }
      note_what_went_wrong(lacking);
      LackingLfs& was = state_.lacking.at(lacking.oid);
      if (was.why != lacking.why) ++outcome_.files.newly_lacking;
      tell(was, std::move(lacking));
    }
  }

  // A failure, of each run until it comes right.
  void note_what_went_wrong(const LackingLfs& lacking) {
    if (was_to_come(lacking) && !error_)
      error_ = Error(ErrorKind::transient, fmt::format("object {}: {}", lacking.oid, lacking.message));
  }

  PartResult so_far() {
    PartResult result = result_of_state();
    result.outcome.kind = PartOutcomeKind::saved;
    return result;
  }

  LfsPart part_of_state() {
    const PartPlace place{work_.folder(), PartName(kLfsPart)};
    const std::size_t not_scanned = state_.unread.size() + state_.overfull.size();
    LfsPart lfs{.status = state_.lacking.empty() && not_scanned == 0 ? PartStatus::ok : PartStatus::partial,
                .pointers = state_.kept.size() + state_.lacking.size(),
                .scanned = state_.scanned,
                .unread = state_.unread,
                .overfull = state_.overfull,
                .unresolved = state_.unresolved};
    for (const auto& [oid, kept] : state_.kept) lfs.bytes += kept.size;
    lfs.pending = not_scanned;
    for (const auto& [oid, lacking] : state_.lacking) {
      lfs.bytes += lacking.size;
      lfs.pending += may_come_any_time(lacking) ? 1 : 0;
    }
    lfs.objects = part_before_ && state_.kept == before_.kept
                      ? part_before_->objects
                      : store_lfs_objects(
                            objects(), work_.folder(), place.record_key(work_.snapshot(), ".list.zst"),
                            part_before_ ? part_before_->objects : std::vector<ObjectRecord>(), state_.kept);
    if (part_before_ && state_.lacking == before_.lacking) {
      lfs.cursor = part_before_->cursor;
    } else {
      std::vector<LackingLfs> lacking;
      for (const auto& [oid, each] : state_.lacking) lacking.push_back(each);
      lfs.cursor = write_lfs_cursor(objects(), work_.folder(),
                                    place.record_key(work_.snapshot(), ".cursor.zst"), lacking);
    }
    return lfs;
  }

  // Objects come before the lists that name them, and both before the manifest.
  PartResult result_of_state() {
    LfsPart lfs = part_of_state();
    PartResult result{.part = {}, .outcome = outcome_};
    const bool may_more_come = std::any_of(state_.lacking.begin(), state_.lacking.end(),
                                           [](const auto& each) { return may_come_any_time(each.second); });
    if (!may_more_come) result.checked_at = now_;  // else the part stays due
    if (part_before_ && lfs == *part_before_) return result;
    result.part = to_part(lfs);
    // That its bundles point at nothing new goes into the snapshot, and is no news.
    result.outcome.detail = describe();
    if (!result.outcome.detail.empty()) result.outcome.kind = PartOutcomeKind::saved;
    before_ = state_;  // of what is committed as partial, if it is
    part_before_ = std::move(lfs);
    return result;
  }

  std::string describe() const {
    std::string text;
    const auto also = [&](const std::string& more) { text += (text.empty() ? "" : "; ") + more; };
    if (fetched_ > 0) also(fmt::format("{} of {}", count_of(fetched_, "object"), human_size(fetched_bytes_)));
    // What an Error has left to come, the Error tells.
    if (const std::string news = describe_news(told_, state_.lacking); !news.empty() && !error_) also(news);
    if (!why_unread_.empty() && state_.unread != told_unread_)
      also(fmt::format("{} could not be looked through: {}", count_of(state_.unread.size(), "bundle"),
                       why_unread_));
    if (state_.overfull != told_overfull_)
      also(fmt::format("points at more objects than the {} that are looked at; the rest is not saved",
                       options_.most));
    if (unresolved_now_ > 0)
      also(fmt::format("{} may point at further objects", count_of(unresolved_now_, "delta")));
    return text;
  }

  RepositoryWork& work_;
  LfsUnderway& underway_;
  const LfsOptions& options_;
  const UtcTime now_;
  std::optional<LfsPart> part_before_;  // of which before_ is what it says; nothing: it could not be read
  LfsState before_;
  LackingByOid told_;  // by earlier runs
  std::vector<SnapshotId> told_unread_;
  std::vector<SnapshotId> told_overfull_;
  LfsState state_;
  std::set<std::string> damaged_;  // oids of which the vault has other bytes
  std::set<std::string> suspect_;  // and of which it had them once
  bool has_learned_of_losses_ = false;
  bool asks_for_all_ = true;         // and not for what may come any time alone
  std::set<std::string> with_news_;  // oids of which another size is known now
  bool has_scanned_ = false;
  std::string why_unread_;  // of the first that this run has tried
  std::uint64_t unresolved_now_ = 0;
  PartOutcome outcome_{.part = PartName(kLfsPart), .saves_lfs = true};
  std::uint64_t fetched_ = 0;
  ByteCount fetched_bytes_ = 0;
  std::optional<Error> error_;
};

class LfsBackup final : public PartBackup {
 public:
  explicit LfsBackup(const LfsOptions& options) : options_(options) {}

  std::string_view name() const override { return kLfsPart; }

  // As often as the history is looked at. The part may have been left out for a while, and the history have
  // gone on without it.
  Freshness judge(const CatalogEntry& known, const Listing& listed, const Recheck& recheck) const override {
    const auto checked = known.checked.find(PartName(kLfsPart));
    if (checked == known.checked.end() || checked->second < known.refs_checked_at)
      return Freshness::incomplete;
    for (const CatalogSnapshot& newest : known.newest) {
      const auto status = newest.parts.find(PartName(kLfsPart));
      if (status == newest.parts.end() || status->second == PartStatus::ok) continue;
      if (status->second != PartStatus::partial) return Freshness::incomplete;
      if (is_another_day(checked->second, recheck.now, known.id.spread())) return Freshness::recheck_due;
    }
    return judge_freshness(known, listed, recheck.now, recheck.interval);
  }

  PartResult save(const std::optional<PartBefore>& before, const SnapshotId& /*snapshot*/,
                  RepositoryWork& work) const override {
    const std::optional<GitPart> history = history_of(work);
    if (!history)
      return {.part = {},
              .outcome = {.part = PartName(kLfsPart), .kind = PartOutcomeKind::absent},
              .checked_at = work.context().now_by_github()};
    return LfsSave(work, underway_, options_).run(before, *history);
  }

  PartOutcome fetch_share(const PartBefore& before, const Share& share, RepositoryWork& work) const override {
    return LfsSave(work, underway_, options_).fetch_share(before, share);
  }

 private:
  const LfsOptions options_;
  mutable LfsUnderway underway_;
};

}  // namespace

std::shared_ptr<const PartBackup> lfs_backup(const LfsOptions& options) {
  return std::make_shared<LfsBackup>(options);
}

}  // namespace hubkeep
