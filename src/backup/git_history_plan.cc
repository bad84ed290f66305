// A history is a stack of wants. The one on top is asked for as a whole where that fits; else its history is
// cut at a depth below which lies about one slice, and the commits there are asked for first. Where one step
// of depth is too much for a slice, the commits at its end go onto the stack, each to be cut by itself: most
// of a history may lie behind one of them. So each slice is at last one commit, and what does not come then
// is that commit's fault.
//
// Depth says little of size: a step of one may hide most of a history. A server that filters says how many
// commits lie within a depth, and then a slice is cut by their number; of others the depth itself is the
// measure, and a slice that was cut tells more.
//
// What is held is told to the server and stands in the snapshot, so there must not be too much of it: with
// each slice of a history those before it are within, and are dropped.
#include "backup/git_history_plan.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "vault/git_part.h"

namespace hubkeep {
namespace {

constexpr std::uint64_t kMostPatience = 1024;  // slices that arrive, before they grow again
constexpr std::uint32_t kFirstDepth = 64;
constexpr std::uint32_t kDepthFactor = 4;
constexpr std::uint32_t kGreatestDepth = 1U << 30U;
constexpr int kMostQuestions = 24;           // for one slice
constexpr int kMostQuestionsInAll = 20'000;  // a server may name ever other commits

bool is_small(std::uint64_t size, std::uint64_t slice) {
  return size == 0 || size < slice / 4;
}

}  // namespace

void SlicePace::begin(std::uint64_t size) {
  if (arrivals_to_grow_ > 1) return;  // what was cut says more
  begun_with_ = std::max({begun_with_, size / slices_, std::uint64_t{1}});
  largest_ = begun_with_;
  slice_ = begun_with_;
}

void SlicePace::arrived() {
  slice_ = std::min(slice_ * 2, largest_);
  if (++arrivals_ < arrivals_to_grow_) return;
  arrivals_ = 0;
  largest_ = std::min(largest_ * 2, begun_with_);
}

// A line that drops at random lets larger ones pass another time, a proxy that cuts after a minute does not.
void SlicePace::cut(std::uint64_t size) {
  arrivals_ = 0;
  arrivals_to_grow_ = std::min(arrivals_to_grow_ * 2, kMostPatience);
  largest_ = std::max<std::uint64_t>(std::min(largest_, size / 2), 1);
  slice_ = std::max<std::uint64_t>(std::min(slice_, size) / 4, 1);
}

void SlicePace::was_one_commit() {
  arrivals_ = 0;
  arrivals_to_grow_ = 1;
  largest_ = begun_with_;
  slice_ = begun_with_;
}

HistoryCut::HistoryCut(Oid tip, std::optional<std::uint64_t> lacking, SlicePace pace)
    : tip_(std::move(tip)), lacking_(lacking), own_pace_(pace) {}

std::uint64_t HistoryCut::rest() const {
  if (!held_from_) return lacking_.value_or(kGreatestDepth);
  const std::uint64_t within = lacking_ ? known_.at(*held_from_).within : *held_from_ - 1;
  return lacking_ ? std::min(*lacking_, within) : within;
}

bool HistoryCut::is_single() const {
  return rest() <= 1;
}

void HistoryCut::answered(std::uint32_t depth, const HistoryAnswer& answer) {
  Known& known = known_[depth];
  // Without those at the depth: a slice begins with them.
  const std::uint64_t commits = answer.commits.value_or(lacking_.value_or(0));
  known.within = lacking_ ? commits - std::min<std::uint64_t>(commits, answer.boundary.size()) : depth - 1;
  known.boundary = answer.boundary;
  // At depth 1 the boundary is the commit itself, which cannot be asked for before itself.
  std::erase(known.boundary, tip_);
}

void HistoryCut::arrived() {
  held_from_ = taken_;
  asked_ = 0;
  own_pace_.arrived();
}

void HistoryCut::cut() {
  if (taken_ && size_ <= 1) to_take_apart_.insert(*taken_);
  asked_ = 0;
  own_pace_.cut(size_);
}

std::vector<Oid> HistoryCut::lacking_at(std::uint32_t depth, const IsHeldCommit& is_held) const {
  std::vector<Oid> lacking;
  for (const Oid& commit : known_.at(depth).boundary)
    if (!is_held(commit)) lacking.push_back(commit);
  return lacking;
}

// What lies deeper leads on from there, so it is held as well.
void HistoryCut::look_for_what_is_held(const IsHeldCommit& is_held) {
  for (const auto& [depth, known] : known_) {
    if (held_from_ && depth >= *held_from_) return;
    if (known.boundary.size() < kMostBoundaryCommits && lacking_at(depth, is_held).empty()) {
      held_from_ = depth;
      return;
    }
  }
}

// Of a history that cannot be counted: about how deep it is.
std::optional<HistoryCut::Step> HistoryCut::find_height() {
  std::uint32_t low = 1;
  for (const auto& [depth, known] : known_)
    if (!held_from_ || depth < *held_from_) low = depth;
  if (!held_from_) {
    if (low >= kGreatestDepth) return whole();
    return Ask{low == 1 ? kFirstDepth : low * kDepthFactor};
  }
  const std::uint32_t close = std::max<std::uint32_t>(low / static_cast<std::uint32_t>(kSlicesOfAHistory), 1);
  if (*held_from_ - low > close) return Ask{low + (*held_from_ - low) / 2};
  knows_height_ = true;
  own_pace_.begin(*held_from_);
  return std::nullopt;
}

HistoryCut::Step HistoryCut::whole() {
  taken_.reset();
  size_ = rest();
  return Whole{};
}

HistoryCut::Step HistoryCut::take(std::uint32_t depth, std::vector<Oid> lacking) {
  taken_ = depth;
  size_ = below(known_.at(depth).within);
  if (to_take_apart_.contains(depth)) return Apart{std::move(lacking)};
  return Take{std::move(lacking)};
}

std::optional<HistoryCut::Step> HistoryCut::best_known(const SlicePace& pace, const IsHeldCommit& is_held,
                                                       std::size_t room) {
  std::optional<std::uint32_t> best;
  double best_distance = 0;
  for (const auto& [depth, known] : known_) {
    if (held_from_ && depth >= *held_from_) break;
    const std::uint64_t size = below(known.within);
    if (size == 0 || lacking_at(depth, is_held).size() > room) continue;
    const double distance =
        std::abs(std::log2(static_cast<double>(size)) - std::log2(static_cast<double>(pace.slice())));
    if (best && distance >= best_distance) continue;
    best = depth;
    best_distance = distance;
  }
  if (!best) return std::nullopt;
  return take(*best, lacking_at(*best, is_held));
}

// As if what lies between two depths were spread evenly; each second time the middle, since it may be not.
std::uint32_t HistoryCut::guess(std::uint32_t low, std::uint32_t high, std::uint64_t slice) const {
  const auto size_at = [&](std::uint32_t depth) {
    const auto found = known_.find(depth);
    if (found != known_.end()) return static_cast<double>(below(found->second.within));
    return static_cast<double>(below(depth == low ? 1 : rest()));
  };
  const double sizes = size_at(low) - size_at(high);
  std::uint32_t depth = low + (high - low) / 2;
  if (asked_ % 2 == 0 && sizes > 0) {
    const double share = (static_cast<double>(slice) - size_at(high)) / sizes;
    depth = high - static_cast<std::uint32_t>(std::clamp(share, 0.0, 1.0) * (high - low));
  }
  depth = std::clamp(depth, low + 1, high - 1);
  for (std::uint32_t step = 0; step < high - low; ++step) {
    if (depth + step < high && !known_.contains(depth + step)) return depth + step;
    if (depth > low + step && !known_.contains(depth - step)) return depth - step;
  }
  return 0;  // all are known
}

HistoryCut::Step HistoryCut::next(const SlicePace& shared, const IsHeldCommit& is_held, std::size_t room) {
  look_for_what_is_held(is_held);
  if (!lacking_ && !knows_height_)
    if (auto step = find_height()) return *std::move(step);
  const SlicePace& pace = pace_of(shared);
  if (pace.fits(rest()) || is_single()) return whole();
  const std::uint64_t slice = pace.slice();
  std::uint32_t low = 1;
  std::uint32_t high = held_from_.value_or(0);  // 0: not known
  std::optional<std::uint32_t> fitting;
  for (const auto& [depth, known] : known_) {
    if (held_from_ && depth >= *held_from_) break;
    const std::uint64_t size = below(known.within);
    if (!pace.fits(size)) {
      low = depth;
    } else if (is_small(size, slice)) {
      high = depth;
      break;
    } else if (!fitting && lacking_at(depth, is_held).size() <= room) {
      fitting = depth;
    }
  }
  if (fitting) return take(*fitting, lacking_at(*fitting, is_held));
  const bool is_step = high != 0 && high - low <= 1;
  if (is_step && low > 1 && lacking_at(low, is_held).size() <= room) {
    size_ = below(known_.at(low).within);
    return Apart{lacking_at(low, is_held)};
  }
  std::uint32_t depth = 0;
  if (high == 0)
    depth = low >= kGreatestDepth ? 0 : std::max(low * kDepthFactor, kFirstDepth);
  else if (!is_step)
    depth = guess(low, high, slice);
  if (depth != 0 && ++asked_ <= kMostQuestions) return Ask{depth};
  if (auto best = best_known(pace, is_held, room)) return *std::move(best);
  return whole();
}

HistoryPlan::HistoryPlan(const std::vector<Oid>& wants, std::vector<Oid> held, SlicePace& pace,
                         IsHeldCommit is_held, Options options)
    : pace_(pace), is_held_(std::move(is_held)), options_(std::move(options)) {
  for (Oid& commit : held) held_.push_back({std::move(commit), -1});
  push(wants, 0);
  if (!options_.counts && !options_.whole_first)
    for (Entry& entry : stack_) entry.tries_whole = false;
}

// The first is to be the next. Without numbers nothing is known of several together.
void HistoryPlan::push(std::vector<Oid> commits, int level) {
  if (options_.counts) {
    stack_.push_back({.wants = std::move(commits), .level = level});
    return;
  }
  for (auto commit = commits.rbegin(); commit != commits.rend(); ++commit)
    stack_.push_back({.wants = {*commit}, .level = level});
}

void HistoryPlan::split(const Entry& entry) {
  const Entry whole = entry;
  stack_.pop_back();
  const auto middle = whole.wants.begin() + static_cast<std::ptrdiff_t>(whole.wants.size() / 2);
  stack_.push_back({.wants = {middle, whole.wants.end()}, .level = whole.level});
  stack_.push_back({.wants = {whole.wants.begin(), middle}, .level = whole.level});
}

std::size_t HistoryPlan::room_at(int level) const {
  const auto staying = std::count_if(
      held_.begin(), held_.end(), [&](const Held& held) { return held.level >= 0 && held.level <= level; });
  return kMaxHeld - std::min(kMaxHeld, static_cast<std::size_t>(staying));
}

HistoryPlan::Step HistoryPlan::next() {
  while (!stack_.empty()) {
    Entry& top = stack_.back();
    std::erase_if(top.wants,
                  [&](const Oid& commit) { return arrived_.contains(commit) || is_held_(commit); });
    if (top.wants.empty()) {
      stack_.pop_back();
      continue;
    }
    if (auto step = next_of(top)) return *std::move(step);
  }
  return Done{};
}

// Nothing where the stack has changed.
std::optional<HistoryPlan::Step> HistoryPlan::next_of(Entry& entry) {
  if (entry.wants.size() == 1 && options_.stuck.contains(entry.wants.front()))
    return Stuck{entry.wants.front(), true};
  if (options_.counts && !entry.lacking && ++questions_ <= kMostQuestionsInAll) return Count{entry.wants};
  const bool fits = options_.counts ? pace_.fits(entry.lacking.value_or(1)) : entry.tries_whole;
  const bool is_enough = questions_ > kMostQuestionsInAll;
  if (is_enough && entry.cuts_of_whole >= kAttemptsAtOne) return Stuck{entry.wants.front(), false};
  if (is_enough || (fits && !entry.cut && entry.cuts_of_whole == 0)) {
    taken_ = entry.wants;
    took_whole_ = true;
    return Take{entry.wants};
  }
  if (entry.wants.size() == 1) return next_of_one(entry);
  split(entry);
  return std::nullopt;
}

std::optional<HistoryPlan::Step> HistoryPlan::next_of_one(Entry& entry) {
  const Oid tip = entry.wants.front();
  if (!entry.cut) entry.cut.emplace(tip, entry.lacking, SlicePace(kSlicesOfAHistory));
  const int level = entry.level + 1;
  auto step = entry.cut->next(
      pace_, [&](const Oid& commit) { return arrived_.contains(commit) || is_held_(commit); },
      room_at(entry.level));
  if (const auto* ask = std::get_if<HistoryCut::Ask>(&step)) {
    ++questions_;
    return Ask{tip, ask->depth};
  }
  if (auto* apart = std::get_if<HistoryCut::Apart>(&step)) {
    push(std::move(apart->commits), level);
    return std::nullopt;
  }
  took_whole_ = std::holds_alternative<HistoryCut::Whole>(step);
  if (took_whole_ && entry.cuts_of_whole >= kAttemptsAtOne) {
    const bool is_single = entry.cut->is_single();
    if (is_single) pace_.was_one_commit();
    return Stuck{tip, is_single};
  }
  taken_ = took_whole_ ? std::vector<Oid>{tip} : std::get<HistoryCut::Take>(step).commits;
  return Take{taken_};
}

void HistoryPlan::counted(std::uint64_t commits) {
  stack_.back().lacking = commits;
  if (stack_.back().level == 0) pace_.begin(commits);
}

void HistoryPlan::answered(std::uint32_t depth, const HistoryAnswer& answer) {
  stack_.back().cut->answered(depth, answer);
}

// What was held of the same history, and of those behind its commits, is within.
std::vector<HistoryPlan::Held> HistoryPlan::held_with(const std::vector<Oid>& commits, int level) const {
  std::vector<Held> held = held_;
  const int within = took_whole_ ? level + 1 : level;
  std::erase_if(held, [&](const Held& each) { return each.level >= within; });
  OidSet known;
  for (const Held& each : held) known.insert(each.commit);
  for (const Oid& commit : commits) {
    const bool is_tip = options_.is_tip && options_.is_tip(commit);
    if (!is_tip && known.insert(commit)) held.push_back({commit, level});
  }
  const std::size_t too_many = held.size() - std::min(held.size(), kMaxHeld);
  held.erase(held.begin(), held.begin() + static_cast<std::ptrdiff_t>(too_many));
  return held;
}

void HistoryPlan::arrived() {
  Entry& top = stack_.back();
  held_ = held_with(taken_, took_whole_ ? top.level : top.level + 1);
  for (const Oid& commit : taken_) arrived_.insert(commit);
  pace_.arrived();
  for (Entry& entry : stack_) entry.cuts_of_whole = 0;
  if (took_whole_) return stack_.pop_back();
  top.cut->arrived();
}

void HistoryPlan::cut() {
  Entry& top = stack_.back();
  if (options_.counts) pace_.cut(top.cut ? top.cut->size() : top.lacking.value_or(1));
  if (top.cut) top.cut->cut();
  if (!took_whole_) return;
  top.tries_whole = false;
  ++top.cuts_of_whole;
  if (top.wants.size() > 1) split(top);
}

std::vector<Oid> HistoryPlan::held() const {
  std::vector<Oid> commits;
  for (const Held& each : held_) commits.push_back(each.commit);
  return commits;
}

std::vector<Oid> HistoryPlan::held_if_arrives() const {
  const Entry& top = stack_.back();
  std::vector<Oid> commits;
  for (const Held& each : held_with(taken_, took_whole_ ? top.level : top.level + 1))
    commits.push_back(each.commit);
  return commits;
}

std::vector<Oid> HistoryPlan::open() const {
  std::vector<Oid> commits;
  for (auto entry = stack_.rbegin(); entry != stack_.rend(); ++entry)
    commits.insert(commits.end(), entry->wants.begin(), entry->wants.end());
  return commits;
}

}  // namespace hubkeep
