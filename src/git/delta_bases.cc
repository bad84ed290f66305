// While the pack streams, sizes are put into bit sets and named bases are numbered. At the end deltas are
// followed round by round: whichever rests on a base that can be there makes its result possible as well, and
// is done. What is left when a round changes nothing rests on something missing, or on itself in a circle
// (PackWatch.ACycleOfDeltasIsRefused). Where there were too many to follow, nothing is called impossible
// (PackWatch.PassesMoreBasesThanItFollows).
#include "git/delta_bases.h"

#include <algorithm>

namespace hubkeep {
namespace {

constexpr std::size_t kMostBases = 4'096;  // that are followed, and twice as many deltas on them
constexpr std::size_t kMostDeltas = 2 * kMostBases;

}  // namespace

DeltaBases::Sizes& DeltaBases::sizes() {
  if (!sizes_) sizes_ = std::make_unique<Sizes>();
  return *sizes_;
}

void DeltaBases::saw_size(std::uint64_t size) {
  sizes().whole.set(slot(size));
}

void DeltaBases::saw_name(const Oid& oid) {
  const auto found = numbers_.find(oid);
  if (found != numbers_.end()) bases_[found->second - 1].seen = true;
}

std::uint32_t DeltaBases::saw_delta(const Oid& base, std::uint64_t base_size, std::uint64_t makes) {
  auto found = numbers_.find(base);
  if (found == numbers_.end()) {
    if (bases_.size() == kMostBases) {
      ++too_many_;
      return 0;
    }
    bases_.push_back({.size = base_size, .can_be_earlier = sizes().whole.test(slot(base_size))});
    found = numbers_.emplace(base, static_cast<std::uint32_t>(bases_.size())).first;
    sizes().asked.set(slot(base_size));
  }
  // PackWatch.TwoSizesOfOneBaseAreALie.
  if (bases_[found->second - 1].size != base_size) contradictory_ = true;
  follow(found->second, makes);
  return found->second;
}

void DeltaBases::saw_delta_on(std::uint32_t rests_on, std::uint64_t makes) {
  if (rests_on == 0)
    sizes().made.set(slot(makes));
  else
    follow(rests_on, makes);
}

void DeltaBases::follow(std::uint32_t base, std::uint64_t makes) {
  if (deltas_.size() == kMostDeltas)
    ++too_many_;
  else
    deltas_.push_back({base, makes});
}

bool DeltaBases::can_be_there(const Base& base) const {
  return base.seen || base.can_be_earlier || sizes_->made.test(slot(base.size));
}

DeltaBases::Judgement DeltaBases::judge() {
  Judgement judgement{.not_proved = too_many_};
  bool more = !bases_.empty() && too_many_ == 0;
  while (more) {
    const auto waiting = std::partition(deltas_.begin(), deltas_.end(), [&](const Delta& delta) {
      if (!can_be_there(bases_[delta.base - 1])) return true;
      sizes_->made.set(slot(delta.makes));
      return false;
    });
    more = waiting != deltas_.end();
    deltas_.erase(waiting, deltas_.end());
  }
  for (const Base& base : bases_) judgement.not_proved += base.seen ? 0 : 1;
  judgement.impossible = contradictory_ || (too_many_ == 0 && !deltas_.empty());
  return judgement;
}

}  // namespace hubkeep
