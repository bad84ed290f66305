#include "drill/compare_refs.h"

#include <gmock/gmock.h>

namespace hubkeep {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Oid oid(char digit) {
  return *Oid::parse(std::string(40, digit));
}

std::string hex(char digit) {
  return std::string(40, digit);
}

RefState state(RefList refs, std::string head = "refs/heads/main") {
  return {.format = ObjectFormat::sha1,
          .head = {.symref_target = std::move(head), .oid = {}},
          .refs = std::move(refs)};
}

std::vector<DrillDifference> differences(const RefState& restored, const RefState& there) {
  DrillDifferences found;
  compare_refs(restored, there, "snapshot", [](const std::string&) { return ""; }, found);
  EXPECT_EQ(found.explained, 0U);
  EXPECT_EQ(found.unexplained, found.named.size());
  return found.named;
}

TEST(CompareRefs, FindsNothingWhereNothingDiffers) {
  const RefState same = state({{"refs/heads/main", oid('1')}, {"refs/tags/v1", oid('2')}});

  EXPECT_THAT(differences(same, same), IsEmpty());
  EXPECT_THAT(differences(state({}), state({})), IsEmpty());
}

TEST(CompareRefs, NamesEachRefThatOneHasOrThatLeadsElsewhere) {
  const RefState restored =
      state({{"refs/heads/a", oid('1')}, {"refs/heads/b", oid('2')}, {"refs/heads/c", oid('3')}});
  const RefState there =
      state({{"refs/heads/b", oid('4')}, {"refs/heads/c", oid('3')}, {"refs/heads/d", oid('5')}});

  EXPECT_THAT(differences(restored, there),
              ElementsAre(DrillDifference{"snapshot", "refs/heads/a", hex('1'), "", ""},
                          DrillDifference{"snapshot", "refs/heads/b", hex('2'), hex('4'), ""},
                          DrillDifference{"snapshot", "refs/heads/d", "", hex('5'), ""}));
}

TEST(CompareRefs, ComparesHeadWhereBothTellIt) {
  const RefState main = state({});
  RefState detached = state({}, "");
  detached.head.oid = oid('1');

  EXPECT_THAT(differences(main, state({}, "refs/heads/next")),
              ElementsAre(DrillDifference{"snapshot", "HEAD", "refs/heads/main", "refs/heads/next", ""}));
  EXPECT_THAT(differences(main, detached),
              ElementsAre(DrillDifference{"snapshot", "HEAD", "refs/heads/main", hex('1'), ""}));
  EXPECT_THAT(differences(main, state({}, "")), IsEmpty());
}

TEST(CompareRefs, CountsMoreThanItNamesAndNamesFirstWhatNothingExplains) {
  RefList many;
  for (int i = 100; i < 300; ++i) many.add("refs/heads/" + std::to_string(i), oid('1'));
  many.add("refs/heads/x", oid('2'));
  DrillDifferences found;

  compare_refs(
      state({}), state(many), "github",
      [](const std::string& name) { return name == "refs/heads/x" ? "" : "pushed since"; }, found);

  EXPECT_EQ(found.explained, 200U);
  EXPECT_EQ(found.unexplained, 1U);
  EXPECT_EQ(found.named.size(), DrillDifferences::kNamed);
  EXPECT_EQ(found.named.front().what, "refs/heads/x");
}

TEST(ChangesBetween, AreThePushAndTheDefaultBranch) {
  struct Case {
    std::optional<std::string> pushed_before;
    std::optional<std::string> pushed_now;
    std::string branch_before;
    std::string branch_now;
    std::string pushed_at;
    std::string default_branch;
  };
  const std::vector<Case> cases = {{"2026", "2026", "main", "main", "", ""},
                                   {"2026", "2027", "main", "main", "2027", ""},
                                   {"", "2027", "main", "main", "2027", ""},
                                   {{}, "2027", "main", "main", "", ""},  // not known when it was listed
                                   {"2026", "2026", "main", "next", "", "next"},
                                   {"2026", "2026", "", "next", "", ""}};
  for (const Case& c : cases) {
    Listing before;
    before.pushed_at = c.pushed_before;
    before.default_branch = c.branch_before;
    Listing now;
    now.pushed_at = c.pushed_now;
    now.default_branch = c.branch_now;

    const ChangesSince changes = changes_between(before, now);

    EXPECT_EQ(changes.pushed_at, c.pushed_at);
    EXPECT_EQ(changes.default_branch, c.default_branch);
  }
}

TEST(ExplainRef, SaysWhatTheListingsExplain) {
  const ChangesSince none;
  const ChangesSince push{.pushed_at = "2027", .default_branch = ""};
  const ChangesSince branch{.pushed_at = "", .default_branch = "next"};
  const ChangesSince left_out{.pushed_at = "", .default_branch = "", .left_out = {"refs/heads/odd"}};
  struct Case {
    std::string ref;
    const ChangesSince& changes;
    std::string expected;
  };
  for (const Case& c :
       {Case{"refs/heads/main", none, ""}, Case{"HEAD", none, ""},
        Case{"refs/heads/main", push, "pushed since, at 2027"}, Case{"HEAD", push, "pushed since, at 2027"},
        Case{"refs/pull/7/head", none, "pull requests come and go without a push"},
        Case{"refs/pull/7/head", push, "pushed since, at 2027"},
        Case{"HEAD", branch, "the default branch is now next"}, Case{"refs/heads/main", branch, ""},
        Case{"refs/heads/odd", left_out, "GitHub could not hand it over when the snapshot was made"},
        Case{"refs/heads/main", left_out, ""}})
    EXPECT_EQ(explain_ref(c.ref, c.changes), c.expected) << c.ref;
}

}  // namespace
}  // namespace hubkeep
