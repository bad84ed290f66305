// What a server answers is held against what it was asked for: packs that cannot be the answer, tips that
// were not seen, lists without any ref, and LFS pointers.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "backup/backup_fakes.h"
#include "backup/backup_repository.h"
#include "run/run_summary.h"

namespace hubkeep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class Answer : public testing::Test {
 protected:
  RepositoryResult run(bool in_slices = false) {
    Repository repository = BackupBench::repository();
    repository.pushed_at = format_time(UtcTime{std::chrono::seconds(1'600'000'000 + ++runs_)});
    const auto result = backup_repository(bench_.context, repository, known_, {}, {.in_slices = in_slices});
    if (result.outcome.error) throw Error(*result.outcome.error);
    if (result.update) known_ = result.update->entry;
    return result;
  }
  Outcome saved(bool in_slices = false) {
    const Outcome outcome = run(in_slices).outcome;
    EXPECT_EQ(outcome.kind, OutcomeKind::saved);
    return outcome;
  }
  std::string refusal() {
    try {
      run();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::transient);
      return error.message();
    }
    return "none";
  }
  GitPart git_of(const Outcome& outcome) {
    return git_part(bench_.vault.read_manifest(kFolder, outcome.snapshot, {}, {}).manifest.parts);
  }
  void answer_with(const PackMaker& pack) {
    bench_.server.answer = [pack](const FetchRequest&) { return pack.pack(); };
  }
  void lose_all_refs() {
    bench_.server.refs = {};
    bench_.server.listed = 0;
  }
  static bool is_good(const Outcome& outcome) {
    RunSummary summary;
    summary.outcomes = {outcome};
    return summary.is_good();
  }
  static MadeObject pointer(int number) {
    return git_blob(fmt::format(
        "version https://git-lfs.github.com/spec/v1\noid sha256:{:016x}{:048x}\nsize 9\n", number, 0));
  }

  const std::string kFolder = "repos/github.com/acme/site.7/";
  BackupBench bench_;
  std::optional<CatalogEntry> known_;
  int runs_ = 0;
};

TEST_F(Answer, ABaseThatCannotBeWhatWasAskedForIsTriedAgainAndNeverSaved) {
  const MadeObject anothers = git_commit("another's");
  const MadeObject before = git_blob("what only another vault holds");
  const MadeObject tip = git_commit("1");
  const std::string delta = delta_from(before.content, "what");
  struct Case {
    const char* what;
    PackMaker pack;
    std::string says;
  };
  for (const Case& c : {Case{"nothing at all", PackMaker(), "a pack without any object"},
                        Case{"another repository's", PackMaker().add(anothers),
                             "not what was asked for: it lacks 1 of 1 tips"},
                        Case{"thin", PackMaker().add(tip).add_delta(before.oid(), delta),
                             "not what was asked for: it has deltas without their bases"}}) {
    answer_with(c.pack);
    bench_.server.fetched = 0;

    const std::string refusal = this->refusal();

    EXPECT_THAT(refusal, HasSubstr(c.says)) << c.what;
    EXPECT_THAT(refusal, HasSubstr("tried 5 times")) << c.what;
    EXPECT_EQ(bench_.server.fetched, 5) << "in one piece: no line broke: " << c.what;
    EXPECT_THAT(bench_.vault.list_snapshots(kFolder), IsEmpty()) << c.what;
  }
}

TEST_F(Answer, FewerObjectsThanTipsAreNoBase) {
  bench_.server.set_ref("refs/tags/v1", 2);
  answer_with(PackMaker().add(git_commit("1")));

  EXPECT_THAT(refusal(), HasSubstr("not what was asked for: 1 object for 2 tips"));
}

TEST_F(Answer, AnOldAnswerThatComesOnceCostsOneTry) {
  bench_.server.answer = [&](const FetchRequest& request) {
    const bool is_old = bench_.server.fetched == 1;
    return is_old ? PackMaker().add(git_commit("old")).pack() : bench_.server.pack(request);
  };

  const Outcome outcome = saved();

  EXPECT_EQ(outcome.not_proved, 0U);
  EXPECT_THAT(bench_.observer.retries, ElementsAre(HasSubstr("it lacks 1 of 1 tips")));
}

TEST_F(Answer, ASliceThatCannotBeWhatWasAskedForIsNotTakenForABreak) {
  for (unsigned i = 0; i < 20; ++i) bench_.server.set_ref(fmt::format("refs/tags/v{}", i), 100 + i);
  answer_with(PackMaker().add(git_commit("another's")).add(git_blob("more")).add(git_blob("still more")));

  EXPECT_THROW(run(true), Error);

  EXPECT_EQ(bench_.server.fetched, 5);
  EXPECT_THAT(bench_.vault.list_snapshots(kFolder), IsEmpty());
}

TEST_F(Answer, RewindsThatNothingIsSentForAreSavedAndCounted) {
  bench_.server.set_ref("refs/heads/other", 2);
  bench_.server.set_ref("refs/tags/v1", 3);
  saved();
  bench_.server.set_ref("refs/heads/main", 11);  // commits within, which no snapshot ever named
  bench_.server.set_ref("refs/heads/other", 12);
  answer_with(PackMaker());

  const Outcome rewound = saved();

  EXPECT_EQ(rewound.not_proved, 2U);
  EXPECT_EQ(git_of(rewound).not_proved, 2U);
  EXPECT_EQ(git_of(rewound).status, PartStatus::ok);
  EXPECT_THAT(git_of(rewound).bundles, SizeIs(1));
  EXPECT_TRUE(is_good(rewound));
}

TEST_F(Answer, ARewindTogetherWithNewCommitsIsCountedInItsBundle) {
  bench_.server.set_ref("refs/heads/other", 2);
  saved();
  bench_.server.set_ref("refs/heads/main", 11);  // rewound
  bench_.server.set_ref("refs/heads/other", 21);
  answer_with(PackMaker().add(git_commit("21")));

  const Outcome both = saved();
  const GitPart git = git_of(both);

  EXPECT_EQ(both.not_proved, 1U);
  EXPECT_EQ(git.not_proved, 0U);
  ASSERT_THAT(git.bundles, SizeIs(2));
  EXPECT_EQ(git.bundles.front().not_proved, 0U);
  EXPECT_EQ(git.bundles.back().not_proved, 1U);
}

TEST_F(Answer, WhatWasNotProvedStaysSoForWhatBuildsOnIt) {
  saved();
  bench_.server.set_ref("refs/heads/main", 11);
  answer_with(PackMaker());
  saved();
  bench_.server.answer = {};
  bench_.server.set_ref("refs/heads/main", 12);

  const Outcome next = saved();

  EXPECT_EQ(next.not_proved, 0U) << "in this run";
  EXPECT_EQ(git_of(next).not_proved, 1U);
}

TEST_F(Answer, SlicesOfAnIncrementCountWhatIsNotProved) {
  saved();
  bench_.server.set_ref("refs/heads/main", 11);
  bench_.server.set_ref("refs/tags/v2", 12);
  answer_with(PackMaker());

  const Outcome outcome = saved(true);

  EXPECT_EQ(outcome.not_proved, 2U);
  EXPECT_EQ(git_of(outcome).not_proved, 2U);
}

TEST_F(Answer, AListWithoutAnyRefIsAskedForTwiceAndTellsOnce) {
  saved();
  lose_all_refs();

  const Outcome emptied = saved();
  const int listed = bench_.server.listed;
  const RepositoryResult after = run();

  EXPECT_EQ(listed, 2);
  EXPECT_TRUE(emptied.refs_vanished);
  EXPECT_FALSE(is_good(emptied));
  EXPECT_TRUE(git_of(emptied).refs_vanished);
  EXPECT_THAT(git_of(emptied).bundles, SizeIs(1)) << "what was saved stays";
  EXPECT_EQ(after.outcome.kind, OutcomeKind::unchanged);
  EXPECT_FALSE(after.outcome.refs_vanished);
  EXPECT_TRUE(is_good(after.outcome));
  EXPECT_EQ(bench_.server.listed, 3) << "once, now that it is known";
}

// Killed behind the manifest: nobody was told, and the catalog knows nothing of it.
TEST_F(Answer, RefsThatHaveVanishedAreToldByTheRunAfterOneThatWasKilled) {
  saved();
  const auto known = known_;
  lose_all_refs();
  saved();
  known_ = known;

  const Outcome after = run().outcome;

  EXPECT_EQ(after.kind, OutcomeKind::unchanged);
  EXPECT_TRUE(after.refs_vanished);
  EXPECT_FALSE(is_good(after));
  EXPECT_FALSE(run().outcome.refs_vanished) << "once";
}

TEST_F(Answer, AListWithoutAnyRefIsLookedAtTwiceAlsoWhereARepairBeginsAnew) {
  const Outcome first = saved();
  const RefState all = bench_.server.refs;
  lose_all_refs();
  bench_.server.on_list = [&] {
    if (bench_.server.listed == 2) bench_.server.refs = all;
  };

  const auto repaired = backup_repository(bench_.context, BackupBench::repository(), known_, {},
                                          {.lost = {git_of(first).bundles.front().record.key}});

  EXPECT_EQ(repaired.outcome.kind, OutcomeKind::saved);
  EXPECT_THAT(git_of(repaired.outcome).bundles, SizeIs(1));
}

TEST_F(Answer, AListWithoutAnyRefThatComesOnceIsNoNews) {
  const Outcome first = saved();
  const RefState all = bench_.server.refs;
  lose_all_refs();
  bench_.server.on_list = [&] {
    if (bench_.server.listed == 2) bench_.server.refs = all;
  };

  const RepositoryResult second = run();

  EXPECT_EQ(second.outcome.kind, OutcomeKind::unchanged);
  EXPECT_FALSE(second.outcome.refs_vanished);
  EXPECT_THAT(bench_.vault.list_snapshots(kFolder), ElementsAre(first.snapshot));
}

TEST_F(Answer, ARepositoryThatWasAlwaysEmptyCostsNoSecondLook) {
  lose_all_refs();

  const Outcome first = saved();
  const RepositoryResult second = run();

  EXPECT_FALSE(first.refs_vanished);
  EXPECT_FALSE(git_of(first).refs_vanished);
  EXPECT_EQ(second.outcome.kind, OutcomeKind::unchanged);
  EXPECT_EQ(bench_.server.listed, 2);
}

TEST_F(Answer, RefsThatComeBackEndTheMark) {
  saved();
  lose_all_refs();
  saved();
  bench_.server.set_ref("refs/heads/main", 5);

  const Outcome back = saved();

  EXPECT_FALSE(back.refs_vanished);
  EXPECT_FALSE(git_of(back).refs_vanished);
  EXPECT_TRUE(is_good(back));
}

TEST_F(Answer, RefsThatVanishWhileSlicesAreFetchedAreToldToo) {
  saved();
  bench_.server.set_ref("refs/tags/v1", 2);
  bench_.server.on_fetch = [&] {
    bench_.server.refs = {};
    throw Error(ErrorKind::not_found, "the server says: not our ref");
  };

  const Outcome outcome = saved(true);

  EXPECT_TRUE(outcome.refs_vanished);
  EXPECT_TRUE(git_of(outcome).refs_vanished);
}

TEST_F(Answer, LfsPointersAreCountedThroughTheChainAndGoOnBeingTold) {
  bench_.server.answer = [](const FetchRequest&) {
    return PackMaker().add(git_commit("1")).add(pointer(1)).add(pointer(2)).pack();
  };
  const Outcome first = saved();
  bench_.server.set_ref("refs/heads/main", 2);
  bench_.server.answer = [](const FetchRequest&) {
    return PackMaker().add(git_commit("2")).add(pointer(3)).pack();
  };

  const Outcome second = saved();
  const RepositoryResult unchanged = run();

  EXPECT_EQ(first.lfs_pointers, 2U);
  EXPECT_EQ(git_of(first).lfs_pointers, 2U);
  EXPECT_EQ(second.lfs_pointers, 3U);
  EXPECT_EQ(git_of(second).lfs_pointers, 3U);
  EXPECT_EQ(unchanged.outcome.kind, OutcomeKind::unchanged);
  EXPECT_EQ(unchanged.outcome.lfs_pointers, 3U);
  EXPECT_FALSE(second.lfs_pointers_may_be_more);
}

TEST_F(Answer, LfsPointersThatMayHaveComeAsDeltasAreCountedAsAtLeastSoMany) {
  const MadeObject text = git_blob(std::string(200, 't'));
  PackMaker pack;
  pack.add(git_commit("1")).add(pointer(1));
  const auto base = pack.next();
  answer_with(pack.add(text).add_delta(base, delta_from(text.content, text.content + "more")));

  const Outcome outcome = saved();

  EXPECT_EQ(outcome.lfs_pointers, 1U);
  EXPECT_TRUE(outcome.lfs_pointers_may_be_more);
}

TEST_F(Answer, AnOutcomeIsTheSameAfterItsJson) {
  Outcome outcome{.repository = "acme/site", .id = 7, .kind = OutcomeKind::saved, .detail = {}};
  outcome.not_proved = 3;
  outcome.lfs_pointers = 12;
  outcome.lfs_pointers_may_be_more = true;
  outcome.refs_vanished = true;
  outcome.proof_reads = {.requests = 2, .bytes = 5};

  const Outcome read = outcome_from_json(to_json(outcome));

  EXPECT_EQ(read.not_proved, 3U);
  EXPECT_EQ(read.lfs_pointers, 12U);
  EXPECT_TRUE(read.lfs_pointers_may_be_more);
  EXPECT_TRUE(read.refs_vanished);
  EXPECT_EQ(read.proof_reads.requests, 2U);
  EXPECT_EQ(read.proof_reads.bytes, 5U);
  EXPECT_FALSE(to_json(Outcome{.repository = "acme/site"}).contains("proof_requests"));
}

}  // namespace
}  // namespace hubkeep
