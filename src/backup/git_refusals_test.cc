// What a server cannot hand over, and what that costs: that alone, once, and little time.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cmath>
#include <set>

#include "backup/backup_fakes.h"
#include "run/backup_account.h"

namespace hubkeep {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr std::chrono::hours kDay{24};

// A branch, its pull request and 30 tags; the server has lost the objects of some.
class Refusals : public testing::Test {
 protected:
  Refusals() {
    for (unsigned i = 1; i <= 30; ++i) bench_.server.set_ref(fmt::format("refs/tags/v{}", i), 20'000 + i);
    bench_.server.set_ref("refs/pull/1/head", 200);
    bench_.server.refs.head = {"refs/heads/main", FakeServer::oid(1)};
    bench_.server.refuses = [this](const FetchRequest& request) {
      requests_.push_back(request);
      for (const Oid& oid : request.wants)
        if (lost_.contains(oid)) return "fatal: unable to read " + oid.hex();
      return refuses_all_ ? std::string("fatal: disk full") : std::string();
    };
    bench_.github.list.seen_ids = {7};
    bench_.github.list.seen = 1;
    bench_.github.list.repositories = {BackupBench::repository()};
  }

  RunSummary run_all() {
    MemoryBudget memory(ByteCount{64} << 20);
    requests_.clear();
    bench_.server.listed = 0;
    bench_.server.fetched = 0;
    bench_.clock.slept = {};
    return backup_account(bench_.context, {.jobs = 1}, memory, {});
  }
  Outcome run() { return run_all().outcomes.front(); }
  void push(unsigned number) {
    bench_.server.set_ref("refs/heads/main", number);
    bench_.server.refs.head.oid = FakeServer::oid(number);
    bench_.github.list.repositories.front().pushed_at = fmt::format("2020-02-02T00:00:{:02}Z", number % 60);
  }
  void lose(const std::string& name, unsigned number) {
    bench_.server.set_ref(name, number);
    lost_.insert(FakeServer::oid(number));
    bench_.github.list.repositories.front().pushed_at = fmt::format("2020-01-01T00:{:02}:00Z", ++losses_);
  }
  std::size_t snapshots() { return bench_.vault.list_snapshots(kFolder).size(); }
  Manifest newest() {
    return bench_.vault.read_manifest(kFolder, bench_.vault.list_snapshots(kFolder).back(), {}, {}).manifest;
  }
  RefState refs() { return bench_.vault.read_ref_state(kFolder, git_part(newest().parts), {}); }
  static std::vector<std::string> names(const std::vector<LeftOutRef>& left_out) {
    std::vector<std::string> all;
    for (const auto& ref : left_out) all.push_back(ref.name);
    return all;
  }
  static LeftOutRef lost_ref(const std::string& name, unsigned number) {
    return {name, FakeServer::oid(number),
            "the server says: fatal: unable to read " + FakeServer::oid(number).hex()};
  }
  bool was_asked_for(unsigned number) const {
    return std::any_of(requests_.begin(), requests_.end(), [&](const FetchRequest& request) {
      return std::find(request.wants.begin(), request.wants.end(), FakeServer::oid(number)) !=
             request.wants.end();
    });
  }

  const std::string kFolder = "repos/github.com/acme/site.7/";
  BackupBench bench_;
  std::set<Oid> lost_;
  bool refuses_all_ = false;
  int losses_ = 0;
  std::vector<FetchRequest> requests_;
};

TEST_F(Refusals, OneLostRefKeepsNoOtherFromBeingSaved) {
  lose("refs/tags/lost", 300);

  const RunSummary summary = run_all();

  const Outcome& outcome = summary.outcomes.front();
  EXPECT_EQ(outcome.kind, OutcomeKind::saved);
  EXPECT_THAT(outcome.left_out, ElementsAre(lost_ref("refs/tags/lost", 300)));
  EXPECT_FALSE(summary.is_good());
  EXPECT_EQ(git_part(newest().parts).status, PartStatus::partial);
  EXPECT_TRUE(has_settled_history(newest().parts));
  EXPECT_EQ(git_part(newest().parts).left_out, outcome.left_out);
  EXPECT_THAT(refs().refs, SizeIs(32));
  EXPECT_EQ(refs().head, bench_.server.refs.head);
}

// Three times all together; then halves, down to the one: two at each of log2(n) levels, without any wait.
TEST_F(Refusals, FindALostRefWithFewRequests) {
  for (unsigned i = 31; i <= 1000; ++i) bench_.server.set_ref(fmt::format("refs/tags/v{}", i), 20'000 + i);
  lose("refs/tags/v555", 5000);

  run();

  EXPECT_LE(bench_.server.fetched, 3 + 1 + 2 * static_cast<int>(std::ceil(std::log2(1002))));
  EXPECT_LE(bench_.clock.slept, std::chrono::milliseconds(1500));
  EXPECT_THAT(refs().refs, SizeIs(1001));
}

TEST_F(Refusals, AreNotAskedForAgainWhileTheListShowsTheSame) {
  lose("refs/tags/lost", 300);
  run();
  const auto before = snapshots();

  const RunSummary second = run_all();

  EXPECT_EQ(second.outcomes.front().kind, OutcomeKind::unchanged);
  EXPECT_THAT(second.outcomes.front().left_out, ElementsAre(lost_ref("refs/tags/lost", 300)));
  EXPECT_FALSE(second.is_good());
  EXPECT_EQ(bench_.server.listed, 1);
  EXPECT_EQ(bench_.server.fetched, 0);
  EXPECT_EQ(bench_.clock.slept, std::chrono::milliseconds(0));
  EXPECT_EQ(snapshots(), before);
}

TEST_F(Refusals, DoNotHoldUpAPushElsewhere) {
  lose("refs/tags/lost", 300);
  run();
  push(2);

  const Outcome outcome = run();

  EXPECT_EQ(outcome.kind, OutcomeKind::saved);
  EXPECT_EQ(bench_.server.fetched, 1);
  EXPECT_FALSE(was_asked_for(300));
  EXPECT_EQ(refs().head.oid, FakeServer::oid(2));
  EXPECT_THAT(git_part(newest().parts).left_out, ElementsAre(lost_ref("refs/tags/lost", 300)));
}

TEST_F(Refusals, AreAskedForOnceInEachInterval) {
  lose("refs/tags/lost", 300);
  run();
  for (unsigned day = 1; day <= 3; ++day) {  // the interval is half of seven days at least
    bench_.clock.advance(kDay);
    push(1 + day);
    run();
    EXPECT_FALSE(was_asked_for(300)) << day;
  }
  bench_.clock.advance(4 * kDay);
  const auto before = snapshots();

  const Outcome due = run();

  EXPECT_TRUE(was_asked_for(300));
  EXPECT_LE(bench_.server.fetched, 5);
  EXPECT_EQ(due.kind, OutcomeKind::unchanged);
  EXPECT_THAT(due.left_out, SizeIs(1));
  EXPECT_EQ(snapshots(), before);
  run();
  EXPECT_EQ(bench_.server.fetched, 0);
}

TEST_F(Refusals, WhatIsThereAgainIsSaved) {
  lose("refs/tags/lost", 300);
  run();
  lost_.clear();
  bench_.clock.advance(8 * kDay);

  const RunSummary summary = run_all();

  EXPECT_TRUE(summary.is_good());
  EXPECT_EQ(git_part(newest().parts).status, PartStatus::ok);
  EXPECT_EQ(refs(), bench_.server.refs);
}

TEST_F(Refusals, ARefThatMovedIsAskedForAtOnce) {
  lose("refs/tags/lost", 300);
  run();
  bench_.server.set_ref("refs/tags/lost", 301);

  const RunSummary summary = run_all();

  EXPECT_TRUE(summary.is_good());
  EXPECT_EQ(refs(), bench_.server.refs);
}

TEST_F(Refusals, ARefThatIsGoneFromTheListLeavesAWholeSnapshot) {
  lose("refs/tags/lost", 300);
  run();
  bench_.server.drop_ref("refs/tags/lost");

  const RunSummary summary = run_all();

  EXPECT_TRUE(summary.is_good());
  EXPECT_EQ(git_part(newest().parts).status, PartStatus::ok);
  EXPECT_EQ(run().kind, OutcomeKind::unchanged);
  EXPECT_EQ(bench_.server.fetched, 0);
}

TEST_F(Refusals, SeveralLostRefsAreAllFound) {
  lose("refs/tags/lost", 300);
  lose("refs/heads/lost", 301);
  bench_.server.set_ref("refs/heads/same", 301);
  bench_.server.set_ref("refs/pull/2/head", 302);
  lost_.insert(FakeServer::oid(302));

  const Outcome outcome = run();

  EXPECT_THAT(names(outcome.left_out),
              ElementsAre("refs/heads/lost", "refs/heads/same", "refs/pull/2/head", "refs/tags/lost"));
  EXPECT_THAT(refs().refs, SizeIs(32));
  EXPECT_LE(bench_.server.fetched, 3 + 1 + 3 * (2 * 6 + 2));  // each of the three texts has to be believed
}

TEST_F(Refusals, AHeadOnALostBranchIsUnborn) {
  lose("refs/heads/main", 300);
  bench_.server.refs.head.oid = FakeServer::oid(300);

  const Outcome outcome = run();

  EXPECT_THAT(names(outcome.left_out), ElementsAre("refs/heads/main"));
  EXPECT_EQ(refs().head, (Head{"refs/heads/main", std::nullopt}));
  EXPECT_THAT(refs().refs, SizeIs(31));
}

TEST_F(Refusals, ALostBranchStaysAtItsOldValue) {
  run();
  lose("refs/heads/main", 300);
  bench_.server.refs.head.oid = FakeServer::oid(300);

  const Outcome outcome = run();

  EXPECT_THAT(names(outcome.left_out), ElementsAre("refs/heads/main"));
  EXPECT_EQ(refs().head, (Head{"refs/heads/main", FakeServer::oid(1)}));
  push(2);
  run();
  EXPECT_EQ(git_part(newest().parts).status, PartStatus::ok);
}

// The tags build on the branch, so that most of what there is is lost.
TEST_F(Refusals, WhatIsWholeIsFoundAmongWhatIsLost) {
  for (unsigned i = 1; i <= 20; ++i) lose(fmt::format("refs/tags/v{}", i), 500 + i);
  lose("refs/heads/main", 500);
  bench_.server.refs.head.oid = FakeServer::oid(500);

  const Outcome outcome = run();

  EXPECT_EQ(outcome.kind, OutcomeKind::saved);
  EXPECT_THAT(outcome.left_out, SizeIs(21));
  EXPECT_THAT(refs().refs, SizeIs(11));
}

TEST_F(Refusals, ANewRefThatIsLostIsToldFromAServerThatIsIll) {
  run();
  lose("refs/heads/lost", 300);
  const auto known = snapshots();

  const Outcome lost = run();

  EXPECT_FALSE(lost.error) << lost.error->message();
  EXPECT_THAT(names(lost.left_out), ElementsAre("refs/heads/lost"));
  EXPECT_LE(bench_.server.fetched, 5);
  EXPECT_EQ(snapshots(), known + 1);
  EXPECT_EQ(git_part(newest().parts).bundles.size(), 1U);

  refuses_all_ = true;
  push(2);
  const Outcome ill = run();

  EXPECT_EQ(ill.kind, OutcomeKind::failed);
  EXPECT_EQ(ill.error->kind(), ErrorKind::gave_up);
  EXPECT_THAT(ill.error->message(),
              AllOf(HasSubstr("the server refuses whatever it is asked for"), HasSubstr("fatal: disk full")));
  EXPECT_EQ(snapshots(), known + 1);

  refuses_all_ = false;
  run();
  EXPECT_TRUE(was_asked_for(2));
  EXPECT_EQ(refs().head.oid, FakeServer::oid(2));
}

TEST_F(Refusals, AServerThatRefusesAllIsLeftAloneSoon) {
  for (unsigned i = 31; i <= 1000; ++i) bench_.server.set_ref(fmt::format("refs/tags/v{}", i), 20'000 + i);
  refuses_all_ = true;

  const Outcome outcome = run();

  EXPECT_EQ(outcome.kind, OutcomeKind::failed);
  EXPECT_LE(bench_.server.fetched, 51);
  EXPECT_LE(bench_.clock.slept, std::chrono::milliseconds(1500));
  EXPECT_EQ(snapshots(), 0U);
}

TEST_F(Refusals, AnAnswerThatSaysNoIsFinalAfterThree) {
  bench_.server.on_fetch = [] { throw Error(ErrorKind::refused, "the server says: maintenance"); };

  const Outcome outcome = run();

  EXPECT_EQ(bench_.server.fetched, 3);
  EXPECT_EQ(outcome.error->message(), "the server says: maintenance (tried 3 times)");
}

TEST_F(Refusals, AnAnswerToTheListThatSaysNoIsFinalAfterThree) {
  bench_.server.on_list = [] { throw Error(ErrorKind::refused, "the server says: maintenance"); };

  const Outcome outcome = run();

  EXPECT_EQ(bench_.server.listed, 3);
  EXPECT_EQ(outcome.error->kind(), ErrorKind::refused);
}

TEST_F(Refusals, WordsThatChangeAreNoReasonToGiveUp) {
  bench_.server.on_fetch = [this] {
    if (bench_.server.fetched < 5)
      throw Error(ErrorKind::gave_up,
                  fmt::format("the server says: {} before you", 10 - bench_.server.fetched));
  };

  EXPECT_EQ(run().kind, OutcomeKind::saved);
  EXPECT_EQ(bench_.server.fetched, 5);
  EXPECT_EQ(git_part(newest().parts).status, PartStatus::ok);
}

TEST_F(Refusals, FindALostRefWithoutRetries) {
  bench_.context.retries.max_attempts = 1;
  lose("refs/tags/lost", 300);

  const Outcome outcome = run();

  EXPECT_EQ(outcome.kind, OutcomeKind::saved);
  EXPECT_THAT(refs().refs, SizeIs(32));
}

// As git answers where the object of the ref itself is lost: the ref is listed all the same.
TEST_F(Refusals, AnObjectThatIsListedAndNeverThereIsLeftOut) {
  bench_.server.set_ref("refs/heads/lost", 300);
  bench_.server.set_ref("refs/tags/also", 301);
  bench_.server.refuses = [this](const FetchRequest& request) {
    requests_.push_back(request);
    for (const unsigned number : {300U, 301U})
      if (was_asked_for(number) && std::find(request.wants.begin(), request.wants.end(),
                                             FakeServer::oid(number)) != request.wants.end())
        throw Error(ErrorKind::not_found,
                    "the server says: upload-pack: not our ref " + FakeServer::oid(number).hex());
    return std::string();
  };

  const Outcome outcome = run();

  EXPECT_EQ(outcome.kind, OutcomeKind::saved);
  EXPECT_THAT(names(outcome.left_out), ElementsAre("refs/heads/lost", "refs/tags/also"));
  EXPECT_EQ(bench_.server.fetched, 8);  // the first one three times, HEAD, all others, the two halves
  EXPECT_EQ(bench_.server.listed, 4);
  EXPECT_THAT(refs().refs, SizeIs(32));
  run();
  EXPECT_EQ(bench_.server.fetched, 0);
}

TEST_F(Refusals, ANameThatGitDoesNotAllowCostsThatRefAlone) {
  const LeftOutRef nameless{"refs/heads/..", FakeServer::oid(9), "git does not allow the name"};
  bench_.server.nameless = {nameless};

  const RunSummary first = run_all();
  const auto known = snapshots();
  const RunSummary second = run_all();

  EXPECT_EQ(first.outcomes.front().kind, OutcomeKind::saved);
  EXPECT_THAT(git_part(newest().parts).left_out, ElementsAre(nameless));
  EXPECT_EQ(refs(), bench_.server.refs);
  EXPECT_EQ(second.outcomes.front().kind, OutcomeKind::unchanged);
  EXPECT_THAT(second.outcomes.front().left_out, ElementsAre(nameless));
  EXPECT_FALSE(second.is_good());
  EXPECT_EQ(bench_.server.fetched, 0);
  EXPECT_EQ(snapshots(), known);

  bench_.server.nameless.clear();
  EXPECT_TRUE(run_all().is_good());
  EXPECT_EQ(git_part(newest().parts).status, PartStatus::ok);
  EXPECT_EQ(bench_.server.fetched, 0);
}

// Nobody was asked for what the names were odd of.
TEST_F(Refusals, AHeadWhoseNameIsAllowedAgainIsSaved) {
  bench_.server.refs.head = {"", FakeServer::oid(1)};
  bench_.server.nameless = {
      {"HEAD", FakeServer::oid(1), "it names .., and git does not allow the name", true}};
  run();
  bench_.server.refs.head = {"refs/heads/main", FakeServer::oid(1)};
  bench_.server.nameless.clear();

  const RunSummary summary = run_all();

  EXPECT_TRUE(summary.is_good());
  EXPECT_THAT(git_part(newest().parts).left_out, IsEmpty());
  EXPECT_EQ(refs(), bench_.server.refs);
}

TEST_F(Refusals, ARefThatIsListedOnceAgainIsSaved) {
  bench_.server.nameless = {
      {"refs/heads/twice", FakeServer::oid(400), "the server lists it twice, also with ...", true}};
  run();
  bench_.server.set_ref("refs/heads/twice", 400);
  bench_.server.nameless.clear();

  const RunSummary summary = run_all();

  EXPECT_TRUE(summary.is_good());
  EXPECT_TRUE(was_asked_for(400));
  EXPECT_EQ(refs(), bench_.server.refs);
}

TEST_F(Refusals, OfAClockThatWasYearsAheadAreAskedForAgain) {
  constexpr std::chrono::hours kTenYears{24 * 3652};
  bench_.github.name_now = "acme/site";
  lose("refs/tags/lost", 300);
  bench_.clock.advance(kTenYears);
  ASSERT_THAT(run().left_out, SizeIs(1));
  bench_.clock.advance(-kTenYears);

  run();

  EXPECT_TRUE(was_asked_for(300));
  run();
  EXPECT_FALSE(was_asked_for(300));
}

TEST_F(Refusals, AreDatedByGitHubsClock) {
  constexpr std::chrono::hours kTenYears{24 * 3652};
  bench_.github.name_now = "acme/site";
  lose("refs/tags/lost", 300);
  bench_.context.clock_ahead = [&] { return std::chrono::seconds(kTenYears); };
  bench_.clock.advance(kTenYears);
  const RunSummary summary = run_all();
  ASSERT_THAT(summary.run_problems, IsEmpty());
  const auto catalog = bench_.vault.load_catalog([](const auto&) {}, {});
  ASSERT_THAT(catalog, SizeIs(1));
  const UtcTime checked_at = catalog.begin()->second.refs_checked_at;
  EXPECT_LT(checked_at, bench_.clock.now() - kTenYears + kDay);

  run();

  EXPECT_FALSE(was_asked_for(300));
}

TEST_F(Refusals, AreFoundOverAConnectionThatBreaks) {
  lose("refs/tags/lost", 300);
  bench_.server.breaks = [](const FetchRequest& request) { return request.wants.size() > 4; };
  const auto refuses = bench_.server.refuses;
  bench_.server.refuses = [refuses](const FetchRequest& request) {
    return request.wants.size() > 4 ? std::string() : refuses(request);
  };

  const Outcome outcome = run();

  EXPECT_EQ(outcome.kind, OutcomeKind::saved);
  EXPECT_THAT(names(outcome.left_out), ElementsAre("refs/tags/lost"));
  EXPECT_THAT(refs().refs, SizeIs(32));
}

// 100 packs that stall for two minutes each were counted for 601 refs.
TEST_F(Refusals, ARepositoryWhosePackAlwaysStallsDoesNotHoldUpTheRun) {
  for (unsigned i = 31; i <= 600; ++i) bench_.server.set_ref(fmt::format("refs/tags/v{}", i), 20'000 + i);
  bool stalls = true;
  bench_.server.breaks = [&](const FetchRequest& request) {
    if (!stalls || request.wants.size() < 20) return false;
    bench_.clock.advance(std::chrono::minutes(2));
    return true;
  };
  bench_.server.on_fetch = [&] {
    if (bench_.server.fetched > 10)
      bench_.server.breaks = [&](const FetchRequest&) {
        if (stalls) bench_.clock.advance(std::chrono::minutes(2));
        return stalls;
      };
  };

  const Outcome outcome = run();

  EXPECT_LE(bench_.server.fetched, 30);
  EXPECT_EQ(outcome.kind, OutcomeKind::failed);
  EXPECT_THAT(outcome.error->message(),
              AllOf(HasSubstr("minutes that brought nothing"),
                    HasSubstr("the next run goes on from there with "), HasSubstr("and ")));
  const auto kept = refs().refs.size();
  EXPECT_GT(kept, 0U);

  stalls = false;
  EXPECT_EQ(run().kind, OutcomeKind::saved);
  EXPECT_EQ(requests_.front().wants.size(), 602 - kept);
}

}  // namespace
}  // namespace hubkeep
