#include "verify/snapshot_chains.h"

#include <gmock/gmock.h>

namespace hubkeep {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

SnapshotId snapshot(int day) {
  return SnapshotId::parse("202611" + std::to_string(10 + day) + "T000000Z-00000a").value();
}

Bundle bundle(const std::string& key, const std::string& sha256 = "aa") {
  return {.snapshot = {},
          .builds_on = {},
          .record = {.key = key, .size = 1, .sha256 = sha256, .encoding = "identity"}};
}

GitPart chain(const std::vector<Bundle>& bundles, ObjectFormat format = ObjectFormat::sha1) {
  return {.format = format, .head = {}, .refs = {}, .bundles = bundles};
}

std::vector<std::string> keys_on(const SnapshotChains& chains,
                                 const std::vector<SnapshotChains::Place>& way) {
  std::vector<std::string> keys;
  for (const auto place : way) keys.push_back(chains.at(place).bundle.record.key);
  return keys;
}

TEST(SnapshotChains, KeepWhatSnapshotsSayOfABundleInOtherWords) {
  Bundle indexed = bundle("a");
  indexed.index = ObjectRecord{.key = "a.idx", .size = 1, .sha256 = "bb", .encoding = "identity"};
  Bundle lied_about = bundle("a");
  lied_about.objects = 99;
  SnapshotChains chains;
  chains.add(snapshot(4), chain({indexed}));
  chains.add(snapshot(3), chain({lied_about}));
  chains.add(snapshot(2), chain({bundle("a")}));
  chains.add(snapshot(1), chain({bundle("a")}));

  ASSERT_THAT(chains.ends(), SizeIs(1));
  const auto& link = chains.at(chains.ends().front());
  EXPECT_EQ(link.bundle, indexed);
  ASSERT_THAT(link.in_other_words, SizeIs(2));
  EXPECT_EQ(link.in_other_words[0].bundle, lied_about);
  EXPECT_THAT(link.in_other_words[0].snapshots, ElementsAre(snapshot(3)));
  EXPECT_EQ(link.in_other_words[1].bundle, bundle("a"));
  EXPECT_THAT(link.in_other_words[1].snapshots, ElementsAre(snapshot(2), snapshot(1)));
}

TEST(SnapshotChains, HaveABundleOnceWhateverTheNumberOfItsSnapshots) {
  SnapshotChains chains;
  chains.add(snapshot(3), chain({bundle("a"), bundle("b")}));
  chains.add(snapshot(2), chain({bundle("a"), bundle("b")}));
  chains.add(snapshot(1), chain({bundle("a")}));

  ASSERT_THAT(chains.ends(), SizeIs(1));
  const auto way = chains.way_to(chains.ends().front());

  EXPECT_THAT(keys_on(chains, way), ElementsAre("", "a", "b"));
  EXPECT_TRUE(chains.at(way[0]).is_root());
  EXPECT_THAT(chains.at(way[0]).snapshots, IsEmpty());
  EXPECT_THAT(chains.at(way[1]).snapshots, SizeIs(1));
  EXPECT_THAT(chains.at(way[2]).snapshots, SizeIs(2));
  EXPECT_THAT(chains.snapshots_from(way[2]), ElementsAre(snapshot(3), snapshot(2)));
  EXPECT_THAT(chains.snapshots_from(way[0]), ElementsAre(snapshot(3), snapshot(2), snapshot(1)));
}

TEST(SnapshotChains, PartWhereABundleReplacesOthersOrIsAnotherOfTheSameName) {
  SnapshotChains chains;
  chains.add(snapshot(1), chain({bundle("a"), bundle("b"), bundle("c")}));
  chains.add(snapshot(2), chain({bundle("a"), bundle("bc")}));
  chains.add(snapshot(3), chain({bundle("a"), bundle("b", "bb")}));

  std::vector<std::vector<std::string>> ways;
  for (const auto end : chains.ends()) ways.push_back(keys_on(chains, chains.way_to(end)));

  EXPECT_THAT(ways, ElementsAre(ElementsAre("", "a", "b", "c"), ElementsAre("", "a", "bc"),
                                ElementsAre("", "a", "b")));
}

TEST(SnapshotChains, AreOfOneObjectFormatEach) {
  SnapshotChains chains;
  chains.add(snapshot(1), chain({}));
  chains.add(snapshot(2), chain({}, ObjectFormat::sha256));

  ASSERT_THAT(chains.ends(), SizeIs(2));
  EXPECT_EQ(chains.at(chains.ends()[0]).format, ObjectFormat::sha1);
  EXPECT_EQ(chains.at(chains.ends()[1]).format, ObjectFormat::sha256);
  EXPECT_THAT(chains.snapshots_from(chains.ends()[1]), ElementsAre(snapshot(2)));
}

}  // namespace
}  // namespace hubkeep
