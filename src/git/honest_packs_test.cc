// Packs as git makes them are never refused, and those of another question are, where that can be seen.
#include <gmock/gmock.h>

#include "git/made_repository_test.h"
#include "git/pack_scanner.h"

namespace hubkeep {
namespace {

using testing::IsEmpty;

PackSummary scan(const FetchRequest& asked, const std::string& pack) {
  PackScanner scanner(asked);
  scanner.write(pack);
  return scanner.finish();
}

class HonestPacks : public testing::TestWithParam<ObjectFormat> {};

TEST_P(HonestPacks, OfAllHistoryAreNeverRefusedHoweverTheirDeltasAreWritten) {
  TestRepository repository(GetParam());
  repository.commit("main", 0, 120);
  repository.commit("side", 120, 160);
  repository.tag_all_kinds();
  const FetchRequest all = repository.everything();
  ASSERT_EQ(all.wants.size(), 7U);

  for (const std::vector<std::string>& options : std::vector<std::vector<std::string>>{
           {"--delta-base-offset"},
           {"--delta-base-offset", "--no-reuse-delta", "--depth=4095", "--window=200"},
           {"--no-reuse-delta", "--depth=4095", "--window=200"},
           {"--window=0"},
           {"--no-reuse-object", "--compression=0"}}) {
    const PackSummary summary = scan(all, repository.pack(all, options));

    EXPECT_THAT(summary.impossible, IsEmpty()) << testing::PrintToString(options);
    EXPECT_TRUE(summary.deltas > 0 || summary.not_proved == 0) << testing::PrintToString(options);
  }
}

TEST_P(HonestPacks, OfTipsThatAreDeltasAreSeen) {
  TestRepository repository(GetParam());
  repository.commit("main", 0, 40);
  const FetchRequest all = repository.everything();
  FetchRequest each = all;
  each.wants = {};
  const std::string list = repository.git({"rev-list", "--all"});
  for (std::size_t at = 0; at < list.size(); at += hex_size(GetParam()) + 1)
    each.wants.insert(Oid::parse(list.substr(at, hex_size(GetParam()))).value());
  each.commits = each.wants.size();

  const PackSummary summary =
      scan(each, repository.pack(all, {"--delta-base-offset", "--no-reuse-delta", "--window=50"}));

  EXPECT_THAT(summary.impossible, IsEmpty());
  EXPECT_EQ(summary.not_proved, 0U);
}

TEST_P(HonestPacks, OfWhatIsNewAreNeverRefusedAndAreNoBase) {
  TestRepository repository(GetParam());
  repository.commit("main", 0, 60);
  const FetchRequest before = repository.everything();
  repository.commit("main", 60, 90);
  FetchRequest increment = repository.everything();
  const FetchRequest base = increment;
  increment.haves = {before.wants.begin(), before.wants.end()};
  FetchRequest rewind = increment;
  rewind.wants = increment.haves;
  rewind.haves = {increment.wants.begin(), increment.wants.end()};
  const std::string thin = repository.pack(increment, {"--thin", "--delta-base-offset"});

  EXPECT_THAT(scan(increment, thin).impossible, IsEmpty());
  EXPECT_THAT(scan(rewind, repository.pack(rewind, {"--thin"})).impossible, IsEmpty());
  EXPECT_EQ(scan(rewind, repository.pack(rewind, {"--thin"})).not_proved, 1U);
  EXPECT_EQ(scan(base, thin).impossible, "it has deltas without their bases");
  EXPECT_EQ(scan(base, repository.pack(before, {"--delta-base-offset"})).impossible, "it lacks 1 of 1 tips")
      << "an old answer";
}

INSTANTIATE_TEST_SUITE_P(Formats, HonestPacks, testing::Values(ObjectFormat::sha1, ObjectFormat::sha256),
                         [](const auto& format) { return std::string(to_string(format.param)); });

}  // namespace
}  // namespace hubkeep
