// A server that lists what it does not have: "not our ref", as git says it of the first such object.

#include "backup/git_objects_not_there.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <set>

#include "backup/backup_fakes.h"
#include "run/backup_account.h"

namespace hubkeep {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Error not_our_ref(const Oid& oid) {
  return {ErrorKind::not_found, "the server says: upload-pack: not our ref " + oid.hex()};
}

// A branch, a pull request and 30 tags.
class ObjectsThatAreNotThere : public testing::Test {
 protected:
  ObjectsThatAreNotThere() {
    for (unsigned i = 1; i <= 30; ++i) bench_.server.set_ref(fmt::format("refs/tags/v{}", i), 20'000 + i);
    bench_.server.set_ref("refs/pull/1/head", 200);
    bench_.server.refs.head = {"refs/heads/main", FakeServer::oid(1)};
    bench_.server.refuses = [this](const FetchRequest& request) {
      if (bench_.server.fetched > 2000) throw Error(ErrorKind::cancelled, "this never ends");
      for (const Oid& oid : request.wants)
        if (lost_.contains(oid)) throw not_our_ref(oid);
      return std::string();
    };
    bench_.github.list.seen_ids = {7};
    bench_.github.list.seen = 1;
    bench_.github.list.repositories = {BackupBench::repository()};
  }

  Outcome run() {
    MemoryBudget memory(ByteCount{64} << 20);
    bench_.server.listed = 0;
    bench_.server.fetched = 0;
    return backup_account(bench_.context, {.jobs = 1}, memory, {}).outcomes.front();
  }
  void lose(unsigned count) {
    std::vector<Ref> refs(bench_.server.refs.refs.begin(), bench_.server.refs.refs.end());
    for (unsigned i = 0; i < count; ++i) {
      refs.push_back({fmt::format("refs/tags/x{:05}", i), FakeServer::oid(100'000 + i)});
      lost_.insert(refs.back().oid);
    }
    bench_.server.refs.refs = refs;
    bench_.github.list.repositories.front().pushed_at = "2020-02-02T00:00:00Z";
  }
  void refuse_ever(const Oid& oid) {
    bench_.server.refuses = [this, oid](const FetchRequest&) -> std::string {
      if (bench_.server.fetched > 2000) throw Error(ErrorKind::cancelled, "this never ends");
      throw not_our_ref(oid);
    };
  }
  std::vector<SnapshotId> snapshots() { return bench_.vault.list_snapshots(kFolder); }
  Manifest newest() { return bench_.vault.read_manifest(kFolder, snapshots().back(), {}, {}).manifest; }
  RefState refs() { return bench_.vault.read_ref_state(kFolder, git_part(newest().parts), {}); }

  const std::string kFolder = "repos/github.com/acme/site.7/";
  BackupBench bench_;
  std::set<Oid> lost_;
};

TEST_F(ObjectsThatAreNotThere, OneThatIsNotListedEndsTheAttempts) {
  refuse_ever(FakeServer::oid(4711));

  const Outcome outcome = run();

  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->kind(), ErrorKind::not_found);
  EXPECT_EQ(bench_.server.fetched, 4);
  EXPECT_EQ(bench_.server.listed, 4);
  EXPECT_THAT(snapshots(), IsEmpty());
}

TEST_F(ObjectsThatAreNotThere, OneOfAnotherFormatEndsTheAttempts) {
  refuse_ever(*Oid::parse(std::string(64, 'a')));

  const Outcome outcome = run();

  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->kind(), ErrorKind::not_found);
  EXPECT_EQ(bench_.server.fetched, 4);
}

TEST_F(ObjectsThatAreNotThere, OneThatIsNotListedEndsTheSlices) {
  const auto honest = bench_.server.refuses;
  bench_.server.breaks = [](const FetchRequest& request) { return request.wants.size() > 3; };
  bench_.server.refuses = [this, honest](const FetchRequest& request) {
    if (bench_.server.fetched > 7) throw not_our_ref(FakeServer::oid(4711));
    return honest(request);
  };
  bench_.server.on_fetch = [this] {
    if (bench_.server.fetched > 2000) throw Error(ErrorKind::cancelled, "this never ends");
  };

  const Outcome outcome = run();

  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->kind(), ErrorKind::not_found);
  EXPECT_LE(bench_.server.fetched, 11);
}

TEST_F(ObjectsThatAreNotThere, ManyCostOneRequestEachAndNoRunMoreThanItsPatience) {
  lose(500);

  const Outcome first = run();

  ASSERT_TRUE(first.error);
  EXPECT_THAT(first.error->message(), AllOf(HasSubstr("given up after 300 failed attempts"),
                                            HasSubstr("the next run goes on from there")));
  EXPECT_LE(bench_.server.fetched, 340);
  EXPECT_LE(bench_.server.listed, 4);
  ASSERT_FALSE(snapshots().empty());
  EXPECT_GE(git_part(newest().parts).left_out.size(), 290U);
  EXPECT_TRUE(git_part(newest().parts).lacks_others);

  const Outcome second = run();

  EXPECT_FALSE(second.error) << second.error->message();
  EXPECT_LE(bench_.server.fetched, 260);
  EXPECT_LE(bench_.server.listed, 4);
  EXPECT_THAT(second.left_out, SizeIs(500));
  EXPECT_THAT(refs().refs, SizeIs(32));
  EXPECT_TRUE(has_settled_history(newest().parts));
  EXPECT_EQ(run().kind, OutcomeKind::unchanged);
  EXPECT_EQ(bench_.server.fetched, 0);
}

TEST_F(ObjectsThatAreNotThere, AServerThatHasNothingIsLeftAloneSoonAndLeavesNoSnapshot) {
  lose(10'000);
  for (const Ref& ref : bench_.server.refs.refs) lost_.insert(ref.oid);

  const Outcome outcome = run();

  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->kind(), ErrorKind::gave_up);
  EXPECT_THAT(outcome.error->message(),
              AllOf(HasSubstr("the server refuses whatever it is asked for"), HasSubstr("not our ref")));
  EXPECT_LE(bench_.server.fetched, 51);
  EXPECT_LE(bench_.server.listed, 4);
  EXPECT_THAT(snapshots(), IsEmpty());
}

// Nothing else is asked for: one that the vault holds has to stand for it.
TEST_F(ObjectsThatAreNotThere, TheOnlyNewRefNeedsTheProof) {
  run();
  const auto before = snapshots().size();
  lose(1);

  const Outcome lost = run();

  EXPECT_FALSE(lost.error) << lost.error->message();
  EXPECT_THAT(lost.left_out, SizeIs(1));
  EXPECT_EQ(snapshots().size(), before + 1);

  lose(2);
  for (const Ref& ref : bench_.server.refs.refs) lost_.insert(ref.oid);
  const Outcome ill = run();

  ASSERT_TRUE(ill.error);
  EXPECT_THAT(ill.error->message(), HasSubstr("the server refuses whatever it is asked for"));
  EXPECT_EQ(snapshots().size(), before + 1);
}

// Its old object is refused like a lost one, until the list shows that it has moved.
TEST_F(ObjectsThatAreNotThere, ARefThatMovesAmongThemIsSaved) {
  lose(3);
  bench_.server.set_ref("refs/tags/v30", 777);
  lost_.insert(FakeServer::oid(777));
  bench_.server.on_fetch = [this] {
    if (bench_.server.fetched == 4)
      bench_.server.on_list = [this] {
        bench_.server.on_list = [] {};
        bench_.server.set_ref("refs/tags/v30", 778);
      };
  };

  const Outcome outcome = run();

  EXPECT_FALSE(outcome.error);
  EXPECT_THAT(outcome.left_out, SizeIs(3));
  EXPECT_THAT(refs().refs, testing::Contains(Ref{"refs/tags/v30", FakeServer::oid(778)}));
}

TEST(ObjectsNotThere, OneIsBelievedTheThirdTimeAndTheNextAtOnce) {
  ObjectsNotThere not_there;
  const OidSet wants{FakeServer::oid(1), FakeServer::oid(2)};

  EXPECT_FALSE(not_there.believed(not_our_ref(FakeServer::oid(1)), wants));
  EXPECT_FALSE(not_there.believed(not_our_ref(FakeServer::oid(2)), wants));
  EXPECT_FALSE(not_there.believed(not_our_ref(FakeServer::oid(1)), wants));
  EXPECT_FALSE(not_there.is_any());
  EXPECT_EQ(not_there.believed(not_our_ref(FakeServer::oid(1)), wants), FakeServer::oid(1));
  EXPECT_TRUE(not_there.is_any());
  EXPECT_EQ(not_there.believed(not_our_ref(FakeServer::oid(2)), wants), FakeServer::oid(2));
}

TEST(ObjectsNotThere, WhatNobodyAskedForIsNone) {
  ObjectsNotThere not_there;
  const OidSet wants{FakeServer::oid(1)};

  for (int i = 0; i < 10; ++i) {
    EXPECT_FALSE(not_there.believed(not_our_ref(FakeServer::oid(3)), wants));
    EXPECT_FALSE(not_there.believed(not_our_ref(*Oid::parse(std::string(64, 'a'))), wants));
    EXPECT_FALSE(not_there.believed({ErrorKind::refused, "not our ref " + FakeServer::oid(1).hex()}, wants));
  }
  EXPECT_FALSE(not_there.is_any());
}

}  // namespace
}  // namespace hubkeep
