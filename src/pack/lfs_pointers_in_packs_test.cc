// Pointers of Git LFS are found wherever in a pack they are, also where deltas make them.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "git/made_repository_test.h"
#include "git/pack_maker.h"
#include "pack/index_pack_test.h"

namespace hubkeep {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string pointer_to(int number) {
  return fmt::format("version https://git-lfs.github.com/spec/v1\noid sha256:{:064x}\nsize {}\n", number,
                     number + 1);
}

LfsPointer to(int number) {
  return {fmt::format("{:064x}", number), static_cast<ByteCount>(number) + 1};
}

// As FetchedPack has them in the end.
std::vector<LfsPointer> found_in(const Indexed& indexed) {
  LfsPointers all = indexed.summary.lfs_pointers;
  all.resolve(indexed.pack.lfs_pointers);
  EXPECT_FALSE(all.may_be_more());
  return all.list();
}

class LfsPointersInPacks : public testing::TestWithParam<ObjectFormat> {};

// Git makes deltas of pointers only where their names are alike, as these are.
TEST_P(LfsPointersInPacks, AreFoundHoweverGitStoresThem) {
  constexpr int kFiles = 3'000;
  TestRepository repository(GetParam());
  std::string stream = "commit refs/heads/main\ncommitter A <a@example.org> 1700000000 +0000\ndata 1\na\n";
  std::vector<LfsPointer> expected;
  for (int i = 0; i < kFiles; ++i) {
    const std::string text = i % 3 == 0 ? std::string(150, 'x') + std::to_string(i) : pointer_to(i);
    if (i % 3 != 0) expected.push_back(to(i));
    stream += fmt::format("M 100644 inline f/{}.bin\ndata {}\n{}\n", i, text.size(), text);
  }
  repository.git({"fast-import", "--quiet"}, stream);
  const FetchRequest all = repository.everything();
  for (const std::vector<std::string>& how :
       std::vector<std::vector<std::string>>{{"--delta-base-offset"},
                                             {"--no-reuse-delta", "--depth=4095", "--window=200"},
                                             {"--no-reuse-delta", "--delta-base-offset", "--depth=1"},
                                             {"--no-reuse-delta", "--window=0"}}) {
    const std::string pack = repository.pack(all, how);
    for (const int threads : {1, 2})
      for (const ByteCount cache : {ByteCount{1} << 13U, ByteCount{16} << 20U}) {
        IndexingOptions options;
        options.threads = threads;
        options.cache = cache;

        const Indexed indexed = index_pack(pack, GetParam(), {.options = options, .asked = &all});

        EXPECT_EQ(found_in(indexed), expected) << testing::PrintToString(how) << threads << " " << cache;
        const bool has_deltas = how.back() != "--window=0";
        EXPECT_EQ(indexed.pack.lfs_pointers.count() > 100, has_deltas);
        EXPECT_EQ(indexed.summary.lfs_pointers.may_be_more(), has_deltas);
      }
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, LfsPointersInPacks,
                         testing::Values(ObjectFormat::sha1, ObjectFormat::sha256),
                         [](const auto& format) { return std::string(to_string(format.param)); });

TEST(LfsPointersInPack, AreFoundWhereverTheirBasesLie) {
  const MadeObject text = git_blob(std::string(300, 't'));
  const MadeObject elsewhere = git_blob(pointer_to(1) + "and more, so that it is none");
  PackMaker maker;
  maker.add_delta(git_blob(pointer_to(5)).oid(), delta_from(pointer_to(5), pointer_to(6)))
      .add_delta(elsewhere.oid(), delta_from(elsewhere.content, pointer_to(2)));
  const auto at = maker.next();
  maker.add(text);
  const auto first = maker.next();
  maker.add_delta(at, delta_from(text.content, pointer_to(3)));
  maker.add_delta(first, delta_from(pointer_to(3), pointer_to(4)));
  maker.add(git_blob(pointer_to(5)));
  PackMaker base;
  base.add(elsewhere);
  PackObjects objects(base.pack(), ObjectFormat::sha1);

  const Indexed indexed = index_pack(maker.pack(), ObjectFormat::sha1, {.elsewhere = &objects});

  EXPECT_THAT(indexed.summary.lfs_pointers.list(), ElementsAre(to(5)));
  EXPECT_EQ(indexed.summary.lfs_pointers.unresolved(), 4U);
  EXPECT_THAT(found_in(indexed), ElementsAre(to(2), to(3), to(4), to(5), to(6)));
}

TEST(LfsPointersInPack, AreNothingElseThatADeltaMakes) {
  const MadeObject good = git_blob(pointer_to(1));
  const MadeObject tree{2, pointer_to(2)};
  PackMaker maker;
  const auto at = maker.next();
  maker.add(good);
  maker.add_delta(at, delta_from(good.content, good.content + std::string(1024 - good.content.size(), '\n')));
  maker.add_delta(at, delta_from(good.content, "x" + good.content));
  const auto of_tree = maker.next();
  maker.add(tree).add_delta(of_tree, delta_from(tree.content, pointer_to(3)));

  const Indexed indexed = index_pack(maker.pack());

  EXPECT_THAT(indexed.pack.lfs_pointers.list(), IsEmpty());
  EXPECT_THAT(found_in(indexed), ElementsAre(to(1)));
}

}  // namespace
}  // namespace hubkeep
