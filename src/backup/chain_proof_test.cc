// What stands in the way of a proof, and what a proof leaves behind: with packs as a server could make them.
#include "backup/chain_proof.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "backup/backup_fakes.h"
#include "backup/backup_repository.h"
#include "backup/listing_of.h"
#include "backup/repository_work.h"
#include "vault/stored_objects.h"

namespace hubkeep {
namespace {

using testing::ElementsAre;
using testing::Ge;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const MadeObject kEmptyTree{2, ""};
const MadeObject kCutTree{2, "100644 a"};  // git takes it, and cannot walk it

class Proof : public testing::Test {
 protected:
  Proof() {
    bench_.context.proof = {.is_wanted = true, .memory = &memory_};
    bench_.server.beside = {kEmptyTree};
  }

  Outcome run() {
    const auto result = backup_repository(bench_.context, repository_, known_, {}, options_);
    if (result.update) known_ = result.update->entry;
    return result.outcome;
  }
  void push() {
    bench_.server.set_ref("refs/heads/main", ++commit_);
    repository_.pushed_at = format_time(UtcTime{std::chrono::seconds(1'600'000'000 + commit_)});
  }
  GitPart newest(const PartName& part = "git") {
    const SnapshotId id = bench_.vault.list_snapshots(kFolder).back();
    return git_part(bench_.vault.read_manifest(kFolder, id, {}, {}).manifest.parts.at(part));
  }
  /// Each breaks that asks for more than one object.
  void fetch_in_slices() {
    bench_.server.set_ref("refs/tags/v1", 101);
    bench_.server.set_ref("refs/tags/v2", 102);
    bench_.server.breaks = [](const FetchRequest& request) { return request.wants.size() > 1; };
  }
  /// The empty tree comes only where it is asked for by itself.
  void leave_out_the_tree(bool comes_when_asked) {
    bench_.server.beside = {};
    bench_.server.refuses = [=](const FetchRequest& request) {
      return !comes_when_asked && request.wants.contains(kEmptyTree.oid()) ? "not our ref" : "";
    };
    bench_.server.answer = [this](const FetchRequest& request) {
      return request.wants.contains(kEmptyTree.oid()) ? PackMaker().add(kEmptyTree).pack()
                                                      : bench_.server.pack(request);
    };
  }

  const std::string kFolder = "repos/github.com/acme/site.7/";
  BackupBench bench_;
  MemoryBudget memory_{ByteCount{64} << 20};
  Repository repository_ = BackupBench::repository();
  RepositoryOptions options_;
  std::optional<CatalogEntry> known_;
  unsigned commit_ = 1;
};

TEST_F(Proof, WhatCannotBeWalkedIsNamedAndItsPackIsNotReadAgain) {
  bench_.server.beside = {kEmptyTree, kCutTree};

  run();

  const GitPart first = newest();
  EXPECT_EQ(first.status, PartStatus::ok);
  EXPECT_EQ(first.proved, false);
  EXPECT_THAT(first.not_proved_because, HasSubstr("tree " + kCutTree.oid().hex() + ": a tree is cut short"));
  ASSERT_THAT(first.bundles, SizeIs(1));
  EXPECT_TRUE(first.bundles.front().index);

  const ObjectRecord& bundle = first.bundles.front().record;
  overwrite_object(bench_.vault.objects(), kFolder + bundle.key,
                   std::string(static_cast<std::size_t>(bundle.size), 'x'));
  bench_.server.beside = {};
  push();
  run();

  EXPECT_THAT(newest().bundles, SizeIs(2));
  EXPECT_EQ(newest().proved, false);
  EXPECT_EQ(newest().not_proved_because, first.not_proved_because);
}

TEST_F(Proof, WhatIsMissingBesideWhatCannotBeWalkedIsNamed) {
  bench_.server.beside = {kCutTree};
  bench_.server.refuses = [](const FetchRequest& request) {
    return request.wants.contains(kEmptyTree.oid()) ? "not our ref" : "";
  };

  run();

  EXPECT_EQ(newest().status, PartStatus::partial);
  ASSERT_THAT(newest().missing, SizeIs(1));
  EXPECT_EQ(newest().missing.front().oid, kEmptyTree.oid());
}

TEST_F(Proof, AnIndexStandsUnderTheNameOfItsPart) {
  bench_.context.parts = {std::make_shared<GitBackup>(
      "wiki", [](const Listing& listing) { return listing.clone_url + ".wiki"; })};

  const Outcome outcome = run();

  const GitPart wiki = newest("wiki");
  EXPECT_EQ(wiki.proved, true);
  ASSERT_TRUE(wiki.bundles.at(0).index);
  EXPECT_EQ(wiki.bundles.at(0).index->key, "wiki/" + outcome.snapshot.str() + ".idx");
}

TEST_F(Proof, IndexesThatDoNotFitIntoTheMemoryAreNotRead) {
  for (int i = 0; i < 40'000; ++i) bench_.server.beside.push_back(git_blob(fmt::format("{}", i)));
  run();
  ASSERT_EQ(newest().proved, true);
  bench_.server.beside = {};
  bench_.context.proof.memory = nullptr;
  push();

  run();

  EXPECT_EQ(newest().status, PartStatus::ok);
  EXPECT_EQ(newest().proved, false);
  EXPECT_THAT(newest().not_proved_because, testing::AllOf(HasSubstr("the indexes of what it builds on take"),
                                                          HasSubstr("raise --memory")));
}

TEST_F(Proof, IndexesOutOfProportionToWhatIsNewAreNotRead) {
  run();
  GitPart git = newest();
  git.bundles.front().index->size = kIndexesBesideAnIncrement + 1;
  const Listing listing = listing_of(repository_);
  RepositoryWork work(bench_.context, &*known_, {SubjectId(7), "R_7", kFolder, listing}, options_, {});
  ChainProof proof(work, {kFolder, "git"});

  proof.prove_stored(git, bench_.server.refs);

  EXPECT_EQ(git.proved, false);
  EXPECT_THAT(git.not_proved_because, HasSubstr("too much to read for"));
}

// The base is as large as what may be read, and a little more.
TEST_F(Proof, BasesThatTakeTooMuchReadingAreLeft) {
  const MadeObject base = git_blob(std::string(9'000'000, 'x') + "y");
  bench_.server.beside = {kEmptyTree, base};
  run();
  ASSERT_EQ(newest().proved, true);
  push();
  bench_.server.answer = [&](const FetchRequest& request) {
    PackMaker pack;
    pack.add(git_commit(fmt::format("{}", commit_)));
    if (!request.haves.empty()) pack.add_delta(base.oid(), delta_from(base.content, "xxxx and more"));
    return pack.pack();
  };

  const Outcome outcome = run();

  EXPECT_EQ(newest().status, PartStatus::ok);
  EXPECT_EQ(newest().proved, false);
  EXPECT_THAT(newest().not_proved_because, HasSubstr("of the packs before would have to be read"));
  EXPECT_FALSE(newest().bundles.back().index);
  EXPECT_LE(outcome.proof_reads.bytes, kLeastReadOfChain);
}

TEST_F(Proof, WhatIsReadOfTheChainIsTold) {
  const MadeObject base = git_blob(std::string(100'000, 'x') + "y");
  bench_.server.beside = {kEmptyTree, base};
  EXPECT_EQ(run().proof_reads.requests, 0U);
  push();
  bench_.server.answer = [&](const FetchRequest&) {
    return PackMaker()
        .add(git_commit(fmt::format("{}", commit_)))
        .add_delta(base.oid(), delta_from(base.content, "xxxx and more"))
        .pack();
  };

  const Outcome outcome = run();

  EXPECT_EQ(newest().proved, true);
  EXPECT_THAT(outcome.proof_reads.requests, Ge(1U));
  EXPECT_THAT(outcome.proof_reads.bytes, Ge(base.content.size()));
}

TEST_F(Proof, WhatSlicesLackIsAskedForAtTheirEnd) {
  fetch_in_slices();
  leave_out_the_tree(true);

  const Outcome outcome = run();

  EXPECT_EQ(outcome.kind, OutcomeKind::saved);
  EXPECT_EQ(outcome.detail, "fetched in slices");
  EXPECT_EQ(newest().status, PartStatus::ok);
  EXPECT_EQ(newest().proved, true);
  EXPECT_THAT(newest().missing, IsEmpty());
}

TEST_F(Proof, WhatSlicesLackAndNobodyHasIsNamed) {
  fetch_in_slices();
  leave_out_the_tree(false);

  run();

  EXPECT_EQ(newest().status, PartStatus::partial);
  EXPECT_EQ(newest().proved, false);
  EXPECT_EQ(newest().missing_objects, 1U);
  ASSERT_THAT(newest().missing, SizeIs(1));
  EXPECT_EQ(newest().missing.front().oid, kEmptyTree.oid());
  EXPECT_EQ(newest().missing.front().type, "tree");
  for (const Bundle& bundle : newest().bundles) EXPECT_TRUE(bundle.index);
}

}  // namespace
}  // namespace hubkeep
