#include "verify/verify_runs.h"

#include <gmock/gmock.h>

#include "verify/verify_fixture.h"
#include "verify/verify_vault.h"

namespace hubkeep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class VerifyRuns : public VerifyTest {
 protected:
  VerifyRuns() { std::filesystem::remove_all(file("state")); }

  VerifySummary verify(KnownRuns known = {}) {
    return verify_vault(vault_, {.repositories = {}, .read = {}, .known_runs = std::move(known)}, observer_,
                        {});
  }
  void begin(const std::string& host = "github.com") { vault_.begin_state(host, {}, clock_, {}); }
  void change(const std::function<void(HostState&)>& change, const std::string& host = "github.com") {
    begin(host);
    vault_.update_state(host, change, clock_, {});
  }
  void complete(int day, const std::string& host = "github.com") {
    const auto ignore = [](const std::string&) {};
    vault_.load_catalog(ignore, {});
    vault_.update_catalog({}, ignore, {});
    change([&](HostState& state) { complete_run(state, snapshot(day), snapshot(day).time()); }, host);
  }
  static CompletedRun run(int day, std::uint64_t number) {
    return {.run = snapshot(day), .finished = snapshot(day).time(), .number = number};
  }
  static Failure failure() {
    return {.since = snapshot(1).time(), .kind = ErrorKind::forbidden, .message = "no access"};
  }
};

TEST_F(VerifyRuns, AVaultWithoutARunIsNotGood) {
  const VerifySummary summary = verify();

  EXPECT_FALSE(summary.is_good());
  EXPECT_THAT(summary.runs.problems, ElementsAre("no run has ever completed into this vault"));
}

TEST_F(VerifyRuns, ARunThatDidNotComeToItsEndIsNone) {
  begin();
  add_snapshot(1);

  const VerifySummary summary = verify();

  EXPECT_FALSE(summary.is_good());
  EXPECT_THAT(summary.runs.problems, ElementsAre("no run for github.com has ever completed into this vault"));
}

TEST_F(VerifyRuns, AnAccountThatIsHonestlyEmptyIsGood) {
  complete(1);

  const VerifySummary summary = verify();

  EXPECT_TRUE(summary.is_good());
  EXPECT_EQ(summary.runs.newest.at("github.com"), run(1, 1));
}

TEST_F(VerifyRuns, AVaultOfAVersionThatKeptNoStateHasHadARun) {
  add_snapshot(1);

  EXPECT_THAT(verify().runs.problems, IsEmpty());
}

TEST_F(VerifyRuns, EachHostNeedsARun) {
  complete(1);
  begin("github.example.com");

  const VerifySummary summary = verify();

  EXPECT_FALSE(summary.is_good());
  EXPECT_THAT(summary.runs.problems, ElementsAre(HasSubstr("no run for github.example.com")));
}

TEST_F(VerifyRuns, AStateThatCannotBeReadIsDamageAndNoVaultWithoutARun) {
  complete(1);
  flip_a_bit(file("state/github.com.jsonl.zst"));

  const VerifySummary summary = verify();

  EXPECT_FALSE(summary.is_good());
  EXPECT_THAT(summary.runs.problems, IsEmpty());
}

TEST_F(VerifyRuns, TellsWhatNoRunCouldSaveFromWhatIsThere) {
  add_snapshot(1);
  complete(1);
  change([&](HostState& state) {
    state.repositories[1] = {.name = "acme/site1", .checked_at = {}, .failure = failure()};
    state.repositories[2] = {.name = "acme/site2", .checked_at = {}, .failure = failure()};
    state.repositories[3] = {.name = "acme/site3", .checked_at = {}};
  });

  const VerifySummary summary = verify();

  EXPECT_FALSE(summary.is_good());
  ASSERT_THAT(summary.runs.never_saved, SizeIs(1));
  EXPECT_EQ(describe_never_saved(summary.runs.never_saved.front()),
            "never saved: acme/site2, since 2026-11-11T00:00:00Z: no access");
  ASSERT_THAT(summary.runs.failing, SizeIs(1));
  EXPECT_EQ(summary.runs.failing.front().repository, "acme/site1");
}

TEST_F(VerifyRuns, WhatFailsNowAndWasSavedBeforeIsNoDamage) {
  add_snapshot(1);
  complete(1);
  change([&](HostState& state) {
    state.repositories[1] = {.name = "acme/site1", .checked_at = {}, .failure = failure()};
  });

  EXPECT_TRUE(verify().is_good());
}

TEST_F(VerifyRuns, AVaultThatLacksAKnownRunWasSetBack) {
  complete(3);
  complete(5);

  EXPECT_TRUE(verify({{"github.com", run(5, 2)}}).is_good());
  EXPECT_TRUE(verify({{"github.com", run(3, 1)}}).is_good());
  for (const CompletedRun& known : {run(6, 3), run(4, 2)}) {
    const VerifySummary summary = verify({{"github.com", known}});
    EXPECT_FALSE(summary.is_good());
    EXPECT_THAT(summary.runs.problems, ElementsAre(HasSubstr("does not know the run " + known.run.str())));
    EXPECT_THAT(summary.runs.to_keep(), IsEmpty());
  }
}

TEST_F(VerifyRuns, AVaultThatLostItsStateWasSetBack) {
  add_snapshot(1);

  const VerifySummary summary = verify({{"github.com", run(1, 1)}});

  EXPECT_FALSE(summary.is_good());
  EXPECT_THAT(summary.runs.problems, ElementsAre(HasSubstr("it knows of none")));
}

// Whose clock is behind writes a run with an older name; it is the newest all the same.
TEST_F(VerifyRuns, NoClockSetsAVaultBack) {
  complete(9);
  complete(2);

  EXPECT_TRUE(verify({{"github.com", run(9, 1)}}).is_good());
}

TEST_F(VerifyRuns, ARunThatIsNotedTwiceCountsOnce) {
  complete(1);
  complete(1);

  EXPECT_EQ(verify().runs.newest.at("github.com"), run(1, 1));
}

}  // namespace
}  // namespace hubkeep
