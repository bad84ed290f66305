#include "backup/git_left_out_refs.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace hubkeep {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Oid oid(int number) {
  return *Oid::parse(fmt::format("{:040x}", number));
}

const RefState kListed{.head = {"refs/heads/main", oid(1)},
                       .refs = {{"refs/heads/lost", oid(2)},
                                {"refs/heads/main", oid(1)},
                                {"refs/tags/a", oid(2)},
                                {"refs/tags/b", oid(3)}}};
const LeftOutRef kNameless{"refs/heads/..", oid(9), "git does not allow the name", true};

TEST(LeftOutRefs, EveryRefAtARefusedObjectIsNamed) {
  const auto left_out = left_out_of(kListed, {{oid(2), "no"}}, {kNameless});

  EXPECT_THAT(left_out, ElementsAre(kNameless, LeftOutRef{"refs/heads/lost", oid(2), "no"},
                                    LeftOutRef{"refs/tags/a", oid(2), "no"}));
  EXPECT_EQ(without_refused(kListed, std::nullopt, {{oid(2), "no"}}).refs.size(), 2U);
}

TEST(LeftOutRefs, ARefThatWasThereStaysAsItWas) {
  const RefState before{.refs = {{"refs/heads/lost", oid(7)}}};

  EXPECT_EQ(*without_refused(kListed, before, {{oid(2), "no"}}).refs.begin(),
            (Ref{"refs/heads/lost", oid(7)}));
}

TEST(LeftOutRefs, AHeadIsNamedWhereNoBranchSpeaksForIt) {
  RefState detached = kListed;
  detached.head = {"", oid(4)};
  RefState hidden = kListed;
  hidden.head = {"refs/heads/hidden", oid(4)};

  EXPECT_THAT(left_out_of(detached, {{oid(4), "no"}}, {}), ElementsAre(LeftOutRef{"HEAD", oid(4), "no"}));
  EXPECT_THAT(left_out_of(hidden, {{oid(4), "no"}}, {}), ElementsAre(LeftOutRef{"HEAD", oid(4), "no"}));
  EXPECT_THAT(left_out_of(kListed, {{oid(1), "no"}}, {}),
              ElementsAre(LeftOutRef{"refs/heads/main", oid(1), "no"}));
  EXPECT_EQ(without_refused(kListed, std::nullopt, {{oid(1), "no"}}).head,
            (Head{"refs/heads/main", std::nullopt}));
}

TEST(LeftOutRefs, WhatWasRefusedHoldsWhileTheSameRefIsListedAtTheSameObject) {
  const std::vector<LeftOutRef> before = {{"refs/heads/lost", oid(2), "no"},
                                          {"refs/tags/b", oid(8), "moved since"},
                                          {"refs/tags/gone", oid(5), "gone since"},
                                          kNameless};

  const Refusals refused = refusals_of(before, kListed);

  EXPECT_THAT(refused, ElementsAre(std::pair(oid(2), std::string("no"))));
}

// A HEAD that names what git does not allow is no refusal of its object.
TEST(LeftOutRefs, WhatHasNoNameWasRefusedByNobody) {
  const LeftOutRef head{"HEAD", oid(1), "it names .., and git does not allow the name", true};
  RefState listed = kListed;
  listed.head = {"", oid(1)};

  EXPECT_THAT(refusals_of({head}, listed), IsEmpty());
  EXPECT_THAT(left_out_of(listed, {}, {head}), ElementsAre(head));
}

TEST(LeftOutRefs, AreCutToWhatAManifestHasRoomFor) {
  std::vector<LeftOutRef> many(kMaxLeftOut + 1, LeftOutRef{"refs/heads/a", oid(1), "no"});
  std::vector<LeftOutRef> large(100, LeftOutRef{std::string(60'000, 'n'), oid(1), "no"});
  std::vector<LeftOutRef> few(kMaxLeftOut, LeftOutRef{"refs/heads/a", oid(1), "no"});

  EXPECT_TRUE(cut_left_out(many));
  EXPECT_EQ(many.size(), kMaxLeftOut);
  EXPECT_TRUE(cut_left_out(large));
  EXPECT_EQ(large.size(), 17U);
  EXPECT_FALSE(cut_left_out(few));
}

TEST(LeftOutRefs, AreToldWithTheServersWords) {
  const LeftOutRef ref{"refs/heads/a\x1b", oid(1), "the server says: no"};

  EXPECT_EQ(describe({ref}), "1 ref is left out: refs/heads/a\\x1b: the server says: no");
  EXPECT_THAT(describe(std::vector<LeftOutRef>(7, ref)), testing::EndsWith("; and 2 more"));
}

}  // namespace
}  // namespace hubkeep
