// What this version cannot use because a later one wrote it: every command says so and changes nothing.

#include <gmock/gmock.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "e2e/end_to_end.h"
#include "e2e/future_part.h"
#include "store/folder/folder_store.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;
using testing::HasSubstr;
using testing::Not;

using Files = std::map<std::string, std::string>;

Files files_in(const fs::path& folder) {
  Files files;
  if (!fs::exists(folder)) return files;
  for (const auto& file : fs::recursive_directory_iterator(folder)) {
    if (!file.is_regular_file()) continue;
    std::ostringstream content;
    content << std::ifstream(file.path(), std::ios::binary).rdbuf();
    files[file.path().lexically_relative(folder).string()] = content.str();
  }
  return files;
}

/// Without what a run that goes on with other repositories writes: its report, and of each repository whether
/// it failed.
Files without_report(Files files) {
  std::erase_if(files, [](const auto& file) {
    return file.first.starts_with("runs/") || file.first.starts_with("state/");
  });
  return files;
}

class LaterVersion : public EndToEnd {
 protected:
  LaterVersion() : id_(add_filled("site")) {
    EXPECT_EQ(backup().exit_code, 0);
    const auto verified = hubkeep({"verify", "--json", "--from", vault().string()});
    write_findings(ordered_json::parse(verified.out));
  }

  FutureVault open() const {
    return FutureVault(std::make_unique<FolderStore>(vault().string(), OpenMode::write));
  }

  void plant(const std::string& kind) {
    FutureVault future = open();
    FutureVault::Differences differences;
    if (kind == "Format") differences = {.from = "\"format\": 1", .to = "\"format\": 2"};
    if (kind == "Feature") differences = {.from = "\"features\": []", .to = "\"features\": [\"sparkle\"]"};
    if (kind == "EncodingOfABundle")
      differences = {.from = "\"encoding\":\"identity\"", .to = "\"encoding\":\"age\""};
    if (kind.ends_with("OfAPart")) differences.parts = {{"x", Part({{"status", "ok"}, {"a", encrypted()}})}};
    if (kind.ends_with("InAList")) {
      ordered_json list = to_json(future.write("x/list", encrypted().dump() + "\n"));
      list["lists"] = true;
      differences.parts = {{"x", Part({{"status", "ok"}, {"all", {list}}})}};
    }
    future.plant(differences);
    push_file(id_, "changed");  // or a run would not look at it
  }

  static ordered_json encrypted() {
    return {{"key", "x/a"}, {"size", 10}, {"sha256", std::string(64, 'a')}, {"encoding", "age"}};
  }

  void write_findings(ordered_json findings) {
    const GitPart git = git_part(open().newest().front().manifest.parts);
    findings["repositories"][0]["damages"] = {
        {{"key", resolve_key(open().folder(), git.bundles.front().record.key)}, {"accepted", false}}};
    std::ofstream(scratch_ / "findings") << findings.dump();
  }

  void expect_refused(const sim::RunResult& result, int exit_code) {
    EXPECT_EQ(result.exit_code, exit_code) << result.out << result.err;
    EXPECT_THAT(result.out + result.err,
                HasSubstr("was written by hubkeep 9.1: use that version or a newer"));
    EXPECT_THAT(result.out + result.err, Not(HasSubstr("DAMAGED")));
    EXPECT_THAT(result.out + result.err, Not(HasSubstr("is damaged")));
  }

  const sim::RepositoryId id_;
};

class LaterFormat : public LaterVersion, public testing::WithParamInterface<const char*> {};

INSTANTIATE_TEST_SUITE_P(Future, LaterFormat,
                         testing::Values("Format", "Feature", "EncodingOfABundle", "EncodingOfAPart",
                                         "EncodingInAList"),
                         [](const auto& kind) { return std::string(kind.param); });

TEST_P(LaterFormat, IsRefusedByEveryCommandThatReads) {
  plant(GetParam());
  const Files before = files_in(vault());
  const std::string from = vault().string();

  expect_refused(hubkeep({"verify", "--from", from}), 3);
  expect_refused(hubkeep({"verify", "--read-data", "--json", "--from", from}), 3);
  expect_refused(
      hubkeep({"verify", "--restore", "--temp-dir", (scratch_ / "temporary").string(), "--from", from}), 3);
  expect_refused(hubkeep({"restore", "octo/site", "restored", "--from", from}), 1);
  expect_refused(hubkeep({"restore", "--all", "restored", "--from", from}), 1);
  expect_refused(hubkeep({"list", "octo/site", "--from", from}), 1);
  expect_refused(hubkeep({"list", "octo/site", "--json", "--from", from}), 1);

  EXPECT_FALSE(fs::exists(scratch_ / "restored" / ".git"));
  EXPECT_EQ(files_in(vault()), before);
}

TEST_P(LaterFormat, IsLeftAloneByABackup) {
  plant(GetParam());
  const Files before = files_in(vault());

  for (const std::vector<std::string>& more : {std::vector<std::string>{},
                                               {"--recheck-days", "0"},
                                               {"--repair", (scratch_ / "findings").string()}}) {
    const auto result = backup(more);

    EXPECT_THAT(result.exit_code, testing::AnyOf(1, 3));
    expect_refused(result, result.exit_code);
    EXPECT_THAT(result.out, HasSubstr("0 saved, 0 unchanged, 1 failed"));
    EXPECT_EQ(without_report(files_in(vault())), without_report(before));
  }
}

TEST_P(LaterFormat, IsNotDroppedFromACatalogThatIsMadeAgain) {
  plant(GetParam());
  Files before = files_in(vault());

  expect_refused(hubkeep({"rebuild-catalog", "--from", vault().string()}), 1);

  EXPECT_EQ(files_in(vault()), before);
  fs::remove(vault() / "catalog.jsonl.zst");
  before.erase("catalog.jsonl.zst");
  expect_refused(hubkeep({"rebuild-catalog", "--from", vault().string()}), 1);
  EXPECT_EQ(backup().exit_code, 1);
  EXPECT_EQ(without_report(files_in(vault())), without_report(before));
}

TEST_P(LaterFormat, IsNotCopiedInPart) {
  const std::string known = scratch_ / "known";
  ASSERT_EQ(hubkeep({"copy", vault().string(), known}).exit_code, 0);
  push_file(id_, "between");
  ASSERT_EQ(backup().exit_code, 0);
  plant(GetParam());
  const Files before = files_in(vault());
  const Files copied = without_report(files_in(known));

  expect_refused(hubkeep({"copy", vault().string(), known}), 3);
  expect_refused(hubkeep({"copy", vault().string(), scratch_ / "fresh"}), 3);

  EXPECT_EQ(files_in(vault()), before);
  EXPECT_EQ(without_report(files_in(known)), copied);
  EXPECT_FALSE(fs::exists(scratch_ / "fresh" / "repos"));
}

class LaterStatus : public LaterVersion {
 protected:
  LaterStatus() { open().plant({.from = "\"status\": \"ok\"", .to = "\"status\": \"simmering\""}); }
};

TEST_F(LaterStatus, OfAHistoryIsNotOk) {
  const std::string from = vault().string();
  const std::string older = open().all().front().manifest.snapshot.str();
  const std::string newer = open().all().back().manifest.snapshot.str();
  ASSERT_EQ(hubkeep({"rebuild-catalog", "--from", from}).exit_code, 0);

  EXPECT_THAT(hubkeep({"list", "--from", from}).out, HasSubstr("octo/site  simmering"));
  const auto listed = ordered_json::parse(hubkeep({"list", "octo/site", "--json", "--from", from}).out);
  EXPECT_EQ(listed.at("snapshots").at(1).at("git"), "simmering");
  const auto verified = ordered_json::parse(hubkeep({"verify", "--json", "--from", from}).out);
  EXPECT_EQ(verified.at("good"), true);
  EXPECT_EQ(verified.at("repositories").at(0).at("newest_restorable"), older);
  const auto restored = hubkeep({"restore", "octo/site", "one", "--bare", "--from", from});
  EXPECT_EQ(restored.exit_code, 0);
  EXPECT_THAT(restored.err, HasSubstr("snapshot " + newer + " is not complete, an older one is taken"));
  const auto named = hubkeep({"restore", "octo/site", "two", "--bare", "--at", newer, "--from", from});
  EXPECT_EQ(named.exit_code, 0);
  EXPECT_THAT(named.err, HasSubstr("is not complete: not all that GitHub had then is in it"));
  EXPECT_THAT(backup().out, HasSubstr("1 saved, 0 unchanged, 0 failed"));
  EXPECT_EQ(git_part(open().newest().front().manifest.parts).status, PartStatus::ok);
}

}  // namespace
}  // namespace hubkeep
