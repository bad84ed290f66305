#include "git/ref_list.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace hubkeep {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::IsEmpty;

Oid oid(unsigned number, ObjectFormat format = ObjectFormat::sha1) {
  return Oid::parse(fmt::format("{:0{}x}", number, hex_size(format))).value();
}

// Enough for many chunks.
std::vector<Ref> many() {
  std::vector<Ref> refs;
  for (unsigned i = 0; i < 20'000; ++i) refs.push_back({fmt::format("refs/tags/v{:06}", i), oid(i)});
  return refs;
}

TEST(RefList, HoldsWhatWasAdded) {
  const RefList none;
  EXPECT_THAT(none, IsEmpty());
  const std::vector<Ref> refs = {
      {"refs/heads/main", oid(1)},      {"refs/heads/main/x", oid(2)},
      {"refs/heads/m", oid(3)},  // not sorted
      {"refs/heads/m", oid(4)},         {"", oid(5)},
      {std::string("a\0b", 3), oid(0)}, {"refs/heads/sha256", oid(6, ObjectFormat::sha256)},
      {"refs/heads/sha1", oid(6)}};
  EXPECT_THAT(RefList(refs), ElementsAreArray(refs));
  EXPECT_EQ(RefList(refs).size(), refs.size());
}

TEST(RefList, HoldsMany) {
  EXPECT_THAT(RefList(many()), ElementsAreArray(many()));
}

TEST(RefList, HoldsNamesOfAnyLength) {
  std::vector<Ref> refs;
  for (const std::size_t length : {1U, 126U, 127U, 128U, 129U, 16'383U, 16'384U, 65'000U, 70'000U, 200'000U})
    for (const char c : {'a', 'b'}) refs.push_back({"refs/heads/" + std::string(length, c), oid(1)});
  EXPECT_THAT(RefList(refs), ElementsAreArray(refs));
}

TEST(RefList, CopiesGoTheirOwnWays) {
  RefList first{{"refs/heads/a", oid(1)}};
  RefList second = first;
  second.add("refs/heads/b", oid(2));
  first.add("refs/heads/c", oid(3));
  EXPECT_THAT(first, ElementsAre(Ref{"refs/heads/a", oid(1)}, Ref{"refs/heads/c", oid(3)}));
  EXPECT_THAT(second, ElementsAre(Ref{"refs/heads/a", oid(1)}, Ref{"refs/heads/b", oid(2)}));
}

TEST(RefList, IsEmptyWhenMovedFrom) {
  RefList first(many());
  const RefList second = std::move(first);
  EXPECT_THAT(first, IsEmpty());  // NOLINT(bugprone-use-after-move)
  first.add("refs/heads/a", oid(1));
  EXPECT_THAT(first, ElementsAre(Ref{"refs/heads/a", oid(1)}));
  EXPECT_EQ(second.size(), many().size());
}

TEST(RefList, IsEqualByWhatItHolds) {
  const std::vector<Ref> refs = many();
  RefList other(refs.begin(), refs.end() - 1);
  EXPECT_FALSE(other == RefList(refs));
  other.push_back(refs.back());
  EXPECT_TRUE(other == RefList(refs));
  RefList renamed(refs.begin(), refs.end() - 1);
  renamed.add("refs/tags/x", refs.back().oid);
  EXPECT_FALSE(renamed == RefList(refs));
}

}  // namespace
}  // namespace hubkeep
