#include "backup/absences.h"

#include <gmock/gmock.h>

namespace hubkeep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

UtcTime hour(int number) {
  return UtcTime(std::chrono::hours(490'000 + number));
}

struct Gone {
  int since = 0;
  bool is_private = false;
  bool is_accepted = false;
};

// `there` repositories that are listed, and others that went.
HostState state_of(int there, const std::vector<Gone>& gone) {
  HostState state{.host = "github.com", .vault = "v"};
  for (int id = 1; id <= there; ++id) state.repositories[id].name = "acme/there" + std::to_string(id);
  int id = 1000;
  for (const Gone& one : gone) {
    RepositoryState& repository = state.repositories[++id];
    repository.name = "acme/gone" + std::to_string(id - 1000);
    repository.is_private = one.is_private;
    repository.absence = Absence{.since = hour(one.since), .accepted_at = std::nullopt};
    if (one.is_accepted) repository.absence->accepted_at = hour(one.since);
  }
  return state;
}

TEST(MaxGone, ReadsSharesAndNumbers) {
  EXPECT_EQ(MaxGone::parse("5%").percent, 5U);
  EXPECT_EQ(MaxGone::parse("0%").percent, 0U);
  EXPECT_EQ(MaxGone::parse("100%").percent, 100U);
  EXPECT_EQ(MaxGone::parse("12").count, 12U);
  for (const char* text : {"", "%", "-1", "101%", "5 %", "x", "1.5%", "99999999999"})
    EXPECT_THROW(MaxGone::parse(text), Error) << text;
}

TEST(AbsenceAlarms, AreNotForASecretGistWhichWhoeverKnowsItWouldSee) {
  HostState state = state_of(5, {});
  RepositoryState& gist = state.repositories[SubjectId::gist("aa5a")];
  gist.name = "octo/aa5a";
  gist.is_private = true;
  gist.absence = Absence{.since = hour(1), .accepted_at = std::nullopt};

  EXPECT_THAT(absence_alarms(state, {}), IsEmpty());
  EXPECT_EQ(absence_alarms(state, {.percent = 0, .count = 0}).size(), 1U) << "but it counts";
}

struct ExceededCase {
  const char* max_gone;
  std::size_t gone;
  std::size_t known;
  bool is_exceeded;
};

TEST(MaxGone, LetsTwoGoAlwaysAndItsShareOfMany) {
  const ExceededCase cases[] = {{"5%", 1, 1, false},    {"5%", 2, 4, false},    {"5%", 3, 10, true},
                                {"5%", 3, 60, false},   {"5%", 4, 60, true},    {"5%", 50, 1000, false},
                                {"5%", 51, 1000, true}, {"0%", 2, 1000, false}, {"0%", 3, 1000, true},
                                {"0", 1, 1000, true},   {"4", 4, 4, false},     {"4", 5, 1000, true}};
  for (const auto& c : cases)
    EXPECT_EQ(MaxGone::parse(c.max_gone).is_exceeded(c.gone, c.known), c.is_exceeded)
        << c.max_gone << " " << c.gone << " of " << c.known;
}

TEST(AbsenceAlarms, AreForEveryPrivateOneUntilItIsAccepted) {
  EXPECT_THAT(absence_alarms(state_of(10, {{.since = 1}}), {}), IsEmpty());
  EXPECT_THAT(absence_alarms(state_of(10, {{.since = 1, .is_private = true, .is_accepted = true}}), {}),
              IsEmpty());

  const auto alarms = absence_alarms(state_of(10, {{.since = 1}, {.since = 1, .is_private = true}}), {});

  ASSERT_EQ(alarms.size(), 1U);
  EXPECT_EQ(alarms.front().since, hour(1));
  EXPECT_THAT(alarms.front().repositories, ElementsAre("acme/gone2"));
  EXPECT_THAT(alarms.front().text, HasSubstr("hidden from the token since"));
}

TEST(AbsenceAlarms, AreForManyThatWentInOneRunButNotOneByOne) {
  std::vector<Gone> at_once(3);
  std::vector<Gone> one_by_one;
  for (int i = 0; i < 9; ++i) one_by_one.push_back({.since = i});

  EXPECT_THAT(absence_alarms(state_of(20, one_by_one), {}), IsEmpty());
  const auto alarms = absence_alarms(state_of(20, at_once), {});

  ASSERT_EQ(alarms.size(), 1U);
  EXPECT_EQ(alarms.front().repositories.size(), 3U);
  EXPECT_THAT(alarms.front().text, HasSubstr("of 23 repositories, these went at once"));
  EXPECT_THAT(absence_alarms(state_of(20, at_once), MaxGone::parse("20%")), IsEmpty());
}

TEST(AbsenceAlarms, EndWhenAllIsAccepted) {
  HostState state = state_of(5, {{.since = 1, .is_private = true}, {.since = 2}, {.since = 2}, {.since = 2}});
  ASSERT_EQ(absence_alarms(state, {}).size(), 2U);

  accept_absences(state, hour(3));

  EXPECT_THAT(absence_alarms(state, {}), IsEmpty());
  EXPECT_EQ(state.repositories.at(1001).absence->accepted_at, hour(3));
}

TEST(SomeOf, NamesTenAndCountsTheRest) {
  EXPECT_EQ(some_of({"a/b", "c/d"}), "a/b, c/d");
  EXPECT_THAT(some_of(std::vector<std::string>(13, "a/b")), HasSubstr(", a/b and 3 more"));
}

}  // namespace
}  // namespace hubkeep
