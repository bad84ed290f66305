// Entries come one after another and cannot be looked at again. A whole object can be named, by hashing it; a
// delta can be named only if its base is a commit or tag that came just before (see recent_commits.h). All
// other deltas are nameless, and each of them may be any tip that was not seen. So at the end a pack is
// impossible only if more tips are missing than nameless deltas could stand for; what is possible but was not
// seen is counted as not proved. HonestPacks tests that no pack of git's own is ever called impossible.
#include "git/pack_watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "git/apply_delta.h"

namespace hubkeep {
namespace {

std::string_view name_of(PackEntryType type) {
  switch (type) {
    case kCommit:
      return "commit";
    case kTree:
      return "tree";
    case kTag:
      return "tag";
    default:
      return "blob";
  }
}

bool is_commit_or_tag(PackEntryType type) {
  return type == kCommit || type == kTag;
}

// What comes before an object's content when it is hashed.
void begin_name(Hasher& hasher, PackEntryType type, std::uint64_t size) {
  hasher.restart();
  hasher.write(fmt::format("{} {}", name_of(type), size));
  hasher.write(std::string_view("\0", 1));
}

bool may_be_commit(PackEntryType type) {
  return type == kUnknown || type == kCommit || type == kTag;
}

}  // namespace

PackWatch::PackWatch(ObjectFormat format, const FetchRequest* asked)
    : format_(format),
      asked_(asked),
      hasher_(format == ObjectFormat::sha1 ? HashKind::sha1 : HashKind::sha256) {
  if (asked != nullptr) tips_ = WantedTips(asked->wants, asked->commits);
}

void PackWatch::begin(const PackEntryHeader& entry) {
  entry_ = entry;
  content_.clear();
  hashes_ = false;
  if (is_delta(entry.type)) {
    base_ = recent_base();
    return delta_.begin();
  }
  hashes_ = matters_by_name();
  if (hashes_) begin_name(hasher_, entry.type, entry.size);
}

const RecentCommits::Commit* PackWatch::recent_base() const {
  if (tips_.unseen() == 0 || entry_.size > RecentCommits::kLargest) return nullptr;
  return entry_.type == kRefDelta ? commits_.named(entry_.base)
                                  : commits_.at(entry_.offset - entry_.base_distance);
}

bool PackWatch::keeps_content() const {
  if (entry_.type == kBlob) return LfsPointers::may_be_one(entry_.size);
  return hashes_ && is_commit_or_tag(entry_.type) && entry_.size <= RecentCommits::kLargest;
}

// Hashing costs CPU, so it is left out where the name cannot change the judgement: no delta waits for a base
// of this size, all tips were seen, or as many deltas have come as tips are missing.
bool PackWatch::matters_by_name() const {
  if (asked_ == nullptr) return false;
  if (bases_.asks_for_name(entry_.size)) return true;
  if (may_be_commit(entry_.type)) return tips_.unseen() > 0;
  return nameless_ < tips_.unseen() || nameless_of_commits_ < tips_.unseen_commits();
}

void PackWatch::write(std::string_view bytes) {
  if (is_delta(entry_.type)) {
    if (base_ != nullptr) content_ += bytes;
    return delta_.write(bytes);
  }
  if (hashes_) hasher_.write(bytes);
  if (keeps_content()) content_ += bytes;
}

// A fault ends the pack: it cannot be applied, by git either.
std::string_view PackWatch::end() {
  if (is_delta(entry_.type)) return end_delta();
  end_whole();
  return {};
}

void PackWatch::end_whole() {
  if (hashes_) {
    const Oid oid = Oid::from_raw(hasher_.finish(), format_);
    saw(oid);
    if (is_commit_or_tag(entry_.type) && keeps_content())
      commits_.add({.offset = entry_.offset, .type = entry_.type, .oid = oid, .content = content_});
  }
  // Of an increment the bases may lie in what we have.
  if (must_hold_all()) bases_.saw_size(entry_.size);
  if (entry_.type == kBlob && !content_.empty()) lfs_pointers_.saw_blob(content_);
  recent_.add({.offset = entry_.offset, .size = entry_.size, .type = entry_.type});
}

void PackWatch::saw(const Oid& oid) {
  tips_.see(oid);
  bases_.saw_name(oid);
}

// Of a delta that can be applied.
bool PackWatch::name_what_it_makes() {
  if (base_ == nullptr || base_->content.size() != delta_.base_size() ||
      delta_.result_size() > RecentCommits::kLargest)
    return false;
  std::string made = apply_delta(base_->content, content_);
  begin_name(hasher_, base_->type, made.size());
  hasher_.write(made);
  const Oid oid = Oid::from_raw(hasher_.finish(), format_);
  saw(oid);
  commits_.add({.offset = entry_.offset, .type = base_->type, .oid = oid, .content = std::move(made)});
  return true;
}

// A REF_DELTA's base may come later, or, in a thin pack, not at all: DeltaBases goes by sizes. An OFS_DELTA's
// base lies before it in this pack, and where it is recent its size must agree
// (PackWatch.RefusesABaseWhereNoObjectBegins, KnowsNothingOfABaseThatLiesFarBack).
std::string_view PackWatch::end_delta() {
  if (const auto fault = delta_.finish(); !fault.empty()) return fault;
  RecentEntry base;
  if (entry_.type == kRefDelta) {
    if (must_hold_all())
      base.rests_on = bases_.saw_delta(entry_.base, delta_.base_size(), delta_.result_size());
    if (base_ != nullptr) bases_.saw_name(entry_.base);
  } else {
    const auto answer = recent_.find(entry_.offset - entry_.base_distance, base);
    if (answer == RecentEntries::Answer::no_entry) return "no object begins where its base should";
    if (answer == RecentEntries::Answer::found && base.size != delta_.base_size())
      return "its delta is of a base of another size";
    if (must_hold_all()) bases_.saw_delta_on(base.rests_on, delta_.result_size());
  }
  if (base_ != nullptr) base.type = base_->type;
  ++deltas_;
  if (!name_what_it_makes()) {
    ++nameless_;
    if (may_be_commit(base.type)) ++nameless_of_commits_;
  }
  if (base.type == kUnknown || base.type == kBlob) lfs_pointers_.saw_delta(delta_.result_size());
  largest_delta_ = std::max(largest_delta_, delta_.result_size());
  recent_.add(
      {.offset = entry_.offset, .size = delta_.result_size(), .type = base.type, .rests_on = base.rests_on});
  return {};
}

PackWatch::Judgement PackWatch::judge(std::uint32_t objects) {
  if (asked_ == nullptr) return {};
  const auto bases = bases_.judge();
  return {.impossible = must_hold_all() ? impossible(objects, bases.impossible) : "",
          .not_proved = tips_.unseen() + bases.not_proved};
}

std::string PackWatch::impossible(std::uint32_t objects, bool bases_are_impossible) const {
  if (objects < tips_.count())
    return fmt::format("{} {} for {} tips", objects, objects == 1 ? "object" : "objects", tips_.count());
  const std::size_t lacking =
      std::max(tips_.unseen() - std::min<std::size_t>(tips_.unseen(), nameless_),
               tips_.unseen_commits() - std::min<std::size_t>(tips_.unseen_commits(), nameless_of_commits_));
  if (lacking > 0) return fmt::format("it lacks {} of {} tips", lacking, tips_.count());
  // A pack of deltas alone rests on nothing (PackWatch.ABaseOfDeltasAloneIsRefusedHoweverManyTheyAre).
  if (deltas_ == objects || bases_are_impossible) return "it has deltas without their bases";
  return {};
}

}  // namespace hubkeep
