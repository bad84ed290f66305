// A snapshot is made in one order: newest snapshots found, the next one begun with all of their parts, each
// part replaced as it is saved, then the manifest. The manifest's commit is the only moment at which anything
// changes for a reader; the catalog's update goes to the caller.
//
// A part that failed keeps what it was, and the snapshot calls it failed, so that the next run asks for it
// whatever the listing says: the listing in this snapshot is newer than what the part has. Without anything
// new beside it there is no snapshot, and then the catalog is not told of the listing either.
#include "backup/repository_work.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "base/caught_error.h"
#include "base/error.h"
#include "base/null_sink.h"
#include "vault/losses.h"
#include "vault/object_list.h"

namespace hubkeep {
namespace {

const Part* find_part(const Parts& parts, std::string_view name) {
  const auto found = parts.find(PartName(name));
  return found == parts.end() ? nullptr : &found->second;
}

// Its objects are in the vault, but no snapshot names them.
// TwoParts.WhereTheSnapshotCannotBeWrittenNothingIsSaved.
void take_back(PartOutcome& part, const Error& error) {
  if (part.kind != PartOutcomeKind::saved) return;
  part.kind = PartOutcomeKind::failed;
  part.error = error;
  part.bytes_stored = 0;
  part.lfs_pointers = 0;
  part.left_out.clear();
  part.not_proved_because.clear();
  part.missing.clear();
  part.missing_objects = 0;
}

using RecordVisitor = std::function<void(const ObjectRecord&)>;

// What cannot be read of a snapshot names nothing here.
void visit_needed(const RepositoryWork& work, const Manifest& manifest, const RecordVisitor& visit) {
  const ListReader read_list = read_lists(work.context().vault.objects(), work.folder(), work.stop());
  for (const auto& [name, part] : manifest.parts)
    caught_error([&, &needs = part] { visit_objects(needs, read_list, visit); });
}

// Keys of what was found lost, and was fetched again to where it was: `next` needs it, and it is what the
// snapshots before say that it is. Where those say nothing of it any more, its name has to.
std::set<std::string> mended_keys(const RepositoryWork& work, Manifest next) {
  // What could not be saved has fetched nothing.
  std::erase_if(next.parts, [](const auto& each) { return each.second.status() == PartStatus::failed; });
  const std::set<std::string> lost(work.options().lost.begin(), work.options().lost.end());
  std::map<std::string, std::string> hashes;
  for (const StoredManifest& before : work.newest())
    visit_needed(work, before.manifest, [&](const ObjectRecord& record) {
      if (lost.contains(record.key)) hashes.emplace(record.key, record.sha256);
    });
  std::set<std::string> mended;
  visit_needed(work, next, [&](const ObjectRecord& record) {
    const auto before = hashes.find(record.key);
    const bool is_as_before =
        before != hashes.end() ? before->second == record.sha256 : record.key.ends_with(record.sha256);
    if (!lost.contains(record.key) || mended.contains(record.key) || !is_as_before) return;
    NullSink nowhere;
    VaultObjects& objects = work.context().vault.objects();
    if (!caught_error([&] { objects.read_stored(work.folder(), record, nowhere, work.stop()); }))
      mended.insert(record.key);
  });
  return mended;
}

std::optional<Part> copy_of(const Part* part) {
  return part ? std::optional(*part) : std::nullopt;
}

}  // namespace

RepositoryWork::RepositoryWork(const BackupContext& context, const CatalogEntry* known, WorkSubject subject,
                               const RepositoryOptions& options, const StopTokens& stops)
    : context_(context),
      known_(known),
      subject_(std::move(subject)),
      options_(options),
      stops_(stops),
      parts_(parts_for(context.parts, subject_.id.kind())) {
  outcome_.repository = subject_.listing.full_name;
  outcome_.id = subject_.id;
  outcome_.is_private = subject_.listing.visibility != "public";
  outcome_.was_begun = true;
  if (!known_) return;
  for (const auto& snapshot : known_->newest) superseded_.push_back(snapshot.snapshot);
}

void RepositoryWork::notice(const std::string& text) const {
  context_.observer.notice(outcome_.repository + ": " + text);
}

void RepositoryWork::retrying(const Error& error, std::chrono::milliseconds wait) const {
  context_.observer.retrying({.repository = outcome_.repository}, error, wait);
}

void RepositoryWork::find_newest() {
  const auto known = known_ ? known_->newest : std::vector<CatalogSnapshot>();
  NewestSnapshots found =
      find_newest_snapshots(context_.vault, folder(), known, stop(), context_.now_by_github());
  newest_ = std::move(found.readable);
  for (const auto& stored : newest_) {
    for (const UnreadableList& each :
         require_known(stored.manifest, read_lists(context_.vault.objects(), folder(), stop())))
      lose_list(each);
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
    // BackupRepository.AnUnreadableSnapshotThatNothingNamesIsToldAndNotNamed,
    // TheNextSnapshotGoesOnNamingANewestOneThatIsLost.
    if (!damaged.sha256.empty()) lost_newest_.push_back({damaged.snapshot, damaged.sha256});
  }
}

// In an archive class nothing of it is lost.
void RepositoryWork::lose_list(const UnreadableList& unreadable) {
  if (unreadable.error.kind() == ErrorKind::cold) return;
  const ObjectKey key = resolve_key(folder(), unreadable.list.key);
  const std::string detail = loss_detail(unreadable.error, key);
  notice(fmt::format("what {} names is not known, since it {}", key, detail));
  lose({.key = key,
        .detail = detail,
        .found_at = context_.clock.now(),
        .size = unreadable.list.size,
        .sha256 = unreadable.list.sha256});
}

void RepositoryWork::comes_after(const SnapshotId& snapshot) {
  // Names sort by time, and the clock that made that one may have been ahead.
  // BackupRepository.ASnapshotComesAfterOneThatIsLostFromTheFuture.
  not_before_ = std::max(not_before_, snapshot.time() + std::chrono::seconds(1));
}

std::optional<PartBefore> RepositoryWork::before(std::string_view part) const {
  const StoredManifest* from = nullptr;
  for (const auto& stored : newest_) {
    const Part* const found = find_part(stored.manifest.parts, part);
    if (found == nullptr) continue;
    if (from == nullptr) from = &stored;
    // Of two runs at once one may have come to its end, and the other only to slices:
    // Slices.TheNextRunGoesOnFromTheWholeSnapshotOfTwoRunsAtOnce.
    if (found->status() != PartStatus::ok) continue;
    from = &stored;
    break;
  }
  if (from == nullptr) return std::nullopt;
  return PartBefore{from->manifest, *find_part(from->manifest.parts, part)};
}

std::optional<CatalogEntry> RepositoryWork::committed_unnoticed() const {
  // A run that was killed between its manifest and the catalog:
  // BackupRepository.FindsTheSnapshotThatNobodyToldTheCatalogOf.
  if (newest_.size() != 1 || !lost_newest_.empty()) return std::nullopt;
  const bool noticed = known_ && known_->newest.size() == 1 &&
                       known_->newest.front().snapshot == newest_.front().manifest.snapshot;
  if (noticed) return std::nullopt;
  return entry_of(newest_.front().manifest, newest_.front().sha256);
}

// Also while the run is being stopped: what is finished is committed, and its lists are short to read.
CatalogEntry RepositoryWork::entry_of(const Manifest& manifest, const std::string& sha256) const {
  return hubkeep::entry_of(manifest, sha256, folder(), read_lists(context_.vault.objects(), folder(), {}));
}

void RepositoryWork::lose(const Loss& loss) {
  add_loss(outcome_.losses, loss);
}

void RepositoryWork::lose_manifest(const SnapshotId& snapshot, const std::string& sha256,
                                   const Error& error) {
  lose(loss_of_manifest(folder(), snapshot, sha256, error, context_.clock.now()));
}

void RepositoryWork::lose_unreadable(const std::vector<ObjectRecord>& records) {
  for (const ObjectRecord& record : records) {
    try {
      StringSink sink;
      context_.vault.objects().read_stored(folder(), record, sink, stop());
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::corrupt && error.kind() != ErrorKind::not_found) throw;
      const ObjectKey key = resolve_key(folder(), record.key);
      lose({.key = key,
            .detail = loss_detail(error, key),
            .found_at = context_.clock.now(),
            .size = record.size,
            .sha256 = record.sha256});
    }
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

void RepositoryWork::begin_snapshot() {
  const UtcTime now = context_.clock.now();
  next_ = Manifest{.snapshot = SnapshotId::make(std::max(now, not_before_)),
                   .program = context_.program,
                   .host = context_.host,
                   .repository_id = subject_.id,
                   .node_id = subject_.node_id,
                   .listing = subject_.listing,
                   .made_at = now};
  next_.lost = options_.lost;
  for (const auto& stored : newest_) next_.previous.push_back({stored.manifest.snapshot, stored.sha256});
  next_.previous.insert(next_.previous.end(), lost_newest_.begin(), lost_newest_.end());
  next_.parts = parts_to_carry();
}

void RepositoryWork::take_another_name() {
  next_.snapshot = SnapshotId::make(next_.snapshot.time());
}

void RepositoryWork::keep(PartResult result) {
  const PartName name = result.outcome.part;
  const PartOutcomeKind kind = result.outcome.kind;
  const auto before = copy_of(find_part(next_.parts, name));
  // Where it was marked as failed before and is what it was, there is nothing new to say.
  if (kind == PartOutcomeKind::failed && before && result.part &&
      with_status(result.part, PartStatus::failed) == *before)
    result.part.reset();
  // What never was there needs no word: the catalog tells that it was looked for.
  if (!result.part && kind == PartOutcomeKind::absent && before)
    result.part = with_status(before, PartStatus::absent);
  if (!result.part && kind == PartOutcomeKind::not_permitted)
    result.part = with_status(before, PartStatus::not_permitted, result.outcome.permission);
  if (result.part) next_.parts.insert_or_assign(name, *result.part);
  if (result.checked_at) checked_at_.insert_or_assign(name, *result.checked_at);
  outcomes_.insert_or_assign(name, std::move(result.outcome));
}

void RepositoryWork::fail(std::string_view part, const Error& error) {
  PartOutcome& outcome = outcomes_[PartName(part)];
  outcome.part = part;
  outcome.kind = PartOutcomeKind::failed;
  outcome.error = error;
}

const Part* RepositoryWork::part(std::string_view name) const {
  return find_part(next_.parts, name);
}

void RepositoryWork::note_lfs(const SnapshotId& bundle, std::vector<LfsPointer> pointers) {
  auto& found = lfs_found_[bundle];
  found.insert(found.end(), std::make_move_iterator(pointers.begin()),
               std::make_move_iterator(pointers.end()));
}

const SnapshotId& RepositoryWork::commit_partial(PartResult so_far) {
  partly_committed_.insert(so_far.outcome.part);
  keep(std::move(so_far));
  write_snapshot();
  begin_snapshot();
  return snapshot();
}

ByteCount RepositoryWork::stored_so_far() const {
  ByteCount bytes = 0;
  for (const auto& [name, outcome] : outcomes_) bytes += outcome.bytes_stored;
  return bytes;
}

bool RepositoryWork::has_failed() const {
  return std::any_of(outcomes_.begin(), outcomes_.end(),
                     [](const auto& each) { return each.second.kind == PartOutcomeKind::failed; });
}

bool RepositoryWork::has_kept_anything() const {
  return std::any_of(outcomes_.begin(), outcomes_.end(),
                     [](const auto& each) { return each.second.kind != PartOutcomeKind::failed; });
}

bool RepositoryWork::is_news_of_repository() const {
  if (newest_.size() != 1 || !lost_newest_.empty()) return true;
  // A push that left all parts as they were is no change.
  const Manifest& newest = newest_.front().manifest;
  return newest.gone_since || is_described_otherwise(newest.listing, listing()) ||
         (is_repair() && !has_failed());
}

// A part that has failed while another has committed slices: their listing is newer than what it has.
// TwoParts.OneThatFailsAfterSlicesOfTheOtherIsMarkedToo.
bool RepositoryWork::lacks_a_mark() const {
  return std::any_of(outcomes_.begin(), outcomes_.end(), [&](const auto& each) {
    const auto& [name, outcome] = each;
    const Part* const part = find_part(next_.parts, name);
    return outcome.kind == PartOutcomeKind::failed && !partly_committed_.contains(name) &&
           (part == nullptr || part->status() != PartStatus::failed);
  });
}

bool RepositoryWork::has_news() const {
  if (newest_.empty()) return has_kept_anything() && !next_.parts.empty();
  const bool is_new = next_.parts != parts_to_carry();
  if (!partly_committed_.empty()) return is_new || lacks_a_mark();
  // A failure that stays is no news: TwoParts.AFailureThatStaysWritesNoFurtherSnapshots.
  return has_kept_anything() && (is_new || is_news_of_repository());
}

void RepositoryWork::commit() {
  write_snapshot();
  for (const auto& part : parts_) {
    const auto outcome = outcomes_.find(PartName(part->name()));
    if (outcome == outcomes_.end() || outcome->second.kind != PartOutcomeKind::unchanged) continue;
    if (const Part* const kept = find_part(newest_.front().manifest.parts, part->name())) {
      const std::string detail = part->outcome_of(*kept).detail;
      if (!detail.empty()) outcome->second.detail = detail;
    }
  }
}

// The part of slices is as its last snapshot says, and not failed.
void RepositoryWork::mark_failed_parts(Parts& parts) const {
  for (const auto& [name, outcome] : outcomes_)
    if (outcome.kind == PartOutcomeKind::failed && !partly_committed_.contains(name))
      parts.insert_or_assign(name, with_status(copy_of(find_part(parts, name)), PartStatus::failed));
}

// What is lost of a part that this version cannot make again. The snapshot exists: what cannot be looked at
// now is no reason to forget it, and may be lost still.
std::vector<std::string> RepositoryWork::lost_and_needed(const Manifest& manifest) const {
  std::vector<std::string> keys;
  VaultObjects& objects = context_.vault.objects();
  const auto& lost = options().lost;
  const auto look_at = [&](const ObjectRecord& record) {
    if (std::find(lost.begin(), lost.end(), record.key) == lost.end()) return;
    NullSink nowhere;
    if (caught_error([&] { objects.read_stored(folder(), record, nowhere, stop()); }))
      keys.push_back(record.key);
  };
  const ListReader read_list = read_lists(objects, folder(), stop());
  for (const auto& [name, part] : manifest.parts)
    caught_error([&, &needs = part] { visit_objects(needs, read_list, look_at); });
  return keys;
}

void RepositoryWork::count_traffic() {
  std::uint64_t requests = 0;
  ByteCount bytes = 0;
  for (const auto& [name, outcome] : outcomes_) {
    requests += outcome.requests;
    bytes += outcome.bytes_received;
  }
  next_.requests = requests - std::exchange(requests_told_, requests);
  next_.bytes_received = bytes - std::exchange(bytes_told_, bytes);
}

void RepositoryWork::write_snapshot() {
  mark_failed_parts(next_.parts);
  count_traffic();
  const UtcTime made_at = context_.by_github(next_.made_at ? *next_.made_at : context_.clock.now());
  next_.made_at.reset();
  // The name has this machine's time. Where GitHub's is far from it, the manifest says so:
  // WrongClock.BehindIsSaidAndRestoredByGitHubsTime.
  if (is_off(time_of(next_) - made_at)) next_.made_at = made_at;
  CatalogEntry entry = entry_of(next_, "");  // which reads lists: what fails there must fail now
  if (is_repair()) {
    const std::set<std::string> mended = mended_keys(*this, next_);
    std::erase_if(next_.lost, [&](const std::string& key) { return mended.contains(key); });
  }
  const std::string sha256 = context_.vault.write_manifest(folder(), next_);
  // Beyond this point the snapshot exists; the catalog only makes it quicker to find.
  outcome_.snapshot = next_.snapshot;
  if (is_repair()) outcome_.still_needed = lost_and_needed(next_);
  entry.newest.front().sha256 = sha256;
  note_check(entry);
  tell_catalog(std::move(entry), true);
  superseded_.push_back(next_.snapshot);
  comes_after(next_.snapshot);
  lost_newest_.clear();  // this one names them
  newest_ = {{std::move(next_), sha256}};
}

void RepositoryWork::note_check(CatalogEntry& entry) const {
  if (known_) {
    entry.refs_checked_at = known_->refs_checked_at;
    entry.checked = known_->checked;
  }
  for (const auto& part : parts_)
    if (const auto found = checked_at_.find(PartName(part->name())); found != checked_at_.end())
      part->note_check(entry, found->second);
}

void RepositoryWork::look() {
  if (newest_.empty() || !partly_committed_.empty() || has_failed()) return;
  CatalogEntry entry = entry_of(newest_.front().manifest, newest_.front().sha256);
  entry.listing = listing();
  note_check(entry);
  tell_catalog(std::move(entry), committed_unnoticed().has_value());
}

void RepositoryWork::keep_as_it_was() {
  for (const auto& part : parts_)
    if (const Part* const kept = find_part(newest_.front().manifest.parts, part->name()))
      outcomes_.insert_or_assign(PartName(part->name()), part->outcome_of(*kept));
}

void RepositoryWork::commit_gone() {
  next_.gone_since = context_.clock.now();
  outcome_.kind = OutcomeKind::gone;
  write_snapshot();
  keep_as_it_was();
  for (auto& [name, outcome] : outcomes_) outcome.refs_vanished = false;  // nobody has asked
}

void RepositoryWork::tell_of(const CatalogEntry& unnoticed) {
  outcome_.detail = "found the snapshot of a run that was interrupted";
  keep_as_it_was();
  tell_catalog(unnoticed, true);
}

void RepositoryWork::mark_gone_in_catalog(std::string_view detail) {
  CatalogEntry entry = *known_;
  entry.gone_since = context_.clock.now();
  outcome_.kind = OutcomeKind::gone;
  outcome_.detail = detail;
  tell_catalog(std::move(entry), false);
}

void RepositoryWork::tell_catalog(CatalogEntry entry, bool has_new_snapshot) {
  update_ = {.entry = std::move(entry), .supersedes = {}, .has_new_snapshot = has_new_snapshot};
  if (has_new_snapshot) update_->supersedes = superseded_;
}

RepositoryResult RepositoryWork::finish(const std::optional<Error>& error) && {
  std::vector<PartOutcome> parts;
  for (const auto& part : parts_) {
    const auto found = outcomes_.find(PartName(part->name()));
    if (found != outcomes_.end())
      parts.push_back(std::move(found->second));
    else if (!error)
      parts.push_back({.part = PartName(part->name())});
  }
  if (error)
    for (PartOutcome& part : parts) take_back(part, *error);
  outcome_.error = error;
  return {.outcome = sum_up(std::move(outcome_), std::move(parts), stops_.is_stopping()),
          .update = std::move(update_),
          .open = std::move(open_),
          .found = std::move(found_)};
}

}  // namespace hubkeep
