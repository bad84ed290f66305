#include "drill/choose_repositories.h"

#include <algorithm>
#include <random>
#include <tuple>

namespace hubkeep {
namespace {

using Candidates = std::vector<DrillCandidate>;

DrillChoice take(Candidates& candidates, Candidates::iterator found, ChosenAs as) {
  DrillChoice choice{.key = found->key, .as = as};
  candidates.erase(found);
  return choice;
}

// std::uniform_int_distribution gives each standard library other numbers; the seed would not repeat a
// choice.
Candidates::iterator by_chance(Candidates& candidates, std::mt19937_64& random) {
  return candidates.begin() + static_cast<std::ptrdiff_t>(random() % candidates.size());
}

// Never comes before all times. Of two alike the larger one: it shows more.
Candidates::iterator longest_not_drilled(Candidates& candidates) {
  return std::min_element(candidates.begin(), candidates.end(), [](const auto& a, const auto& b) {
    return std::tuple(a.last_drilled, b.size, a.key) < std::tuple(b.last_drilled, a.size, b.key);
  });
}

}  // namespace

std::vector<DrillChoice> choose_repositories(Candidates candidates, std::size_t count, std::uint64_t seed,
                                             ByteCount disk) {
  std::erase_if(candidates, [&](const DrillCandidate& candidate) { return candidate.size > disk; });
  std::sort(candidates.begin(), candidates.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
  std::vector<DrillChoice> choices;
  if (candidates.empty() || count == 0) return choices;
  const auto largest = std::max_element(candidates.begin(), candidates.end(),
                                        [](const auto& a, const auto& b) { return a.size < b.size; });
  choices.push_back(take(candidates, largest, ChosenAs::largest));

  // Chance has its pick before the turns have theirs: so earlier drills do not change what a seed picks.
  const std::size_t rest = std::min(count - 1, candidates.size());
  std::mt19937_64 random(seed);
  std::vector<DrillChoice> picked;
  for (std::size_t i = 0; i < rest / 2; ++i)
    picked.push_back(take(candidates, by_chance(candidates, random), ChosenAs::random));
  for (std::size_t i = 0; i < rest - rest / 2; ++i) {
    choices.push_back(take(candidates, longest_not_drilled(candidates), ChosenAs::longest_not_drilled));
    if (i < picked.size()) choices.push_back(picked[i]);
  }
  return choices;
}

}  // namespace hubkeep
