#include "backup/git_slice_plan.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <functional>

namespace hubkeep {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

Oid oid(int number) {
  return *Oid::parse(fmt::format("{:040x}", number));
}

RefState state(std::vector<Ref> refs, Head head = {}) {
  std::sort(refs.begin(), refs.end(), [](const Ref& a, const Ref& b) { return a.name < b.name; });
  return {.head = std::move(head), .refs = std::move(refs)};
}

RefState tags(int count) {
  std::vector<Ref> refs;
  refs.reserve(static_cast<std::size_t>(count));
  for (int i = 1; i <= count; ++i) refs.push_back({fmt::format("refs/tags/v{}", i), oid(i)});
  return state(std::move(refs));
}

std::vector<std::string> names_of(const std::vector<Ref>& refs) {
  std::vector<std::string> names;
  for (const Ref& ref : refs) names.push_back(ref.name);
  return names;
}

struct Played {
  std::vector<std::size_t> sizes;    // of the slices asked for, in order
  std::vector<std::string> arrived;  // in order
  std::vector<std::string> lost;
};

// Goes through the plan over a connection of which `breaks` knows what it does.
Played play(SlicePlan plan, const std::function<bool(const std::vector<Ref>&)>& breaks) {
  Played played;
  while (!plan.slice().empty()) {
    const auto slice = plan.slice();
    played.sizes.push_back(slice.size());
    if (breaks(slice)) {
      plan.broke();
      continue;
    }
    for (const auto& name : names_of(slice)) played.arrived.push_back(name);
    plan.arrived();
  }
  played.lost = names_of(plan.passed_over());
  return played;
}

bool holds(const std::vector<Ref>& slice, const std::vector<std::string>& names) {
  return std::any_of(slice.begin(), slice.end(), [&](const Ref& ref) {
    return std::find(names.begin(), names.end(), ref.name) != names.end();
  });
}

TEST(VersionOrder, ComparesNumbersAsNumbers) {
  for (const auto& [earlier, later] : std::vector<std::pair<const char*, const char*>>{
           {"v1.2", "v1.10"},
           {"v1.9.9", "v1.10"},
           {"v2", "v10"},
           {"v1", "v1.0"},
           {"v1.0", "v1.0-rc1"},
           {"a2", "b1"},
           {"v01", "v1"},
           {"v1a", "v01b"},
           {"v99999999999999999999998", "v99999999999999999999999"},
           {"", "v1"}}) {
    EXPECT_TRUE(is_earlier_version(earlier, later)) << earlier << " " << later;
    EXPECT_FALSE(is_earlier_version(later, earlier)) << earlier << " " << later;
    EXPECT_FALSE(is_earlier_version(earlier, earlier)) << earlier;
  }
}

TEST(SlicePlan, TakesTagsByVersionThenHeadsThenTheRest) {
  const RefState now = state({{"refs/heads/a", oid(1)},
                              {"refs/heads/main", oid(2)},
                              {"refs/notes/commits", oid(3)},
                              {"refs/pull/2/head", oid(4)},
                              {"refs/pull/10/head", oid(5)},
                              {"refs/tags/v1.10", oid(6)},
                              {"refs/tags/v1.2", oid(7)}},
                             {"refs/heads/main", oid(2)});

  const auto played = play(SlicePlan(now, {}), [](const auto&) { return false; });

  EXPECT_THAT(played.arrived,
              ElementsAre("refs/tags/v1.2", "refs/tags/v1.10", "refs/heads/main", "refs/heads/a",
                          "refs/notes/commits", "refs/pull/2/head", "refs/pull/10/head"));
  EXPECT_THAT(played.lost, IsEmpty());
}

TEST(SlicePlan, AsksForEachObjectOnceAndForNoneThatIsHeld) {
  const RefState now =
      state({{"refs/heads/main", oid(2)}, {"refs/tags/v1", oid(1)}, {"refs/tags/v2", oid(2)}},
            {"refs/heads/main", oid(2)});

  const auto played = play(SlicePlan(now, {oid(1)}), [](const auto&) { return false; });

  EXPECT_THAT(played.arrived, ElementsAre("refs/tags/v2"));
  EXPECT_THAT(SlicePlan(now, oids_of(now)).slice(), IsEmpty());
}

TEST(SlicePlan, TakesADetachedHeadFirstAmongTheHeads) {
  const RefState now = state({{"refs/heads/main", oid(2)}, {"refs/tags/v1", oid(1)}}, {"", oid(9)});

  const auto played = play(SlicePlan(now, {}), [](const auto&) { return false; });

  EXPECT_THAT(played.arrived, ElementsAre("refs/tags/v1", "HEAD", "refs/heads/main"));
}

TEST(SlicePlan, BeginsWithAnEighthAndGrowsWhileTheConnectionHolds) {
  EXPECT_THAT(play(SlicePlan(tags(80), {}), [](const auto&) { return false; }).sizes,
              ElementsAre(10, 20, 40, 10));
  EXPECT_THAT(play(SlicePlan(tags(3), {}), [](const auto&) { return false; }).sizes, ElementsAre(1, 2));
}

TEST(SlicePlan, HalvesWhatBreaksAndGrowsTheMoreSlowly) {
  const auto played = play(SlicePlan(tags(32), {}), [](const auto& slice) { return slice.size() > 2; });

  EXPECT_THAT(played.arrived, SizeIs(32));
  EXPECT_THAT(played.sizes, ElementsAre(4, 2, 2, 4, 2, 2, 2, 2, 4, 2, 2, 2, 2, 2, 2, 2, 2, 4, 2, 2));
}

TEST(SlicePlan, PassesOverASingleRefThatBreaksAndTriesItAgainOnce) {
  int tries = 0;

  const auto played = play(SlicePlan(tags(12), {}), [&](const auto& slice) {
    const bool breaks = holds(slice, {"refs/tags/v5"});
    tries += breaks && slice.size() == 1 ? 1 : 0;
    return breaks;
  });

  EXPECT_THAT(played.arrived, SizeIs(11));
  EXPECT_THAT(played.lost, ElementsAre("refs/tags/v5"));
  EXPECT_EQ(tries, 2);
}

TEST(SlicePlan, GetsAfterTheOthersWhatNeedsTheirHistory) {
  bool main_is_there = false;
  const RefState now =
      state({{"refs/heads/main", oid(2)}, {"refs/tags/v1", oid(1)}}, {"refs/heads/main", oid(2)});

  const auto played = play(SlicePlan(now, {}), [&](const auto& slice) {
    const bool breaks = holds(slice, {"refs/tags/v1"}) && !main_is_there;
    main_is_there = main_is_there || holds(slice, {"refs/heads/main"});
    return breaks;
  });

  EXPECT_THAT(played.arrived, ElementsAre("refs/heads/main", "refs/tags/v1"));
  EXPECT_THAT(played.lost, IsEmpty());
}

TEST(SlicePlan, CostsFewAttemptsWhenNothingEverArrives) {
  const auto played = play(SlicePlan(tags(8000), {}), [](const auto&) { return true; });

  EXPECT_THAT(played.lost, SizeIs(8000));
  EXPECT_LE(played.sizes.size(), 30U);
}

TEST(SlicePlan, FindsTheFewThatCanBeHadAmongThousands) {
  RefState now = tags(2000);
  now.refs.add("refs/pull/1/head", oid(9001));

  const auto played = play(SlicePlan(now, {}), [](const auto& slice) {
    return slice.size() != 1 || slice[0].name != "refs/pull/1/head";
  });

  EXPECT_THAT(played.arrived, ElementsAre("refs/pull/1/head"));
  EXPECT_LE(played.sizes.size(), 60U);
}

TEST(HeldRefs, HasATableOfCases) {
  const Head main_head{"refs/heads/main", oid(2)};
  const RefState now = state({{"refs/heads/main", oid(2)}, {"refs/tags/v1", oid(1)}}, main_head);
  const RefState old =
      state({{"refs/heads/gone", oid(8)}, {"refs/heads/main", oid(3)}}, {"refs/heads/main", oid(3)});
  RefState detached = now;
  detached.head = {"", oid(9)};
  RefState was_detached = old;
  was_detached.head = {"", oid(7)};
  struct Case {
    const char* what;
    RefState now;
    std::optional<RefState> before;
    OidSet held;
    RefState expected;
  };
  for (const Case& c : {
           Case{"nothing", now, {}, {}, state({}, {"refs/heads/main", {}})},
           Case{"everything", now, {}, {oid(1), oid(2)}, now},
           Case{"a tag, HEAD is unborn",
                now,
                {},
                {oid(1)},
                state({{"refs/tags/v1", oid(1)}}, {"refs/heads/main", {}})},
           Case{"a branch at its old value, HEAD with it; what is gone is left out", now, old, oids_of(old),
                state({{"refs/heads/main", oid(3)}}, {"refs/heads/main", oid(3)})},
           Case{"a detached HEAD that is held", detached, {}, {oid(9)}, state({}, {"", oid(9)})},
           Case{"a detached HEAD that is not", detached, {}, {oid(1)}, state({{"refs/tags/v1", oid(1)}})},
           Case{"a detached HEAD at its old value", detached, was_detached, oids_of(was_detached),
                state({{"refs/heads/main", oid(3)}}, {"", oid(7)})},
           Case{"a detached HEAD that was a branch", detached, old, oids_of(old),
                state({{"refs/heads/main", oid(3)}})},
           Case{"an unborn HEAD", state({}, {"refs/heads/x", {}}), {}, {}, state({}, {"refs/heads/x", {}})},
       }) {
    EXPECT_EQ(held_refs(c.now, c.before, [&](const Oid& o) { return c.held.contains(o); }), c.expected)
        << c.what;
  }
}

// Goes through the plan over a good connection, of a server that refuses whatever has one of `lost` in it.
Played play_refused(SlicePlan plan, const std::vector<std::string>& lost) {
  Played played;
  while (!plan.slice().empty()) {
    const auto names = names_of(plan.slice());
    played.sizes.push_back(names.size());
    const bool is_refused = std::any_of(names.begin(), names.end(), [&](const std::string& name) {
      return std::find(lost.begin(), lost.end(), name) != lost.end();
    });
    if (!is_refused) {
      played.arrived.insert(played.arrived.end(), names.begin(), names.end());
      plan.arrived();
      continue;
    }
    if (names.size() == 1) played.lost.push_back(names.front());
    plan.refused();
  }
  EXPECT_THAT(plan.passed_over(), IsEmpty());
  return played;
}

TEST(SlicePlan, WhatTheServerNamesAsTheCauseIsNotAskedForAgain) {
  const RefState now = tags(9);
  SlicePlan plan(now, {}, SlicePlan::Begin::refused);
  std::vector<std::size_t> sizes;
  for (; !plan.slice().empty(); plan.refused(Oid(plan.slice().front().oid)))
    sizes.push_back(plan.slice().size());

  EXPECT_THAT(sizes, SizeIs(9)) << "one for each object";
}

TEST(SlicePlan, HalvesWhatIsRefusedUntilTheCauseStandsAlone) {
  const auto played = play_refused(SlicePlan(tags(1000), {}, SlicePlan::Begin::refused), {"refs/tags/v321"});

  EXPECT_THAT(played.lost, ElementsAre("refs/tags/v321"));
  EXPECT_THAT(played.arrived, SizeIs(999));
  EXPECT_LE(played.sizes.size(), 20U);  // 2 log2(1000)
  EXPECT_EQ(played.sizes.front(), 500U);
}

TEST(SlicePlan, FindsEveryRefThatIsRefusedOnce) {
  const auto played = play_refused(SlicePlan(tags(100), {}, SlicePlan::Begin::refused),
                                   {"refs/tags/v1", "refs/tags/v50", "refs/tags/v51", "refs/tags/v100"});

  EXPECT_THAT(played.lost, testing::UnorderedElementsAre("refs/tags/v1", "refs/tags/v50", "refs/tags/v51",
                                                         "refs/tags/v100"));
  EXPECT_THAT(played.arrived, SizeIs(96));
}

TEST(SlicePlan, AsksForHeadAloneWhereAllIsRefused) {
  RefState now{.refs = {{"refs/heads/main", oid(99)}}};
  const RefList seven = tags(7).refs;
  for (const Ref& tag : seven) now.refs.push_back(tag);
  now.head = {"refs/heads/main", oid(99)};

  const SlicePlan plan(now, {}, SlicePlan::Begin::refused);

  EXPECT_THAT(names_of(plan.slice()), ElementsAre("refs/heads/main"));
}

TEST(SlicePlan, HalvesASliceThatIsRefusedAmongThoseOfABreakingConnection) {
  SlicePlan plan(tags(80), {});  // ten at a time
  plan.arrived();

  const auto played = play_refused(plan, {"refs/tags/v13"});

  EXPECT_THAT(played.lost, ElementsAre("refs/tags/v13"));
  EXPECT_THAT(played.arrived, SizeIs(69));
}

// A connection's break says nothing of the refs: they are tried again when others have come.
TEST(SlicePlan, ABreakAmongWhatIsRefusedIsNoRefusal) {
  SlicePlan plan(tags(2), {}, SlicePlan::Begin::refused);
  plan.broke();
  plan.arrived();

  EXPECT_THAT(names_of(plan.slice()), ElementsAre("refs/tags/v1"));
  plan.arrived();
  EXPECT_THAT(plan.slice(), IsEmpty());
  EXPECT_THAT(plan.passed_over(), IsEmpty());
}

}  // namespace
}  // namespace hubkeep
