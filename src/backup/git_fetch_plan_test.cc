#include "backup/git_fetch_plan.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>

namespace hubkeep {
namespace {

using testing::ElementsAre;

Oid oid(int number) {
  return *Oid::parse(fmt::format("{:040x}", number));
}

RefState state(std::vector<Ref> refs, int head = 0) {
  RefState made{.refs = std::move(refs)};
  if (head != 0) made.head = {"refs/heads/main", oid(head)};
  return made;
}

TEST(PlanFetch, ABaseWantsEveryTipOnceAndListsAllRefs) {
  const RefState now =
      state({{"refs/heads/a", oid(1)}, {"refs/heads/main", oid(2)}, {"refs/tags/v1", oid(1)}}, 2);

  const FetchPlan plan = plan_fetch(std::nullopt, now);

  EXPECT_THAT(plan.request.wants, ElementsAre(oid(2), oid(1)));
  EXPECT_TRUE(plan.request.haves.empty());
  EXPECT_TRUE(plan.header.prerequisites.empty());
  EXPECT_EQ(plan.header.refs.size(), 4U);
  EXPECT_EQ(plan.header.refs.last_name(), "HEAD");
}

TEST(PlanFetch, AnIncrementWantsWhatIsNewAndListsWhatMoved) {
  const RefState before =
      state({{"refs/heads/a", oid(1)}, {"refs/heads/gone", oid(3)}, {"refs/heads/main", oid(2)}}, 2);
  const RefState now =
      state({{"refs/heads/a", oid(1)}, {"refs/heads/b", oid(1)}, {"refs/heads/main", oid(5)}}, 5);

  const FetchPlan plan = plan_fetch(before, now);

  EXPECT_THAT(plan.request.wants, ElementsAre(oid(5)));
  EXPECT_EQ(plan.request.haves, (std::vector<Oid>{oid(3), oid(2), oid(1)}));
  EXPECT_EQ(plan.header.prerequisites, (std::vector<Oid>{oid(3), oid(2), oid(1)}));
  EXPECT_EQ(plan.header.refs,
            (RefList{{"refs/heads/b", oid(1)}, {"refs/heads/main", oid(5)}, {"HEAD", oid(5)}}));
}

TEST(PlanFetch, WantsNothingWhenRefsOnlyVanished) {
  const RefState before = state({{"refs/heads/a", oid(1)}, {"refs/heads/main", oid(2)}}, 2);

  EXPECT_TRUE(plan_fetch(before, state({{"refs/heads/main", oid(2)}}, 2)).request.wants.empty());
  EXPECT_TRUE(plan_fetch(before, state({{"refs/heads/main", oid(1)}}, 1)).request.wants.empty());
  EXPECT_TRUE(plan_fetch(before, state({})).request.wants.empty());
}

TEST(PlanFetch, WantsADetachedHead) {
  const RefState before = state({{"refs/heads/main", oid(2)}}, 2);
  RefState now = before;
  now.head = {"", oid(9)};

  const FetchPlan plan = plan_fetch(before, now);

  EXPECT_THAT(plan.request.wants, ElementsAre(oid(9)));
  EXPECT_EQ(plan.header.refs, (RefList{{"HEAD", oid(9)}}));
}

TEST(PlanFetch, OnlySureCommitsArePrerequisites) {
  const RefState before = state({{"refs/heads/main", oid(1)},
                                 {"refs/notes/commits", oid(2)},
                                 {"refs/pull/1/head", oid(3)},
                                 {"refs/tags/blob", oid(4)}});

  const FetchPlan plan = plan_fetch(before, state({{"refs/heads/main", oid(9)}}));

  EXPECT_EQ(plan.request.haves.size(), 4U);
  EXPECT_EQ(plan.header.prerequisites, (std::vector<Oid>{oid(1), oid(3)}));
}

TEST(PlanFetch, WantsWhatIsSurelyACommitFirst) {
  const RefState now = state({{"refs/heads/a", oid(5)},
                              {"refs/heads/main", oid(3)},
                              {"refs/notes/commits", oid(1)},
                              {"refs/pull/1/head", oid(4)},
                              {"refs/tags/same", oid(3)},
                              {"refs/tags/v1", oid(2)}},
                             3);

  const FetchRequest request = plan_fetch(std::nullopt, now).request;

  EXPECT_THAT(request.wants, ElementsAre(oid(3), oid(4), oid(5), oid(1), oid(2)));
  EXPECT_EQ(request.commits, 2U);
}

TEST(PlanFetch, ADetachedHeadIsSurelyACommit) {
  RefState now = state({{"refs/heads/a", oid(5)}, {"refs/heads/main", oid(3)}});
  now.head = {"", oid(9)};

  const FetchRequest request = plan_fetch(std::nullopt, now).request;

  EXPECT_THAT(request.wants, ElementsAre(oid(9), oid(5), oid(3)));
  EXPECT_EQ(request.commits, 1U);
}

TEST(PlanFetch, CapsHavesAndPutsMovedHeadsFirst) {
  std::vector<Ref> old;
  for (int i = 0; i < 600; ++i) old.push_back({fmt::format("refs/heads/{:04}", i), oid(1000 + i)});
  for (int i = 0; i < 600; ++i) old.push_back({fmt::format("refs/tags/{:04}", i), oid(2000 + i)});
  std::vector<Ref> now = old;
  now[300].oid = oid(5);
  now[900].oid = oid(6);

  const FetchPlan plan = plan_fetch(state(old), state(now));

  EXPECT_EQ(plan.request.haves.size(), kMaxHaves);
  EXPECT_EQ(plan.request.haves[0], oid(1300));
  EXPECT_EQ(plan.request.haves[1], oid(2300));
  EXPECT_EQ(plan.header.prerequisites.size(), kMaxPrerequisites);
  EXPECT_EQ(plan.header.prerequisites[0], oid(1300));
  EXPECT_EQ(plan.header.refs.size(), 2U);
}

TEST(PlanFetch, PrerequisitesAreHavesAlways) {
  std::vector<Ref> old;
  for (int i = 0; i < 300; ++i) old.push_back({fmt::format("refs/notes/{:04}", i), oid(1000 + i)});
  for (int i = 0; i < 300; ++i) old.push_back({fmt::format("refs/pull/{:04}/head", i), oid(2000 + i)});

  const FetchPlan plan = plan_fetch(state(old), state({{"refs/heads/main", oid(5)}}));

  for (const Oid& prerequisite : plan.header.prerequisites) {
    EXPECT_NE(std::find(plan.request.haves.begin(), plan.request.haves.end(), prerequisite),
              plan.request.haves.end());
  }
}

TEST(WithoutHaves, AsksForTheSameAndNamesNothingElse) {
  const RefState before = state({{"refs/heads/main", oid(1)}});
  const RefState now = state({{"refs/heads/main", oid(2)}, {"refs/heads/same", oid(1)}}, 2);

  const FetchPlan plan = without_haves(plan_fetch(before, now));

  EXPECT_THAT(plan.request.wants, ElementsAre(oid(2)));
  EXPECT_TRUE(plan.request.haves.empty());
  EXPECT_TRUE(plan.header.prerequisites.empty());
  EXPECT_THAT(plan.header.refs, ElementsAre(Ref{"refs/heads/main", oid(2)}, Ref{"HEAD", oid(2)}));
}

}  // namespace
}  // namespace hubkeep
