// A pack is held against what was asked for: the lies that can be seen while it passes, those that cannot,
// and that no honest pack is refused.
#include "git/pack_watch.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "base/error.h"
#include "git/pack_maker.h"
#include "git/pack_scanner.h"

namespace hubkeep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

FetchRequest base_of(const OidSet& wants, std::size_t commits = 0) {
  return {.wants = wants, .haves = {}, .commits = commits};
}

FetchRequest increment_of(const OidSet& wants) {
  return {.wants = wants, .haves = {git_commit("held").oid()}, .commits = 0};
}

PackSummary scan(const FetchRequest& asked, const std::string& pack, std::size_t piece = 1000) {
  PackScanner scanner(asked);
  for (std::size_t i = 0; i < pack.size(); i += piece) scanner.write(std::string_view(pack).substr(i, piece));
  return scanner.finish();
}

PackSummary scan(const FetchRequest& asked, const PackMaker& maker) {
  return scan(asked, maker.pack());
}

std::string fault_of(const PackMaker& maker) {
  try {
    scan(base_of({}), maker.pack());
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::corrupt);
    return error.message();
  }
  return "none";
}

const MadeObject kTreeObject{2, "100644 file\0" + std::string(20, 'x')};
const MadeObject kCommitObject = git_commit("first");
const MadeObject kTagObject{4, "object " + git_commit("first").oid().hex() + "\ntype commit\ntag v1\n"};

TEST(PackWatch, SeesEveryKindOfTipThatIsStoredWhole) {
  const MadeObject file = git_blob("content");
  const FetchRequest asked =
      base_of({kCommitObject.oid(), kTagObject.oid(), kTreeObject.oid(), file.oid()}, 1);
  const std::string pack = PackMaker().add(kCommitObject).add(kTagObject).add(kTreeObject).add(file).pack();

  for (const std::size_t piece : {std::size_t{1}, std::size_t{37}, pack.size()}) {
    const PackSummary summary = scan(asked, pack, piece);

    EXPECT_THAT(summary.impossible, IsEmpty());
    EXPECT_EQ(summary.not_proved, 0U);
  }
}

TEST(PackWatch, SeesTipsOfSha256AndTipsThatAreLarge) {
  const MadeObject large = git_blob(std::string(3'000'000, 'z'));
  PackMaker maker(ObjectFormat::sha256);
  FetchRequest asked = base_of({large.oid(ObjectFormat::sha256), kCommitObject.oid(ObjectFormat::sha256)});
  asked.format = ObjectFormat::sha256;

  const PackSummary summary = scan(asked, maker.add(large).add(kCommitObject));

  EXPECT_THAT(summary.impossible, IsEmpty());
  EXPECT_EQ(summary.not_proved, 0U);
}

TEST(PackWatch, ABaseWithoutAnyDeltaMustHoldEveryTip) {
  const PackMaker anothers =
      PackMaker().add(git_commit("another's")).add(kTreeObject).add(git_blob("another's"));
  const Oid tip = kCommitObject.oid();

  EXPECT_EQ(scan(base_of({tip}), anothers).impossible, "it lacks 1 of 1 tips");
  EXPECT_EQ(scan(base_of({tip, git_commit("another's").oid()}), anothers).impossible, "it lacks 1 of 2 tips");
  EXPECT_EQ(scan(base_of({tip}), PackMaker()).impossible, "0 objects for 1 tips");
  EXPECT_EQ(scan(base_of({tip, kTagObject.oid()}), PackMaker().add(kCommitObject)).impossible,
            "1 object for 2 tips");
}

TEST(PackWatch, AnotherRepositorysDeltasOfFilesStandForNoBranch) {
  PackMaker anothers;
  anothers.add(git_commit("another's")).add(kTreeObject);
  const auto file = anothers.next();
  anothers.add(git_blob("a file of another's")).add_delta(file, delta_from("a file of another's", "a file"));

  const PackSummary branch = scan(base_of({kCommitObject.oid()}, 1), anothers);
  const PackSummary tag = scan(base_of({kCommitObject.oid()}), anothers);

  EXPECT_EQ(branch.impossible, "it lacks 1 of 1 tips");
  EXPECT_THAT(tag.impossible, IsEmpty()) << "a tag may name a file";
  EXPECT_EQ(tag.not_proved, 1U);
}

TEST(PackWatch, SeesATipThatCameAsADeltaOfARecentCommit) {
  const MadeObject older = git_commit("a tip");
  const MadeObject tip = git_commit("a tip that moved");
  const MadeObject newest = git_commit("a tip that moved on");
  for (const bool by_name : {false, true}) {
    PackMaker maker;
    const auto base = maker.next();
    maker.add(older);
    const auto next = maker.next();
    if (by_name) {
      maker.add_delta(older.oid(), delta_from(older.content, tip.content));
      maker.add_delta(tip.oid(), delta_from(tip.content, newest.content));
    } else {
      maker.add_delta(base, delta_from(older.content, tip.content));
      maker.add_delta(next, delta_from(tip.content, newest.content));
    }

    const PackSummary summary = scan(base_of({newest.oid(), tip.oid(), older.oid()}, 3), maker);

    EXPECT_THAT(summary.impossible, IsEmpty());
    EXPECT_EQ(summary.not_proved, 0U) << by_name;
  }
}

// What another delta makes is no tip either, however many there are.
TEST(PackWatch, ADeltaThatMakesAnotherCommitStandsForNoTip) {
  const MadeObject older = git_commit("a tip");
  const MadeObject other = git_commit("a tip of another repository");
  const MadeObject tip = git_commit("a tip that moved");
  PackMaker maker;
  const auto base = maker.next();
  maker.add(older);
  maker.add_delta(base, delta_from(older.content, other.content));

  EXPECT_EQ(scan(base_of({tip.oid(), older.oid()}, 2), maker).impossible, "it lacks 1 of 2 tips");
}

TEST(PackWatch, ATipThatCameAsADeltaOfALargeCommitIsNotProved) {
  const std::string large(40'000, 'm');
  const MadeObject older = git_commit(large);
  const MadeObject tip = git_commit(large + " and moved");
  for (const bool by_name : {false, true}) {
    PackMaker maker;
    const auto base = maker.next();
    maker.add(older);
    const std::string delta = delta_from(older.content, tip.content);
    if (by_name)
      maker.add_delta(older.oid(), delta);
    else
      maker.add_delta(base, delta);

    const PackSummary summary = scan(base_of({tip.oid(), older.oid()}, 2), maker);

    EXPECT_THAT(summary.impossible, IsEmpty());
    EXPECT_EQ(summary.not_proved, by_name ? 2U : 1U);
  }
}

TEST(PackWatch, AWholeTreeOrFileIsSeenWhereNoDeltaCouldStandForIt) {
  const MadeObject file = git_blob("a file that a tag names");
  PackMaker maker;
  const MadeObject other = git_blob("another file");
  const auto base = maker.next();
  maker.add(other).add_delta(base, delta_from(other.content, other.content + "x"));
  maker.add(kTreeObject).add(file);

  const PackSummary summary = scan(base_of({kTreeObject.oid(), file.oid()}), maker);

  EXPECT_THAT(summary.impossible, IsEmpty());
  EXPECT_EQ(summary.not_proved, 1U) << "one delta has come, which may be one of them";
}

TEST(PackWatch, WhatAnIncrementLacksMayBeHeld) {
  const std::vector<Oid> rewound = {git_commit("old").oid(), git_commit("older").oid()};
  const MadeObject more = git_commit("new");

  const PackSummary nothing = scan(increment_of(rewound), PackMaker());
  const PackSummary other = scan(increment_of({rewound[0], rewound[1], more.oid()}), PackMaker().add(more));

  EXPECT_THAT(nothing.impossible, IsEmpty());
  EXPECT_EQ(nothing.not_proved, 2U);
  EXPECT_THAT(other.impossible, IsEmpty());
  EXPECT_EQ(other.not_proved, 2U);
}

TEST(PackWatch, AThinPackIsNoBase) {
  const MadeObject before = git_blob("what the vault held when this was the answer");
  const std::string delta = delta_from(before.content, before.content + ", and more");
  PackMaker thin;
  thin.add(kCommitObject).add(kTreeObject).add_delta(before.oid(), delta);

  EXPECT_EQ(scan(base_of({kCommitObject.oid()}, 1), thin).impossible, "it has deltas without their bases");
  const PackSummary increment = scan(increment_of({kCommitObject.oid()}), thin);
  EXPECT_THAT(increment.impossible, IsEmpty());
  EXPECT_EQ(increment.not_proved, 0U) << "the vault may hold it";
}

TEST(PackWatch, ADeltaOfItsOwnSizeIsNotItsOwnBase) {
  const MadeObject before = git_blob("the same size, before");
  PackMaker thin;
  thin.add(kCommitObject).add_delta(before.oid(), delta_from(before.content, "the same size, after!"));

  EXPECT_EQ(scan(base_of({kCommitObject.oid()}), thin).impossible, "it has deltas without their bases");
}

TEST(PackWatch, DeltasOfDeltasOnNothingAreSeenThrough) {
  const MadeObject before = git_blob("nowhere in this pack");
  PackMaker thin;
  thin.add(kCommitObject);
  const auto first = thin.next();
  thin.add_delta(before.oid(), delta_from(before.content, "nowhere"));
  thin.add_delta(first, delta_from("nowhere", before.content));

  EXPECT_EQ(scan(base_of({kCommitObject.oid()}), thin).impossible, "it has deltas without their bases");
}

TEST(PackWatch, ACycleOfDeltasIsRefused) {
  const std::vector<MadeObject> ring = {git_blob("one"), git_blob("three"), git_blob("seventeen")};
  for (std::size_t length = 1; length <= ring.size(); ++length) {
    PackMaker maker;
    maker.add(kCommitObject);
    for (std::size_t i = 0; i < length; ++i) {
      const MadeObject& base = ring[(i + 1) % length];
      maker.add_delta(base.oid(), delta_from(base.content, ring[i].content));
    }

    EXPECT_EQ(scan(base_of({kCommitObject.oid()}), maker).impossible, "it has deltas without their bases")
        << length;
  }
}

TEST(PackWatch, ABaseOfDeltasAloneIsRefusedHoweverManyTheyAre) {
  PackMaker maker;
  for (int i = 0; i < 9'000; ++i)
    maker.add_delta(git_blob(std::to_string(i)).oid(), delta_from("base", fmt::format("made {}", i)));

  EXPECT_EQ(scan(base_of({kCommitObject.oid()}), maker).impossible, "it has deltas without their bases");
}

TEST(PackWatch, TwoSizesOfOneBaseAreALie) {
  const Oid base = git_blob("base").oid();
  PackMaker maker;
  maker.add(kCommitObject).add(git_blob("base")).add(git_blob("base!"));
  maker.add_delta(base, delta_from("base", "x")).add_delta(base, delta_from("base!", "y"));

  EXPECT_EQ(scan(base_of({kCommitObject.oid()}), maker).impossible, "it has deltas without their bases");
}

// What has a blob, a tree or a parent too few needs all links to be followed, and what came before can only
// be known by an index: `verify --restore` decides.
TEST(PackWatch, WhatIsNamedButNotAskedForIsNotMissed) {
  const MadeObject tree{2, std::string("100644 file\0", 12) + std::string(20, 'x')};
  const MadeObject commit = git_commit("its parent, tree and file are missing", tree.oid());

  const PackSummary summary = scan(base_of({commit.oid()}, 1), PackMaker().add(commit));

  EXPECT_THAT(summary.impossible, IsEmpty());
  EXPECT_EQ(summary.not_proved, 0U);
}

TEST(PackWatch, PassesBasesThatComeLater) {
  constexpr int kLength = 4'095;
  const auto content = [](int i) { return fmt::format("the same start {:08}", i); };
  PackMaker maker;
  maker.add(kCommitObject);
  for (int i = 0; i < kLength; ++i) {
    const std::string base = content(i + 1);
    maker.add_delta(git_blob(base).oid(), delta_from(base, content(i)));
  }
  maker.add(git_blob(content(kLength)));

  const PackSummary summary = scan(base_of({kCommitObject.oid()}, 1), maker);

  EXPECT_THAT(summary.impossible, IsEmpty());
  EXPECT_EQ(summary.not_proved, kLength - 1U) << "bases that are deltas themselves";
}

TEST(PackWatch, PassesBasesThatCameBefore) {
  const MadeObject base = git_blob("a base");
  const std::string delta = delta_from(base.content, "made of it");
  PackMaker maker;
  maker.add(kCommitObject).add(base).add_delta(base.oid(), delta);
  maker.add_delta(git_blob("made of it").oid(), delta_from("made of it", "and again"));

  EXPECT_THAT(scan(base_of({kCommitObject.oid()}, 1), maker).impossible, IsEmpty());
}

TEST(PackWatch, PassesMoreBasesThanItFollows) {
  PackMaker maker;
  maker.add(kCommitObject);
  for (int i = 0; i < 10'000; ++i)
    maker.add_delta(git_blob(fmt::format("base {:06}", i)).oid(), delta_from("base 000000", "made"));
  for (int i = 0; i < 10'000; ++i) maker.add(git_blob(fmt::format("base {:06}", i)));

  const PackSummary summary = scan(base_of({kCommitObject.oid()}, 1), maker);

  EXPECT_THAT(summary.impossible, IsEmpty());
  EXPECT_EQ(summary.not_proved, 10'000U - 4'096U);
}

TEST(PackWatch, PassesAnObjectThatIsThereTwice) {
  const MadeObject file = git_blob("twice");
  const PackMaker maker =
      PackMaker().add(kCommitObject).add(kCommitObject).add(file).add(file).add(kTreeObject).add(file);

  const PackSummary summary = scan(base_of({kCommitObject.oid()}, 1), maker);

  EXPECT_THAT(summary.impossible, IsEmpty());
  EXPECT_EQ(summary.not_proved, 0U);
}

TEST(PackWatch, PassesAChainOf4095Deltas) {
  PackMaker maker;
  maker.add(kCommitObject);
  auto base = maker.next();
  std::string content = "link 0000";
  maker.add(git_blob(content));
  for (int i = 1; i <= 4'095; ++i) {
    const std::string next = fmt::format("link {:04}", i);
    const auto here = maker.next();
    maker.add_delta(base, delta_from(content, next));
    base = here;
    content = next;
  }

  EXPECT_THAT(scan(base_of({kCommitObject.oid()}, 1), maker).impossible, IsEmpty());
}

TEST(PackWatch, KnowsNothingOfABaseThatLiesFarBack) {
  PackMaker maker;
  const auto first = maker.next();
  maker.add(kCommitObject);
  for (int i = 0; i < 20'000; ++i) maker.add(git_blob(std::to_string(i)));
  PackMaker lying = maker;
  maker.add_delta(first, delta_from(kCommitObject.content, kCommitObject.content + "more"));
  lying.add_delta(first + 1, delta_from("anything", "else"));
  const Oid tip = MadeObject{1, kCommitObject.content + "more"}.oid();

  EXPECT_EQ(scan(base_of({tip}, 1), maker).not_proved, 0U) << "commits are kept longer";
  EXPECT_EQ(scan(base_of({tip}, 1), lying).not_proved, 1U) << "it could not be told";
}

TEST(PackWatch, RefusesADeltaThatCannotBeApplied) {
  const std::string base = "0123456789";
  const auto with = [&](const std::string& delta) {
    PackMaker maker;
    const auto at = maker.next();
    return maker.add(git_blob(base)).add_delta(at, delta);
  };
  const std::string sizes = delta_size(10) + delta_size(5);

  EXPECT_EQ(fault_of(with(sizes + "\x03"
                                  "abc"
                                  "\x90\x02")),
            "none");
  EXPECT_EQ(fault_of(with(delta_size(10) + delta_size(0x10000) + "\x80")),
            fault_of(with(sizes + "\x91\x06\x05")))
      << "a copy of 64 KiB is larger than its base";
  EXPECT_THAT(fault_of(with(sizes + "\x91\x06\x05")), HasSubstr("copies from beyond its base"));
  EXPECT_THAT(fault_of(with(sizes + "\x9f\xff\xff\xff\xff\x05")), HasSubstr("copies from beyond its base"));
  EXPECT_THAT(fault_of(with(sizes + "\x90\x06")), HasSubstr("makes more than it says"));
  EXPECT_THAT(fault_of(with(sizes + "\x06"
                                    "abcdef")),
              HasSubstr("makes more than it says"));
  EXPECT_THAT(fault_of(with(sizes + "\x90\x04")), HasSubstr("makes less than it says"));
  EXPECT_THAT(fault_of(with(sizes + "\x90")), HasSubstr("is cut short"));
  EXPECT_THAT(fault_of(with(sizes + "\x05"
                                    "abcd")),
              HasSubstr("is cut short"));
  EXPECT_THAT(fault_of(with(delta_size(10))), HasSubstr("is cut short"));
  EXPECT_THAT(fault_of(with(delta_size(10) + delta_size(0))), HasSubstr("is cut short"));
  EXPECT_THAT(fault_of(with(sizes + std::string(1, '\0') + "abc")), HasSubstr("does not know"));
  EXPECT_THAT(fault_of(with(delta_size(11) + delta_size(5) + "\x90\x05")),
              HasSubstr("of a base of another size"));
  EXPECT_THAT(fault_of(with(delta_size(10) + delta_size((std::uint64_t{1} << 48U) + 1) + "\x90\x05")),
              HasSubstr("a size that nothing has"));
  EXPECT_THAT(fault_of(with(std::string(20, '\xff') + "\x90\x05")), HasSubstr("a size that nothing has"));
}

TEST(PackWatch, RefusesABaseWhereNoObjectBegins) {
  PackMaker maker;
  const auto at = maker.next();
  maker.add(git_blob("0123456789")).add_delta(at + 1, delta_from("0123456789", "01234"));

  EXPECT_THAT(fault_of(maker), HasSubstr("no object begins where its base should"));
}

TEST(PackWatch, ReadsDeltasHoweverTheyAreCut) {
  const std::string base(90'000, 'b');
  std::string made = base.substr(0, 60'000) + std::string(400'000, 'm');  // more than is inflated in one go
  PackMaker maker;
  const auto at = maker.next();
  const std::string pack = maker.add(git_blob(base)).add_delta(at, delta_from(base, made)).pack();

  for (const std::size_t piece : {std::size_t{1}, std::size_t{4'097}, pack.size()})
    EXPECT_EQ(scan(base_of({}), pack, piece).largest_delta, made.size());
}

std::string pointer(int number, const std::string& more = "") {
  return "version https://git-lfs.github.com/spec/v1\n" + more +
         fmt::format("oid sha256:{:064x}\nsize 12345\n", number);
}

TEST(PackWatch, CountsTheLfsObjectsThatItPointsAt) {
  PackMaker maker;
  maker.add(kCommitObject);
  for (int i = 0; i < 12; ++i) {
    // The count goes by the first digits.
    const std::string oid = fmt::format("{:016x}{:048x}", i, 7);
    maker.add(git_blob("version https://git-lfs.github.com/spec/v1\noid sha256:" + oid + "\nsize 12\n"));
  }
  maker.add(git_blob("version https://git-lfs.github.com/spec/v1\next-0-foo sha256:" + std::string(64, 'a') +
                     "\noid sha256:" + fmt::format("{:016x}{:048x}", 3, 7) + "\nsize 12\n"));

  const PackSummary summary = scan(base_of({kCommitObject.oid()}, 1), maker);

  EXPECT_EQ(summary.lfs_pointers.count(), 12U);
  EXPECT_FALSE(summary.lfs_pointers.may_be_more());
}

TEST(PackWatch, TakesNothingElseForAnLfsPointer) {
  const std::string good = pointer(1);
  PackMaker maker;
  maker.add({1, good}).add({2, good}).add({4, good});
  for (const std::string& blob :
       {"x" + good, good.substr(0, 90), pointer(1, std::string(1'000, 'x') + "\n"),
        "version https://git-lfs.github.com/spec/v2" + good.substr(42),
        "version https://git-lfs.github.com/spec/v1\noid sha256:" + std::string(63, 'a') + "\nsize 123456\n",
        "version https://git-lfs.github.com/spec/v1\noid sha256:" + std::string(64, 'g') + "\nsize 12345\n",
        "version https://git-lfs.github.com/spec/v1\n#oid sha256:" + std::string(64, 'a') + "\nsize 1234\n"})
    maker.add(git_blob(blob));

  EXPECT_EQ(scan(base_of({}), maker).lfs_pointers.count(), 0U);
  EXPECT_EQ(scan(base_of({}), maker.add(git_blob(good))).lfs_pointers.count(), 1U);
}

TEST(PackWatch, SaysWhereLfsPointersMayHaveComeAsDeltas) {
  const auto with_delta = [](const MadeObject& base, const std::string& made) {
    PackMaker maker;
    maker.add(git_blob(pointer(1)));
    const auto at = maker.next();
    return scan(base_of({}), maker.add(base).add_delta(at, delta_from(base.content, made)))
        .lfs_pointers.may_be_more();
  };
  const std::string longer(200, 'x');

  EXPECT_TRUE(with_delta(git_blob(longer), longer + "y"));
  EXPECT_FALSE(with_delta(git_blob(longer), "short"));
  EXPECT_FALSE(with_delta(git_blob(longer), std::string(1'025, 'x')));
  EXPECT_FALSE(with_delta({2, longer}, longer + "y")) << "a tree is none";
}

TEST(PackWatch, CollectsWhatThePointersSay) {
  PackMaker maker;
  maker.add(git_blob(pointer(3))).add(git_blob(pointer(2))).add(git_blob(pointer(3)));

  const PackSummary summary = scan(base_of({}), maker);

  EXPECT_THAT(summary.lfs_pointers.list(), ElementsAre(LfsPointer{fmt::format("{:064x}", 2), 12'345},
                                                       LfsPointer{fmt::format("{:064x}", 3), 12'345}));
}

}  // namespace
}  // namespace hubkeep
