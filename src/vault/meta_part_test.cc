#include "vault/meta_part.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "base/error.h"

namespace hubkeep {
namespace {

using testing::ElementsAre;
using Json = nlohmann::ordered_json;

ObjectRecord record(const std::string& key) {
  return {.key = key, .size = 3, .sha256 = std::string(64, 'a'), .encoding = "zstd", .crc32 = 7};
}

MetaPart example() {
  return {.status = PartStatus::partial,
          .documents = {{record("meta/a.jsonl.zst")}, {record("meta/b.jsonl.zst"), 2}},
          .cursor = {record("meta/a.cursor.zst"), record("meta/b.cursor.zst")},
          .counts = {{"comment", {.kept = 11, .gone = 1, .github = 12}}, {"label", {.kept = 3}}},
          .not_permitted = {{"hook", "Webhooks: read"}},
          .absent = {"discussion"},
          .lacking = {{"comment", "GitHub gives no more than 250"}},
          .pending = 4};
}

TEST(MetaPart, StandsInTheManifestAsItIsRead) {
  EXPECT_EQ(meta_part(to_part(example())), example());
  EXPECT_EQ(meta_part(to_part({})), MetaPart{});
}

TEST(MetaPart, NamesItsObjectsForThoseWhoDoNotKnowIt) {
  std::vector<std::string> keys;

  visit_named_objects(to_part(example()), [&](const ObjectRecord& each) { keys.push_back(each.key); });

  EXPECT_THAT(keys,
              ElementsAre("meta/a.jsonl.zst", "meta/b.jsonl.zst", "meta/a.cursor.zst", "meta/b.cursor.zst"));
}

TEST(MetaPart, ThatFailedAtOnceHasAStatusAlone) {
  EXPECT_EQ(meta_part(Part(Json{{"status", "failed"}})).status, PartStatus::failed);
}

TEST(MetaPart, OfAnotherKindIsRefused) {
  EXPECT_FALSE(is_meta_part(Part(Json{{"status", "ok"}, {"lines_sha256", ""}})));
  EXPECT_TRUE(is_meta_part(to_part(example())));
  EXPECT_THROW(meta_part(Part(Json{{"status", "ok"}, {"documents", {1}}})), Error);
  EXPECT_THROW(meta_part(Part(Json{{"status", "ok"}, {"counts", {{"label", {{"kept", -1}}}}}})), Error);
}

TEST(MetaPart, IsSettledWhereNothingMayStillCome) {
  MetaPart part = example();
  EXPECT_FALSE(is_settled(to_part(part)));

  part.pending = 0;

  EXPECT_TRUE(is_settled(to_part(part)));
}

TEST(MetaDifference, IsExplainedByWhatIsKnownOfTheKind) {
  MetaPart part = example();
  part.pending = 0;
  part.counts = {{"comment", {.kept = 11, .github = 12}},
                 {"discussion", {.github = 2}},
                 {"hook", {.github = 1}},
                 {"issue", {.kept = 3, .github = 4}},
                 {"label", {.kept = 2, .github = 2}},
                 {"milestone", {.kept = 2, .github = 1}}};

  std::map<std::string, std::string> why;
  for (const MetaDifference& each : differences_of(part)) why[each.kind] = each.why;

  EXPECT_EQ(why, (std::map<std::string, std::string>{
                     {"comment", "GitHub gives no more than 250"},
                     {"discussion", "it is switched off"},
                     {"hook", "the token lacks the permission Webhooks: read"},
                     {"issue", ""},
                     {"milestone", "what GitHub has no longer is noticed when all is asked for again"}}));
}

}  // namespace
}  // namespace hubkeep
