// What comes out is byte for byte what `git index-pack` writes, whatever the pack looks like.
#include "pack/pack_indexer.h"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>

#include "base/error.h"
#include "git/made_repository_test.h"
#include "git/pack_maker.h"
#include "pack/index_pack_test.h"

namespace hubkeep {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

IndexingOptions small_cache() {
  IndexingOptions options;
  options.memory = ByteCount{8} << 20U;
  options.cache = ByteCount{1} << 16U;
  return options;
}

class PackIndexerOf : public testing::TestWithParam<ObjectFormat> {};

TEST_P(PackIndexerOf, HistoriesIsAsGitsHoweverTheirDeltasAreWritten) {
  TestRepository repository(GetParam());
  repository.commit("main", 0, 120);
  repository.commit("side", 120, 160);
  repository.tag_all_kinds();
  const FetchRequest all = repository.everything();
  for (const std::vector<std::string>& options : std::vector<std::vector<std::string>>{
           {"--delta-base-offset"},
           {"--delta-base-offset", "--no-reuse-delta", "--depth=4095", "--window=200"},
           {"--no-reuse-delta", "--depth=4095", "--window=200"},
           {"--window=0"},
           {"--no-reuse-object", "--compression=0"}}) {
    const std::string pack = repository.pack(all, options);
    const std::string expected = index_by_git(pack, GetParam());
    for (const IndexingOptions& memory : {IndexingOptions{}, small_cache()}) {
      const Indexed indexed = index_pack(pack, GetParam(), {.options = memory, .asked = &all});

      EXPECT_TRUE(indexed.index == expected) << testing::PrintToString(options);
      EXPECT_EQ(indexed.pack.links.open(), 0U);
      EXPECT_THAT(indexed.pack.bases_elsewhere, IsEmpty());
      EXPECT_THAT(indexed.pack.unwalkable, IsEmpty());
      EXPECT_THAT(indexed.summary.impossible, IsEmpty());
      EXPECT_LE(indexed.counts.most_memory, memory.memory);
    }
  }
}

TEST_P(PackIndexerOf, ThinPackHoldsItsOwnObjects) {
  TestRepository repository(GetParam());
  repository.commit("main", 0, 60);
  const FetchRequest before = repository.everything();
  PackObjects base(repository.pack(before, {"--delta-base-offset"}), GetParam());
  repository.commit("main", 60, 90);
  FetchRequest increment = repository.everything();
  increment.haves = {before.wants.begin(), before.wants.end()};
  const std::string thin = repository.pack(increment, {"--thin", "--delta-base-offset"});

  const Indexed indexed = index_pack(thin, GetParam(), {.asked = &increment, .elsewhere = &base});

  EXPECT_FALSE(indexed.pack.bases_elsewhere.empty());
  for (const Oid& oid : indexed.pack.bases_elsewhere) EXPECT_TRUE(base.contains(oid));
  PackObjects own(repository.pack(increment, {"--delta-base-offset"}), GetParam());
  EXPECT_EQ(names_of(indexed.pack), own.names());
  EXPECT_GT(indexed.pack.links.open(), 0U);
  LinkSet links = indexed.pack.links;
  for (const Oid& oid : base.names()) links.found(oid, std::nullopt);
  EXPECT_EQ(links.open(), 0U);
  EXPECT_EQ(error_of_indexing(thin, GetParam()).kind(), ErrorKind::corrupt);
  EXPECT_THAT(
      error_of_indexing(thin, GetParam()).message(),
      HasSubstr(indexed.pack.bases_elsewhere.front().hex() + " is neither in the pack nor elsewhere"));
}

INSTANTIATE_TEST_SUITE_P(Formats, PackIndexerOf, testing::Values(ObjectFormat::sha1, ObjectFormat::sha256),
                         [](const auto& format) { return std::string(to_string(format.param)); });

void expect_as_gits(const PackMaker& maker) {
  const std::string pack = maker.pack();
  EXPECT_TRUE(index_pack(pack).index == index_by_git(pack));
}

TEST(PackIndexer, OfNothingIsAsGits) {
  expect_as_gits(PackMaker());
}

TEST(PackIndexer, TakesAnObjectTwice) {
  expect_as_gits(PackMaker().add(git_blob("one")).add(git_blob("two")).add(git_blob("one")));
}

TEST(PackIndexer, TakesADeltaBeforeItsBase) {
  const MadeObject first = git_blob("a file that changes");
  const MadeObject second = git_blob("a file that changed");
  const MadeObject third = git_blob("a file that changed again");
  expect_as_gits(PackMaker()
                     .add_delta(second.oid(), delta_from(second.content, third.content))
                     .add_delta(first.oid(), delta_from(first.content, second.content))
                     .add(first));
}

TEST(PackIndexer, FollowsAChainOf4095Deltas) {
  for (const bool by_name : {false, true}) {
    for (const bool last_first : {false, true}) {
      if (last_first && !by_name) continue;
      std::vector<MadeObject> versions;
      for (int i = 0; i <= 4095; ++i) versions.push_back(git_blob(std::string(200, 's') + std::to_string(i)));
      PackMaker maker;
      auto base = maker.next();
      if (!last_first) maker.add(versions[0]);
      for (std::size_t i = 1; i < versions.size(); ++i) {
        const std::size_t which = last_first ? versions.size() - i : i;
        const std::string delta = delta_from(versions[which - 1].content, versions[which].content);
        const auto next = maker.next();
        if (by_name)
          maker.add_delta(versions[which - 1].oid(), delta);
        else
          maker.add_delta(base, delta);
        base = next;
      }
      if (last_first) maker.add(versions[0]);
      expect_as_gits(maker);
    }
  }
}

}  // namespace
}  // namespace hubkeep
