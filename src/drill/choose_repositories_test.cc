#include "drill/choose_repositories.h"

#include <gmock/gmock.h>

#include <set>

namespace hubkeep {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr ByteCount kEndless = ByteCount{1} << 60;

SubjectKey key(int id) {
  return {"github.com", id};
}

UtcTime day(int number) {
  return UtcTime(std::chrono::days(20'000 + number));
}

DrillCandidate candidate(int id, ByteCount size, std::optional<UtcTime> last = {}) {
  return {.key = key(id), .size = size, .last_drilled = last};
}

std::vector<DrillCandidate> hundred() {
  std::vector<DrillCandidate> candidates;
  for (int id = 1; id <= 100; ++id) candidates.push_back(candidate(id, 1000));
  return candidates;
}

std::vector<SubjectKey> chosen(ChosenAs as, const std::vector<DrillChoice>& choices) {
  std::vector<SubjectKey> keys;
  for (const DrillChoice& choice : choices)
    if (choice.as == as) keys.push_back(choice.key);
  return keys;
}

TEST(ChooseRepositories, TakesTheLargestFirst) {
  const auto choices =
      choose_repositories({candidate(1, 10), candidate(2, 30), candidate(3, 20)}, 1, 0, kEndless);

  EXPECT_THAT(choices, ElementsAre(DrillChoice{key(2), ChosenAs::largest}));
}

TEST(ChooseRepositories, ThenTheOneThatWasNotDrilledForLongest) {
  struct Case {
    std::vector<DrillCandidate> candidates;
    int expected;
  };
  const std::vector<Case> cases = {
      {{candidate(1, 10, day(3)), candidate(2, 99, day(1)), candidate(3, 20, day(2))}, 3},
      {{candidate(1, 10, day(1)), candidate(2, 99), candidate(3, 20)}, 3},           // never comes first
      {{candidate(1, 10), candidate(2, 99), candidate(3, 20)}, 3},                   // then the larger one
      {{candidate(1, 20), candidate(2, 99), candidate(3, 20)}, 1},                   // then the order of ids
      {{candidate(1, 10, day(1)), candidate(2, 99), candidate(3, 20, day(1))}, 3}};  // of one drill, too
  for (const Case& c : cases)
    EXPECT_THAT(choose_repositories(c.candidates, 2, 0, kEndless),
                ElementsAre(DrillChoice{key(2), ChosenAs::largest},
                            DrillChoice{key(c.expected), ChosenAs::longest_not_drilled}));
}

TEST(ChooseRepositories, ThenByTurnsOneByChance) {
  std::vector<ChosenAs> order;
  for (const DrillChoice& choice : choose_repositories(hundred(), 6, 7, kEndless)) order.push_back(choice.as);

  EXPECT_THAT(order,
              ElementsAre(ChosenAs::largest, ChosenAs::longest_not_drilled, ChosenAs::random,
                          ChosenAs::longest_not_drilled, ChosenAs::random, ChosenAs::longest_not_drilled));
}

TEST(ChooseRepositories, RepeatsWhatASeedPicksWhateverWasDrilledSince) {
  auto drilled = hundred();
  for (std::size_t i = 0; i < drilled.size(); i += 3) drilled[i].last_drilled = day(static_cast<int>(i));
  std::reverse(drilled.begin(), drilled.end());

  const auto first = chosen(ChosenAs::random, choose_repositories(hundred(), 21, 7, kEndless));
  const auto again = chosen(ChosenAs::random, choose_repositories(drilled, 21, 7, kEndless));
  const auto other = chosen(ChosenAs::random, choose_repositories(hundred(), 21, 8, kEndless));

  EXPECT_THAT(first, SizeIs(10));
  EXPECT_EQ(first, again);
  EXPECT_NE(first, other);
}

// The numbers of std::mt19937_64 are the standard's: a seed picks the same on every machine.
TEST(ChooseRepositories, PicksTheSameOnEveryMachine) {
  EXPECT_THAT(chosen(ChosenAs::random, choose_repositories(hundred(), 5, 1, kEndless)),
              ElementsAre(key(70), key(4)));
}

TEST(ChooseRepositories, TakesEachOnceAndNoMoreThanThereAre) {
  const auto choices = choose_repositories(hundred(), 1000, 3, kEndless);
  std::set<SubjectKey> keys;
  for (const DrillChoice& choice : choices) keys.insert(choice.key);

  EXPECT_THAT(choices, SizeIs(100));
  EXPECT_THAT(keys, SizeIs(100));
  EXPECT_THAT(choose_repositories({}, 3, 3, kEndless), IsEmpty());
  EXPECT_THAT(choose_repositories(hundred(), 0, 3, kEndless), IsEmpty());
}

TEST(ChooseRepositories, LeavesOutWhatTheDiskDoesNotHold) {
  const auto choices = choose_repositories({candidate(1, 10), candidate(2, 30), candidate(3, 20)}, 3, 0, 20);

  EXPECT_THAT(choices, ElementsAre(DrillChoice{key(3), ChosenAs::largest},
                                   DrillChoice{key(1), ChosenAs::longest_not_drilled}));
}

}  // namespace
}  // namespace hubkeep
