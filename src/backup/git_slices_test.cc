#include "backup/git_slices.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "backup/backup_fakes.h"
#include "backup/backup_repository.h"
#include "run/backup_account.h"

namespace hubkeep {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

// Eight tags, a branch and a pull request, over a connection that breaks when more than `holds_` objects are
// asked for, or one of those that never come.
class Slices : public testing::Test {
 protected:
  Slices() {
    for (unsigned i = 1; i <= 8; ++i) bench_.server.set_ref(fmt::format("refs/tags/v{}", i), 100 + i);
    bench_.server.set_ref("refs/pull/1/head", 200);
    bench_.server.refs.head = {"refs/heads/main", FakeServer::oid(1)};
    bench_.server.breaks = [this](const FetchRequest& request) {
      requests_.push_back(request);
      return request.wants.size() > holds_ || request.wants.contains(never_);
    };
    bench_.github.list.seen_ids = {7};
    bench_.github.list.seen = 1;
    bench_.github.list.repositories = {BackupBench::repository()};
  }

  Outcome run() {
    MemoryBudget memory(ByteCount{64} << 20);
    requests_.clear();
    bench_.server.listed = 0;
    const auto summary = backup_account(bench_.context, {.jobs = 1}, memory, {.stop = stop_.get_token()});
    EXPECT_THAT(summary.run_problems, IsEmpty());
    return summary.outcomes.front();
  }
  void push() {
    bench_.server.set_ref("refs/heads/main", 2);
    bench_.server.refs.head.oid = FakeServer::oid(2);
    bench_.github.list.repositories.front().pushed_at = "2020-02-02T00:00:00Z";
  }
  std::vector<Manifest> manifests() {
    std::vector<Manifest> read;
    for (const auto& id : bench_.vault.list_snapshots(kFolder))
      read.push_back(bench_.vault.read_manifest(kFolder, id, {}, {}).manifest);
    return read;
  }
  RefState refs_of(const Manifest& manifest) {
    return bench_.vault.read_ref_state(kFolder, git_part(manifest.parts), {});
  }
  CatalogEntry entry() {
    return bench_.vault.load_catalog([](const auto&) {}, {}).begin()->second;
  }
  // Each snapshot names the one before, and each bundle the snapshot that the server was told of.
  void expect_one_line(const std::vector<Manifest>& line) {
    for (std::size_t i = 1; i < line.size(); ++i) {
      ASSERT_THAT(line[i].previous, SizeIs(1));
      EXPECT_EQ(line[i].previous.front().snapshot, line[i - 1].snapshot);
      EXPECT_GE(line[i].snapshot.time(), line[i - 1].snapshot.time() + std::chrono::seconds(1));
      ASSERT_THAT(git_part(line[i].parts).bundles, SizeIs(git_part(line[i - 1].parts).bundles.size() + 1));
      EXPECT_EQ(git_part(line[i].parts).bundles.back().snapshot, line[i].snapshot);
      EXPECT_EQ(git_part(line[i].parts).bundles.back().builds_on, line[i - 1].snapshot);
    }
  }

  const std::string kFolder = "repos/github.com/acme/site.7/";
  BackupBench bench_;
  std::stop_source stop_;
  std::size_t holds_ = 3;
  Oid never_;
  std::vector<FetchRequest> requests_;
};

TEST_F(Slices, EachIsASnapshotAndTheLastOneIsWhole) {
  const auto outcome = run();

  EXPECT_EQ(outcome.kind, OutcomeKind::saved);
  EXPECT_EQ(outcome.detail, "fetched in slices");
  const auto line = manifests();
  ASSERT_THAT(line, SizeIs(7));
  expect_one_line(line);
  EXPECT_TRUE(git_part(line.front().parts).bundles.front().builds_on.empty());
  for (std::size_t i = 0; i + 1 < line.size(); ++i)
    EXPECT_EQ(git_part(line[i].parts).status, PartStatus::partial) << i;
  EXPECT_EQ(git_part(line.back().parts).status, PartStatus::ok);
  EXPECT_EQ(refs_of(line.back()), bench_.server.refs);
  EXPECT_THAT(entry().newest,
              ElementsAre(CatalogSnapshot{
                  outcome.snapshot, entry().newest.front().sha256, {{"git", PartStatus::ok}}}));
}

TEST_F(Slices, APartialSnapshotHasTheRefsHeldSoFarAndAnUnbornHead) {
  run();

  const auto refs = refs_of(manifests().front());

  EXPECT_THAT(refs.refs, ElementsAre(Ref{"refs/tags/v1", FakeServer::oid(101)}));
  EXPECT_EQ(refs.head, (Head{"refs/heads/main", std::nullopt}));
}

TEST_F(Slices, CountWhatAllOfThemTook) {
  const auto outcome = run();

  std::uint64_t requests = 0;
  ByteCount received = 0;
  ByteCount stored = 0;
  for (const auto& manifest : manifests()) {
    requests += manifest.requests;
    received += manifest.bytes_received;
    stored += git_part(manifest.parts).bundles.back().record.size;
  }
  EXPECT_EQ(outcome.objects, 10U);
  EXPECT_EQ(outcome.bytes_stored, stored);
  EXPECT_EQ(outcome.requests, requests);
  EXPECT_EQ(outcome.requests, static_cast<std::uint64_t>(bench_.server.listed + bench_.server.fetched));
  EXPECT_EQ(outcome.bytes_received, received);
}

TEST_F(Slices, AnOutageIsNoReasonForThem) {
  bench_.server.on_fetch = [] { throw Error(ErrorKind::transient, "overloaded"); };

  const auto outcome = run();

  EXPECT_EQ(outcome.kind, OutcomeKind::failed);
  EXPECT_EQ(outcome.error->message(), "overloaded (tried 5 times)");
  EXPECT_EQ(outcome.requests, 6U);
  EXPECT_THAT(manifests(), IsEmpty());
}

TEST_F(Slices, AStoreThatFailsIsNoReasonForThem) {
  holds_ = 100;
  bench_.store->on_write = [](std::string_view bytes) {
    if (bytes.starts_with("PACK")) throw Error(ErrorKind::transient, "the store is overloaded");
  };

  const auto outcome = run();

  EXPECT_EQ(outcome.error->message(), "the store is overloaded (tried 5 times)");
  EXPECT_EQ(bench_.server.fetched, 5);
}

TEST_F(Slices, AnOutageEndsThemAndKeepsWhatIsThere) {
  bench_.server.on_fetch = [this] {
    if (bench_.server.fetched > 7) throw Error(ErrorKind::transient, "overloaded");
  };

  const auto outcome = run();

  EXPECT_EQ(outcome.kind, OutcomeKind::failed);
  EXPECT_EQ(outcome.error->kind(), ErrorKind::transient);
  EXPECT_EQ(outcome.error->message(),
            "overloaded (tried 5 times) (3 of 10 refs are kept, the next run goes on from there)");
  EXPECT_EQ(outcome.snapshot, manifests().back().snapshot);
  EXPECT_THAT(entry().newest,
              ElementsAre(CatalogSnapshot{
                  outcome.snapshot, entry().newest.front().sha256, {{"git", PartStatus::partial}}}));
}

TEST_F(Slices, TheNextRunAsksForTheRestAlone) {
  bench_.server.on_fetch = [this] {
    if (bench_.server.fetched > 7) throw Error(ErrorKind::transient, "overloaded");
  };
  run();
  bench_.server.on_fetch = [] {};
  holds_ = 100;

  const auto outcome = run();

  EXPECT_EQ(outcome.kind, OutcomeKind::saved);
  ASSERT_THAT(requests_, SizeIs(1));
  EXPECT_THAT(requests_.front().wants, SizeIs(7));
  EXPECT_THAT(requests_.front().haves, SizeIs(3));
  const auto line = manifests();
  expect_one_line(line);
  EXPECT_EQ(git_part(line.back().parts).status, PartStatus::ok);
  EXPECT_EQ(refs_of(line.back()), bench_.server.refs);
  EXPECT_EQ(run().kind, OutcomeKind::unchanged);
}

TEST_F(Slices, ARefThatCannotBeHadIsNamedAndAllOthersAreKept) {
  never_ = FakeServer::oid(103);

  const auto outcome = run();

  EXPECT_EQ(outcome.kind, OutcomeKind::failed);
  EXPECT_EQ(outcome.error->kind(), ErrorKind::transient);
  EXPECT_EQ(outcome.error->message(),
            "1 ref cannot be had, the connection breaks even when only one is asked for: refs/tags/v3: the "
            "connection broke (9 of 10 refs are kept, the next run goes on from there)");
  const auto line = manifests();
  EXPECT_EQ(git_part(line.back().parts).status, PartStatus::partial);
  EXPECT_THAT(refs_of(line.back()).refs, SizeIs(9));
  EXPECT_EQ(refs_of(line.back()).head, bench_.server.refs.head);
}

TEST_F(Slices, NothingIsWrittenWhenNothingMoreCanBeHad) {
  never_ = FakeServer::oid(103);
  run();
  const auto before = manifests();

  const auto outcome = run();

  EXPECT_EQ(outcome.kind, OutcomeKind::failed);
  EXPECT_EQ(manifests(), before);
  EXPECT_GT(outcome.requests, 0U);
}

TEST_F(Slices, ARefThatMovedStaysAtItsOldValueUntilTheNewOneIsThere) {
  holds_ = 100;
  run();
  push();
  never_ = FakeServer::oid(2);
  bench_.server.set_ref("refs/tags/v9", 109);

  run();

  const auto line = manifests();
  ASSERT_THAT(line, SizeIs(2));
  EXPECT_EQ(git_part(line[1].parts).status, PartStatus::partial);
  const auto refs = refs_of(line[1]);
  EXPECT_THAT(refs.refs, SizeIs(11));
  EXPECT_EQ(*refs.refs.begin(), (Ref{"refs/heads/main", FakeServer::oid(1)}));
  EXPECT_EQ(refs.head, (Head{"refs/heads/main", FakeServer::oid(1)}));
}

TEST_F(Slices, RefsThatMoveUnderThemAreListedAgain) {
  bench_.server.on_fetch = [this] {
    if (bench_.server.fetched != 8) return;
    bench_.server.set_ref("refs/tags/v4", 300);
    throw Error(ErrorKind::not_found, "the server says: not our ref");
  };

  const auto outcome = run();

  EXPECT_EQ(outcome.kind, OutcomeKind::saved);
  EXPECT_EQ(bench_.server.listed, 2);
  expect_one_line(manifests());
  EXPECT_EQ(refs_of(manifests().back()), bench_.server.refs);
}

TEST_F(Slices, GoOnHoweverOftenRefsMoveBetweenThem) {
  bench_.server.on_fetch = [this] {
    if (bench_.server.fetched > 7 && bench_.server.fetched % 2 == 0)
      throw Error(ErrorKind::not_found, "the server says: not our ref");
  };

  const auto outcome = run();

  EXPECT_EQ(outcome.kind, OutcomeKind::saved);
  EXPECT_GT(bench_.server.listed, 6);
}

TEST_F(Slices, RefsThatVanishUnderThemLeaveAWholeSnapshot) {
  never_ = FakeServer::oid(200);
  bench_.server.on_fetch = [this] {
    if (requests_.empty() || requests_.back().wants.size() != 1 || !requests_.back().wants.contains(never_))
      return;
    bench_.server.drop_ref("refs/pull/1/head");
    throw Error(ErrorKind::not_found, "the server says: not our ref");
  };

  const auto outcome = run();

  EXPECT_EQ(outcome.kind, OutcomeKind::saved);
  EXPECT_EQ(git_part(manifests().back().parts).status, PartStatus::ok);
  EXPECT_EQ(refs_of(manifests().back()), bench_.server.refs);
}

TEST_F(Slices, GiveUpWhenRefsMoveEveryTime) {
  bench_.server.on_fetch = [this] {
    if (bench_.server.fetched > 7) throw Error(ErrorKind::not_found, "the server says: not our ref");
  };

  const auto outcome = run();

  EXPECT_EQ(outcome.error->kind(), ErrorKind::not_found);
  EXPECT_THAT(outcome.error->message(), HasSubstr("3 of 10 refs are kept"));
  EXPECT_EQ(bench_.server.listed, 4);
}

TEST_F(Slices, NoneThatArrivesInPlaceOfALostBundleLeavesTheLastSnapshotTheNewest) {
  holds_ = 100;
  run();
  const Manifest whole = manifests().front();
  bench_.store->remove(kFolder + git_part(whole.parts).bundles.front().record.key);
  holds_ = 0;
  push();

  const auto outcome = run();

  ASSERT_TRUE(outcome.error);
  EXPECT_THAT(outcome.losses, SizeIs(1));
  EXPECT_THAT(manifests(), SizeIs(1));
  holds_ = 100;
  EXPECT_EQ(run().kind, OutcomeKind::saved);
  EXPECT_EQ(refs_of(manifests().back()), bench_.server.refs);
}

TEST_F(Slices, WhatIsCommittedStaysWhenTheRunIsStopped) {
  bench_.server.on_fetch = [this] {
    if (bench_.server.fetched <= 7) return;
    stop_.request_stop();
    throw Error(ErrorKind::cancelled, "stopped");
  };

  const auto outcome = run();

  EXPECT_EQ(outcome.kind, OutcomeKind::not_done);
  EXPECT_FALSE(outcome.error);
  EXPECT_EQ(entry().newest.front().snapshot, manifests().back().snapshot);
  EXPECT_EQ(entry().newest.front().parts, (PartStatuses{{"git", PartStatus::partial}}));
}

TEST_F(Slices, TheNextRunGoesOnFromTheWholeSnapshotOfTwoRunsAtOnce) {
  holds_ = 100;
  run();
  const auto known = entry();
  push();
  bench_.server.set_ref("refs/tags/v9", 109);
  bench_.server.on_fetch = [&] {
    bench_.server.on_fetch = [] {};
    never_ = FakeServer::oid(2);
    const auto other = backup_repository(bench_.context, bench_.github.list.repositories.front(), known, {});
    EXPECT_EQ(other.outcome.kind, OutcomeKind::failed);
    never_ = {};
  };
  const auto whole = run();
  bench_.server.set_ref("refs/tags/v10", 110);
  bench_.github.list.repositories.front().pushed_at = "2020-03-03T00:00:00Z";

  const auto next = run();

  const auto manifest = bench_.vault.read_manifest(kFolder, next.snapshot, {}, {}).manifest;
  EXPECT_THAT(manifest.previous, SizeIs(2));
  EXPECT_EQ(git_part(manifest.parts).bundles.back().builds_on, whole.snapshot);
  EXPECT_EQ(git_part(manifest.parts).status, PartStatus::ok);
  EXPECT_THAT(requests_.back().wants, ElementsAre(FakeServer::oid(110)));
}

// Without the tip, or with a delta whose base is nowhere, as long as it is told of what the vault has.
class SlicesThatLie : public Slices, public testing::WithParamInterface<bool> {
 protected:
  SlicesThatLie() {
    bench_.context.proof.is_wanted = true;
    bench_.server.beside = {{2, ""}};
    bench_.server.answer = [this](const FetchRequest& request) {
      if (request.haves.empty() && !lies_always_) return bench_.server.pack(request);
      PackMaker pack;
      for (int i = 0; i < 20; ++i) pack.add(git_blob(fmt::format("{}", i)));
      if (GetParam()) pack.add_delta(git_blob("nowhere").oid(), delta_from("nowhere", "nowhere else"));
      return pack.pack();
    };
  }

  bool lies_always_ = false;
};

TEST_P(SlicesThatLie, AreFetchedAgainWithoutSayingWhatIsThere) {
  const auto outcome = run();

  EXPECT_EQ(outcome.kind, OutcomeKind::saved) << outcome.error->message();
  const GitPart last = git_part(manifests().back().parts);
  EXPECT_EQ(last.status, PartStatus::ok);
  EXPECT_EQ(last.proved, true);
  EXPECT_EQ(refs_of(manifests().back()), bench_.server.refs);
  EXPECT_GT(last.bundles.size(), 3U);
  for (const Bundle& bundle : last.bundles) {
    EXPECT_TRUE(bundle.builds_on.empty());
    EXPECT_TRUE(bundle.index);
  }
  EXPECT_THAT(bench_.observer.notices, testing::Contains(HasSubstr("fetched again, with all")));
}

TEST_P(SlicesThatLie, EndTheRunWhereTheyLieAlways) {
  run();
  push();
  for (unsigned i = 20; i < 25; ++i) bench_.server.set_ref(fmt::format("refs/tags/v{}", i), 100 + i);
  lies_always_ = true;
  const auto before = manifests().size();

  const auto outcome = run();

  EXPECT_EQ(outcome.kind, OutcomeKind::failed);
  EXPECT_THAT(outcome.error->message(), HasSubstr("not what was asked for"));
  EXPECT_THAT(manifests(), SizeIs(before));
}

INSTANTIATE_TEST_SUITE_P(EachLie, SlicesThatLie, testing::Bool(),
                         [](const auto& row) { return row.param ? "ABaseThatIsNowhere" : "NoTip"; });

}  // namespace
}  // namespace hubkeep
