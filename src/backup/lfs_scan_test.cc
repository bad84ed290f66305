// LFS pointers go from the packs to whoever saves what they point at: while they stream by, and from bundles
// that are stored already.
#include "backup/lfs_scan.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "backup/backup_fakes.h"
#include "backup/backup_repository.h"
#include "backup/lfs_listener.h"

namespace hubkeep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

const MadeObject kEmptyTree{2, ""};
const std::string kText = std::string(300, 't');

MadeObject pointer(int number, const std::string& more = "") {
  return git_blob(fmt::format("version https://git-lfs.github.com/spec/v1\noid sha256:{:064x}\nsize {}\n{}",
                              number, number, more));
}

LfsPointer to(int number) {
  return {fmt::format("{:064x}", number), static_cast<ByteCount>(number)};
}

class LfsOfAHistory : public testing::Test {
 protected:
  LfsOfAHistory() {
    bench_.context.proof = {.is_wanted = true, .memory = &memory_};
    bench_.context.parts.push_back(lfs_);
    bench_.server.beside = {kEmptyTree};
  }

  Outcome run(const RepositoryOptions& options = {}) {
    repository_.pushed_at = format_time(UtcTime{std::chrono::seconds(1'600'000'000 + ++runs_)});
    const auto result = backup_repository(bench_.context, repository_, known_, {}, options);
    if (result.update) known_ = result.update->entry;
    EXPECT_FALSE(result.outcome.error) << result.outcome.error->message();
    return result.outcome;
  }
  /// The next commit brings these, and after it comes `entries` in its pack.
  Outcome push(std::vector<MadeObject> objects, const std::function<void(PackMaker&)>& entries = {}) {
    bench_.server.set_ref("refs/heads/main", ++commit_);
    bench_.server.answer = [=, commit = commit_](const FetchRequest&) {
      PackMaker maker;
      maker.add(git_commit(std::to_string(commit))).add(kEmptyTree);
      for (const MadeObject& object : objects) maker.add(object);
      if (entries) entries(maker);
      return maker.pack();
    };
    return run();
  }
  Outcome push_delta(const MadeObject& base, const MadeObject& made) {
    return push(
        {}, [=](PackMaker& maker) { maker.add_delta(base.oid(), delta_from(base.content, made.content)); });
  }
  /// Three bundles: a pointer as it is, one as a delta of that, one as a delta of a delta, and of a text.
  void push_chain() {
    push({pointer(1), git_blob(kText)});
    push_delta(pointer(1), pointer(2));
    push({}, [](PackMaker& maker) {
      maker.add_delta(pointer(2).oid(), delta_from(pointer(2).content, pointer(3).content))
          .add_delta(git_blob(kText).oid(), delta_from(kText, pointer(4).content));
    });
  }
  GitPart git_of(const Outcome& outcome) {
    return git_part(bench_.vault.read_manifest(kFolder, outcome.snapshot, {}, {}).manifest.parts);
  }
  std::string path_of(const ObjectRecord& record) const {
    return (bench_.folder.path() / kFolder / record.key).string();
  }

  const std::string kFolder = "repos/github.com/acme/site.7/";
  BackupBench bench_;
  MemoryBudget memory_{ByteCount{64} << 20};
  std::shared_ptr<LfsListener> lfs_ = std::make_shared<LfsListener>();
  Repository repository_ = BackupBench::repository();
  std::optional<CatalogEntry> known_;
  unsigned commit_ = 1;
  int runs_ = 0;
};

TEST_F(LfsOfAHistory, IsToldWithTheBundleThatBringsIt) {
  const Outcome first = push({pointer(2), pointer(1), git_blob(kText)});
  EXPECT_THAT(lfs_->told, ElementsAre(Pair(first.snapshot, ElementsAre(to(1), to(2)))));
  const Outcome second = push_delta(git_blob(kText), pointer(3));
  EXPECT_THAT(lfs_->told, ElementsAre(Pair(second.snapshot, ElementsAre(to(3)))));

  EXPECT_EQ(second.lfs_pointers, 3U);
  EXPECT_EQ(git_of(second).lfs_pointers, 3U);
  EXPECT_FALSE(second.lfs_pointers_may_be_more) << "all deltas were looked at";
  const Outcome without = push({git_blob("none")});
  EXPECT_THAT(lfs_->told, ElementsAre(Pair(without.snapshot, IsEmpty())));
}

TEST_F(LfsOfAHistory, IsToldWithoutAProofWhereNoDeltaMayBringMore) {
  bench_.context.proof.is_wanted = false;
  const Outcome first = push({pointer(1), git_blob(kText)});
  EXPECT_THAT(lfs_->told, ElementsAre(Pair(first.snapshot, ElementsAre(to(1)))));

  const Outcome second = push_delta(git_blob(kText), pointer(2));

  EXPECT_THAT(lfs_->told, IsEmpty());
  EXPECT_TRUE(second.lfs_pointers_may_be_more);
  EXPECT_EQ(second.lfs_pointers, 1U);
}

TEST_F(LfsOfAHistory, IsNotThatOfAWiki) {
  const auto wiki = std::make_shared<GitBackup>("wiki", [](const Listing& at) { return at.clone_url; });
  bench_.context.parts = {wiki, lfs_};

  push({pointer(1)});

  EXPECT_THAT(lfs_->told, IsEmpty());
}

TEST_F(LfsOfAHistory, IsToldOfEachSlice) {
  bench_.server.set_ref("refs/tags/a", 101);
  bench_.server.set_ref("refs/tags/b", 102);
  bench_.server.breaks = [](const FetchRequest& request) { return request.wants.size() > 1; };
  bench_.server.answer = [&](const FetchRequest& request) {
    PackMaker maker;
    for (const unsigned number : {1U, 101U, 102U})
      if (request.wants.contains(bench_.server.oid(number)))
        maker.add(git_commit(std::to_string(number))).add(pointer(static_cast<int>(number)));
    return maker.add(kEmptyTree).pack();
  };

  const Outcome outcome = run();

  EXPECT_EQ(outcome.detail, "fetched in slices");
  EXPECT_THAT(lfs_->told, SizeIs(3));
  std::vector<LfsPointer> all;
  for (const auto& [bundle, pointers] : lfs_->told) all.insert(all.end(), pointers.begin(), pointers.end());
  EXPECT_THAT(all, testing::UnorderedElementsAre(to(1), to(101), to(102)));
  EXPECT_EQ(git_of(outcome).lfs_pointers, 3U);
  EXPECT_EQ(lfs_->scanned, lfs_->told);
}

TEST_F(LfsOfAHistory, IsToldOfWhatWasMissingAndCameLater) {
  const MadeObject tree{2, "100644 a" + std::string(1, '\0') + std::string(pointer(1).oid().raw())};
  bench_.server.answer = [&](const FetchRequest& request) {
    return request.wants.contains(pointer(1).oid()) ? PackMaker().add(pointer(1)).pack()
                                                    : PackMaker()
                                                          .add(git_commit("1", tree.oid()))
                                                          .add(git_commit("1"))
                                                          .add(kEmptyTree)
                                                          .add(tree)
                                                          .pack();
  };

  const Outcome outcome = run();

  EXPECT_EQ(git_of(outcome).missing_objects, 0U);
  EXPECT_THAT(lfs_->told, SizeIs(2));
  EXPECT_THAT(lfs_->told[outcome.snapshot], ElementsAre(to(1)));
  EXPECT_EQ(lfs_->scanned, lfs_->told);
}

TEST_F(LfsOfAHistory, IsToldOfABundleWhoseIndexIsMadeAgain) {
  push_chain();
  const GitPart git = git_of(push({pointer(9)}));
  std::filesystem::remove(path_of(git.bundles[1].index.value()));

  push({pointer(10)});

  EXPECT_THAT(lfs_->told[git.bundles[1].snapshot], ElementsAre(to(2)));
  EXPECT_THAT(lfs_->told, SizeIs(2)) << "with the new one";
}

TEST_F(LfsOfAHistory, IsFoundInStoredBundles) {
  push_chain();

  ASSERT_FALSE(lfs_->error) << lfs_->error->message();
  ASSERT_THAT(lfs_->scanned, SizeIs(3));
  auto bundle = lfs_->scanned.begin();
  EXPECT_THAT((bundle++)->second, ElementsAre(to(1)));
  EXPECT_THAT((bundle++)->second, ElementsAre(to(2)));
  EXPECT_THAT((bundle++)->second, ElementsAre(to(3), to(4)));
  EXPECT_EQ(lfs_->unresolved, 0U);
}

// Each of the others is known by its stored index alone.
TEST_F(LfsOfAHistory, IsFoundInTheLastBundleAlone) {
  lfs_->only = 2;

  push_chain();

  ASSERT_FALSE(lfs_->error) << lfs_->error->message();
  ASSERT_THAT(lfs_->scanned, SizeIs(1));
  EXPECT_THAT(lfs_->scanned.begin()->second, ElementsAre(to(3), to(4)));
}

TEST_F(LfsOfAHistory, IsFoundInAChainWithoutIndexesBaseFirst) {
  bench_.context.proof.is_wanted = false;

  push_chain();

  ASSERT_FALSE(lfs_->error) << lfs_->error->message();
  ASSERT_THAT(lfs_->scanned, SizeIs(3));
  EXPECT_THAT(lfs_->scanned.rbegin()->second, ElementsAre(to(3), to(4)));
  EXPECT_EQ(lfs_->unresolved, 0U);
}

TEST_F(LfsOfAHistory, IsCountedWhereABaseIsKnownByNoIndex) {
  bench_.context.proof.is_wanted = false;
  lfs_->only = 2;

  push_chain();

  ASSERT_FALSE(lfs_->error) << lfs_->error->message();
  EXPECT_THAT(lfs_->scanned.begin()->second, IsEmpty());
  EXPECT_EQ(lfs_->unresolved, 2U);
}

// 50,000 are too many for the share of a job.
TEST_F(LfsOfAHistory, IsFoundByFiftyThousandAndCountedWithoutRoom) {
  std::vector<MadeObject> objects;
  std::vector<LfsPointer> expected;
  for (int i = 1; i <= 50'000; ++i) {
    objects.push_back(pointer(i));
    expected.push_back(to(i));
  }
  const auto with_a_delta = [](PackMaker& maker) {
    maker.add_delta(pointer(1).oid(), delta_from(pointer(1).content, pointer(50'001).content));
  };
  const Outcome outcome = push(objects, with_a_delta);
  EXPECT_EQ(outcome.lfs_pointers, 50'001U);
  ASSERT_FALSE(lfs_->error) << lfs_->error->message();
  EXPECT_EQ(lfs_->scanned, lfs_->told);

  bench_.context.proof = {.is_wanted = false, .memory = nullptr};
  push({});

  ASSERT_FALSE(lfs_->error) << lfs_->error->message();
  EXPECT_TRUE(lfs_->scanned.begin()->second == expected);
  EXPECT_EQ(lfs_->unresolved, 1U);
}

TEST_F(LfsOfAHistory, IsNothingThatOnlyLooksLikeIt) {
  std::string upper = pointer(0xABC).content;
  upper.replace(upper.find("abc"), 3, "ABC");
  std::string another = pointer(1).content;
  another.replace(another.find("v1"), 2, "v2");

  push({git_blob(upper), git_blob(another), pointer(2, "x y\n"), pointer(3, std::string(1024, '\n')),
        git_blob("a text about " + pointer(4).content)});

  EXPECT_THAT(lfs_->told.begin()->second, IsEmpty());
  EXPECT_THAT(lfs_->scanned.begin()->second, IsEmpty());
}

TEST_F(LfsOfAHistory, CannotBeFoundInABundleThatIsDamagedLostOrArchived) {
  push_chain();
  const GitPart git = git_of(push({pointer(5)}));
  const ObjectRecord middle = git.bundles[1].record;
  const auto error_of_scan = [&] {
    run();
    return lfs_->error.value();
  };

  bench_.store->on_read = [&](const ObjectKey& key) {
    if (key.ends_with(middle.key)) throw Error(ErrorKind::cold, key + " is archived");
  };
  Error error = error_of_scan();
  EXPECT_EQ(error.kind(), ErrorKind::cold);
  EXPECT_THAT(error.message(), HasSubstr(middle.key));

  lfs_->only = 2;
  EXPECT_EQ(error_of_scan().kind(), ErrorKind::cold) << "it has a base for the next one";
  lfs_->only = 3;
  run();
  EXPECT_FALSE(lfs_->error) << "this one needs nothing of it";

  lfs_->only = {};
  bench_.store->on_read = [](const ObjectKey&) {};
  {
    std::fstream file(path_of(middle), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(middle.size) - 30);
    file.put('!');
  }
  error = error_of_scan();
  EXPECT_EQ(error.kind(), ErrorKind::corrupt);
  EXPECT_THAT(error.message(), HasSubstr(middle.key));

  std::filesystem::remove(path_of(middle));
  error = error_of_scan();
  EXPECT_EQ(error.kind(), ErrorKind::not_found);
  EXPECT_THAT(error.message(), HasSubstr(middle.key));
}

}  // namespace
}  // namespace hubkeep
