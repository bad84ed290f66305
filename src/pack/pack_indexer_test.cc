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
  options.cache = ByteCount{1} << 13U;
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

TEST(PackIndexer, WaitsForNothingThatCanBeReadWhereItWasWritten) {
  TestRepository repository;
  repository.commit("main", 0, 200);
  const FetchRequest all = repository.everything();
  const std::string pack = repository.pack(all, {"--delta-base-offset", "--no-reuse-delta", "--depth=50"});
  const Indexed later = index_pack(pack, ObjectFormat::sha1, {.options = small_cache()});
  StringSource source(pack);
  IndexingOptions options = small_cache();
  options.cache = ByteCount{1} << 15U;
  options.written = &source;

  const Indexed indexed = index_pack(pack, ObjectFormat::sha1, {.options = options});

  EXPECT_GT(later.counts.waited, 50U);
  EXPECT_GT(later.counts.bytes_again, 0U);
  EXPECT_EQ(indexed.counts.waited, 0U);
  EXPECT_TRUE(indexed.index == later.index);
}

TEST(PackIndexer, NamesTheObjectWhereThePackThatIsReadAgainIsAnother) {
  TestRepository repository;
  repository.commit("main", 0, 200);
  const std::string pack =
      repository.pack(repository.everything(), {"--delta-base-offset", "--no-reuse-delta", "--depth=50"});
  PackIndexer indexer(ObjectFormat::sha1, nullptr, small_cache());
  indexer.write(pack);
  indexer.finish();
  StringSource other(std::string(pack.size(), 'x'));
  NoObjects nothing;
  try {
    indexer.resolve(other, nothing, {});
    FAIL() << "it was taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::corrupt);
    EXPECT_THAT(error.message(), testing::MatchesRegex("pack: object [0-9]+ of [0-9]+ at offset [0-9]+: its "
                                                       "bytes are not those that came"));
  }
}

TEST(PackIndexer, SaysOfATipThatItIsNotThereEvenWhereDeltasCouldStandForIt) {
  const MadeObject file = git_blob("a file");
  const MadeObject commit = git_commit("a commit");
  PackMaker maker;
  const auto base = maker.next();
  maker.add(file).add_delta(base, delta_from("a file", "a file that changed")).add(commit);
  const Oid made = git_blob("a file that changed").oid();
  const FetchRequest there{.wants = {commit.oid(), made}, .haves = {}, .commits = 0};
  const FetchRequest not_there{.wants = {commit.oid(), git_blob("another").oid()}, .haves = {}, .commits = 0};

  EXPECT_EQ(index_pack(maker.pack(), ObjectFormat::sha1, {.asked = &there}).summary.not_proved, 0U);
  EXPECT_THAT(index_pack(maker.pack(), ObjectFormat::sha1, {.asked = &there}).summary.impossible, IsEmpty());
  EXPECT_EQ(index_pack(maker.pack(), ObjectFormat::sha1, {.asked = &not_there}).summary.impossible,
            "it lacks 1 of 2 tips");
}

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
