#include "vault/meta_state.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "base/error.h"
#include "base/scratch_folder.h"
#include "store/folder/folder_store.h"
#include "vault/names.h"
#include "vault/stored_objects.h"

namespace hubkeep {
namespace {

using testing::ElementsAre;
using testing::Pair;
using testing::SizeIs;

constexpr const char* kFolder = "repos/github.com/acme/site.1/";
constexpr UtcTime kTime{std::chrono::seconds(1'800'000'000)};

class MetaStateTest : public testing::Test {
 protected:
  std::vector<ObjectRecord> write(MetaState& state, const std::vector<ObjectRecord>& before) {
    const std::string id = SnapshotId::make(kTime + std::chrono::seconds(++written_)).str();
    return state.write(objects_, kFolder, "meta/" + id + ".cursor.zst", before);
  }
  MetaState read(const std::vector<ObjectRecord>& stored) {
    return MetaState::read(objects_, kFolder, stored, {});
  }

  // "kind id": hash, parent, "gone".
  static std::map<std::string, std::string> all_of(const MetaState& state) {
    std::map<std::string, std::string> all;
    for (MetaState::Number number = 0; number < state.size(); ++number)
      all[fmt::format("{} {}", state.ids().kind_of(number), state.ids().id_of(number))] =
          fmt::format("{:x} {}{}", state.hash_of(number), state.parent_of(number),
                      state.gone_since(number) ? " " + format_time(*state.gone_since(number)) : "");
    return all;
  }

  ScratchFolder folder_;
  VaultObjects objects_{std::make_unique<FolderStore>(folder_.path().string(), OpenMode::create)};
  int written_ = 0;
};

TEST_F(MetaStateTest, IsReadAsItIsWritten) {
  MetaState state;
  state.put("comment", "8", "7", 0xffffffffffffffff);
  state.put("project_item", "PVTI_x", "PVT_\"1\"", 1);
  state.set_gone(state.put("label", "3", "", 2), kTime);
  state.put("of a later version", "4", "", 3);
  state.walks = {.cursors = {{"comment", "2026-11-30T10:00:00Z \"x\""}},
                 .sweeps = {{"comment", {.began = kTime, .cursor = "y", .has_seen_all = true}}},
                 .swept = {{"label", kTime}},
                 .pending = {{"pull_request", {{"7", {"7", "PR_7"}}, {"8", {"8", "PR_8", "3"}}}}},
                 .seen = {{"issues", "3 2026-11-30T10:00:00Z"}},
                 .groups = {"issues", "events"},
                 .attachments = {"https://github.com/user-attachments/assets/1"}};

  const MetaState again = read(write(state, {}));

  EXPECT_THAT(all_of(again),
              ElementsAre(Pair("comment 8", "ffffffffffffffff 7"), Pair("label 3", "2  2027-01-15T08:00:00Z"),
                          Pair("of a later version 4", "3 "), Pair("project_item PVTI_x", "1 PVT_\"1\"")));
  EXPECT_EQ(again.walks, state.walks);
}

TEST_F(MetaStateTest, StoresWhatHasChangedWhileThatIsLittle) {
  MetaState state;
  for (int i = 0; i < 100; ++i) state.put("comment", std::to_string(i), "1", 1);
  const auto all = write(state, {});
  state.put("comment", "50", "1", 2);
  state.set_gone(*state.find("comment", "51"), kTime);
  state.walks.cursors["comment"] = "x";

  const auto changed = write(state, all);

  ASSERT_THAT(changed, SizeIs(2));
  EXPECT_EQ(changed.front(), all.front());
  EXPECT_LT(changed.back().size, all.front().size);
  EXPECT_EQ(all_of(read(changed)), all_of(state));
  EXPECT_EQ(read(changed).walks.cursors.at("comment"), "x");
}

TEST_F(MetaStateTest, GoesOnFromChanges) {
  MetaState state;
  for (int i = 0; i < 100; ++i) state.put("comment", std::to_string(i), "1", 1);
  auto stored = write(state, {});
  const ObjectRecord base = stored.front();
  for (int i = 0; i < 25; ++i) {
    MetaState next = read(stored);
    next.walks.cursors["comment"] = std::to_string(i);
    next.put("comment", std::to_string(i), "1", 2);
    stored = write(next, stored);
    ASSERT_THAT(stored, SizeIs(2)) << i;
    EXPECT_EQ(stored.front(), base);
    EXPECT_EQ(all_of(read(stored)), all_of(next));
  }
  MetaState last = read(stored);
  last.put("comment", "25", "1", 2);

  EXPECT_THAT(write(last, stored), SizeIs(1));
}

TEST_F(MetaStateTest, KeepsWhatASweepHasSeenSoFar) {
  MetaState state;
  for (int i = 0; i < 11; ++i) state.put("comment", std::to_string(i), "1", 1);
  state.put("label", "5", "", 1);
  state.walks.sweeps["comment"] = {.began = kTime};
  for (const char* id : {"0", "3", "9", "10"}) state.set_seen(*state.find("comment", id));
  state.set_seen(*state.find("label", "5"));  // of which no sweep is under way

  const MetaState again = read(write(state, {}));

  std::vector<std::string> seen;
  for (MetaState::Number number = 0; number < again.size(); ++number)
    if (again.is_seen(number)) seen.push_back(again.ids().id_of(number));
  EXPECT_THAT(seen, ElementsAre("0", "3", "9", "10"));
}

TEST_F(MetaStateTest, CountsByKind) {
  MetaState state;
  state.put("label", "1", "", 1);
  state.set_gone(state.put("label", "2", "", 1), kTime);
  state.put("issue", "1", "", 1);

  EXPECT_THAT(state.counts(), ElementsAre(Pair("issue", MetaCount{.kept = 1}),
                                          Pair("label", MetaCount{.kept = 1, .gone = 1})));
}

TEST_F(MetaStateTest, WhatIsBackIsNotGone) {
  MetaState state;
  const auto number = state.put("label", "1", "", 1);
  state.set_gone(number, kTime);
  state.set_gone(number, kTime + std::chrono::seconds(1));
  EXPECT_EQ(state.gone_since(number), kTime);

  state.put("label", "1", "", 1);

  EXPECT_EQ(state.gone_since(number), std::nullopt);
}

TEST_F(MetaStateTest, OfAnotherKindIsRefused) {
  for (const std::string line :
       {"x", R"({"kind":"label","id":"1"})", R"({"kind":"label","id":"","hash":"0000000000000001"})",
        R"({"kind":"label","id":"1","hash":"1"})", R"({"kind":"label","id":"1","hash":"000000000000000g"})",
        R"({"cursor":"label"})", R"({"swept":"label","at":"soon"})",
        R"({"sweep":"label","began":"2027-01-15T08:00:00Z","cursor":"","all":1,"seen":""})"}) {
    RecordedWriter writer =
        objects_.create(kFolder, fmt::format("meta/{}.cursor.zst", SnapshotId::make(kTime).str()));
    writer.write(line + "\n");
    const ObjectRecord record = writer.commit();
    EXPECT_THROW(read({record}), Error) << line;
  }
}

TEST_F(MetaStateTest, SkipsLinesOfALaterVersion) {
  RecordedWriter writer =
      objects_.create(kFolder, fmt::format("meta/{}.cursor.zst", SnapshotId::make(kTime).str()));
  writer.write("{\"news\":1}\n{\"group\":\"issues\"}\n");

  EXPECT_THAT(read({writer.commit()}).walks.groups, ElementsAre("issues"));
}

TEST_F(MetaStateTest, OfOneChangedCommentIsSmall) {
  MetaState state;
  for (int i = 0; i < 60'000; ++i)
    state.put("comment", std::to_string(1'000'000 + i), std::to_string(i / 6), meta_hash(std::to_string(i)));
  const auto all = write(state, {});
  MetaState next = read(all);
  next.put("comment", "1000001", "0", 1);

  const auto changed = write(next, all);

  EXPECT_GT(all.front().size, 500'000U);
  EXPECT_LT(changed.back().size, 1'000U);
}

}  // namespace
}  // namespace hubkeep
