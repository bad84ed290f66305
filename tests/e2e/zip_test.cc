// hubkeep backup --zip: what is in the zips, when they are made, and where the token goes.

#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "crypto/hash.h"
#include "e2e/end_to_end.h"
#include "vault/zip_record.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

std::string content_of(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void put_content(const fs::path& path, const std::string& content) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

class Zip : public EndToEnd {
 protected:
  std::vector<fs::path> zips() const { return files(".zip"); }
  std::vector<fs::path> files(const std::string& ending) const {
    std::vector<fs::path> found;
    if (!fs::exists(vault() / "zip")) return found;
    for (const auto& file : fs::recursive_directory_iterator(vault() / "zip"))
      if (file.is_regular_file() && file.path().string().ends_with(ending)) found.push_back(file.path());
    std::sort(found.begin(), found.end());
    return found;
  }
  json metadata() const { return json::parse(content_of(files("metadata.json").at(0))); }
  std::string head_of(sim::RepositoryId id) { return sim::git(path_of(id), {"rev-parse", "HEAD"}); }
  /// The files of a zip, below its one folder.
  fs::path unpacked(const fs::path& zip) {
    const fs::path folder = scratch_ / ("unpacked-" + std::to_string(++restored_));
    sim::run_checked({"python3", "-m", "zipfile", "-e", zip.string(), folder.string()});
    const fs::path inner = fs::directory_iterator(folder)->path();
    EXPECT_EQ(std::distance(fs::directory_iterator(folder), fs::directory_iterator()), 1);
    return inner;
  }
  /// The tree that these files make, as git names it.
  std::string tree_of(const fs::path& folder) {
    const fs::path git = scratch_ / ("tree-" + std::to_string(++restored_));
    sim::run_checked({"git", "init", "--quiet", git.string()});
    const std::string work = "--work-tree=" + folder.string();
    sim::git(git, {work, "add", "--all", "--force"});
    return sim::git(git, {work, "write-tree"});
  }
  std::size_t asked_for_zips() { return github_.request_log().count_path("/zipball/"); }
  sim::RunResult verify(std::vector<std::string> arguments = {}) {
    arguments.insert(arguments.begin(), {"verify", "--from", vault().string()});
    return hubkeep(std::move(arguments));
  }
  /// As if the zips had been made on another day.
  void move_to_day(const std::string& day) {
    const fs::path now = files("metadata.json").back().parent_path();
    const std::string today = now.filename().string();
    ZipDay named = parse_zip_metadata(today, content_of(now / "metadata.json"));
    for (ZipRecord& record : named.zips) record.object.key.replace(std::string("/zip/").size(), 10, day);
    put_content(now / "metadata.json", format_zip_metadata(day, named));
    fs::rename(now, now.parent_path() / day);
  }
};

TEST_F(Zip, HoldsTheFilesOfTheDefaultBranchBesideTheHistory) {
  const auto site = add_filled("site");
  sim::RepositoryOptions hidden;
  hidden.is_private = true;
  const auto secret = add_repository("secret", hidden);
  sim::make_repository_content(path_of(secret), 2, 5, 5);
  pushed(secret);

  const auto result = backup({"--zip"});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  ASSERT_THAT(zips(), SizeIs(2));
  for (const auto id : {site, secret}) {
    const std::string name = world_.repository(id).name + "-" + head_of(id) + ".zip";
    const auto found = zips().at(id == site ? 1 : 0);
    EXPECT_EQ(found.filename(), name);
    EXPECT_EQ(found.parent_path().filename(), "octo");
    EXPECT_EQ(tree_of(unpacked(found)), sim::git(path_of(id), {"rev-parse", "HEAD^{tree}"}));
  }
  restore("octo/site");
  EXPECT_EQ(verify({"--read-data"}).exit_code, 0);
}

TEST_F(Zip, IsNamedInTheDaysMetadata) {
  const auto site = add_filled("site");

  backup({"--zip"});

  const json named = metadata().at("zips").at(0);
  const std::string bytes = content_of(zips().at(0));
  EXPECT_EQ(named.at("owner"), "octo");
  EXPECT_EQ(named.at("name"), "site");
  EXPECT_EQ(named.at("private"), false);
  EXPECT_EQ(named.at("id"), site);
  EXPECT_EQ(named.at("commit"), head_of(site));
  EXPECT_EQ(named.at("size"), bytes.size());
  EXPECT_EQ(named.at("sha256"), sha256_hex(bytes));
  EXPECT_EQ("/" + fs::relative(zips().at(0), vault()).string(), named.at("key").get<std::string>());
}

TEST_F(Zip, IsFetchedWithoutTheTokenAndWithoutATrace) {
  sim::RepositoryOptions hidden;
  hidden.is_private = true;
  const auto secret = add_repository("secret", hidden);
  sim::make_repository_content(path_of(secret), 2, 5, 5);
  pushed(secret);

  const auto result = backup({"--zip", "--verbose"});

  ASSERT_THAT(zips(), SizeIs(1)) << result.err;
  std::string query;
  for (const auto& request : github_.log()) {
    if (!request.path.starts_with("/_codeload/")) continue;
    query = request.query;
    EXPECT_FALSE(request.token_present) << request.path;
    EXPECT_THAT(request.host, HasSubstr("localhost"));
  }
  ASSERT_THAT(query, HasSubstr("token="));
  const std::string token = query.substr(query.find('=') + 1);
  EXPECT_THAT(result.err + result.out, Not(HasSubstr(token)));
  EXPECT_THAT(metadata().dump(), Not(HasSubstr(token)));
}

TEST_F(Zip, IsMadeAgainOnlyWhenTheBranchHasMoved) {
  const auto site = add_filled("site");
  backup({"--zip"});
  github_.clear_log();

  const auto unchanged = backup({"--zip"});
  const auto requests_unchanged = github_.log().size();
  const auto zipballs_unchanged = asked_for_zips();
  push_file(site, "second");
  const auto moved = backup({"--zip"});

  EXPECT_THAT(unchanged.out, HasSubstr("0 saved, 1 unchanged"));
  EXPECT_EQ(requests_unchanged, 1U);  // the listing
  EXPECT_EQ(zipballs_unchanged, 0U);
  EXPECT_THAT(moved.out, HasSubstr("1 zip"));
  EXPECT_THAT(zips(), SizeIs(2));
  EXPECT_THAT(metadata().at("zips"), SizeIs(2));
}

TEST_F(Zip, IsNotMadeAgainWhenAnotherBranchMoves) {
  const auto site = add_filled("site");
  backup({"--zip"});
  sim::git(path_of(site), {"branch", "other", "HEAD~1"});
  pushed(site);

  const auto result = backup({"--zip"});

  EXPECT_THAT(result.out, HasSubstr("1 saved"));
  EXPECT_THAT(zips(), SizeIs(1));
  EXPECT_EQ(asked_for_zips(), 1U);
}

TEST_F(Zip, IsMadeOnceADayWithZipAlways) {
  add_filled("site");
  backup({"--zip"});
  move_to_day("2025-01-01");
  hubkeep({"rebuild-catalog", "--from", vault().string()});

  const auto usual = backup({"--zip"});
  const auto always = backup({"--zip", "--zip-always"});
  const auto again = backup({"--zip", "--zip-always"});

  EXPECT_EQ(usual.exit_code, 0) << usual.err;
  EXPECT_THAT(usual.out, Not(HasSubstr("1 zip")));
  EXPECT_THAT(always.out, HasSubstr("1 zip"));
  EXPECT_THAT(again.out, Not(HasSubstr("1 zip")));
  EXPECT_THAT(files("metadata.json"), SizeIs(2));
}

TEST_F(Zip, CanBeAllThatIsKept) {
  const auto site = add_filled("site");
  backup({"--zip", "--no-git"});
  github_.clear_log();

  const auto unchanged = backup({"--zip", "--no-git"});
  const auto requests_unchanged = github_.log().size();
  push_file(site, "second");
  const auto moved = backup({"--zip", "--no-git"});
  const auto listed = hubkeep({"list", "--from", vault().string()});
  const auto restored =
      hubkeep({"restore", "octo/site", (scratch_ / "x").string(), "--from", vault().string()});
  const auto verified = verify({"--verbose"});

  EXPECT_EQ(requests_unchanged, 1U) << unchanged.err;
  EXPECT_EQ(moved.exit_code, 0) << moved.err;
  EXPECT_THAT(zips(), SizeIs(2));
  EXPECT_FALSE(fs::exists(vault() / "repos"));
  EXPECT_THAT(listed.out, AllOf(HasSubstr("octo/site"), HasSubstr("no history; its newest zip is zip/")));
  EXPECT_EQ(restored.exit_code, 1);
  EXPECT_THAT(restored.err, AllOf(HasSubstr("no history of octo/site"), HasSubstr(head_of(site))));
  EXPECT_EQ(verified.exit_code, 0) << verified.err;
  EXPECT_THAT(verified.out, HasSubstr("2 zips"));
}

TEST_F(Zip, GivesWayToAHistoryLater) {
  const auto site = add_filled("site");
  backup({"--zip", "--no-git"});

  const auto result = backup({"--zip"});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(state_of(restore("octo/site")), state_of(path_of(site)));
  EXPECT_EQ(asked_for_zips(), 1U);
}

TEST_F(Zip, AloneIsMarkedWhenItsRepositoryIsGone) {
  const auto site = add_filled("site");
  add_filled("tools", 2);
  backup({"--zip", "--no-git"});
  world_.remove(site);

  const auto result = backup({"--zip", "--no-git"});
  const auto listed = hubkeep({"list", "--from", vault().string()});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("1 gone from GitHub"));
  EXPECT_THAT(listed.out, HasSubstr("gone from GitHub since"));
}

TEST_F(Zip, ThatIsCutIsFetchedAgain) {
  add_filled("site");
  github_.faults().add({.path = "^/_codeload/"}, sim::CutAfter{100});
  github_.faults().add({.path = "^/_codeload/"}, sim::EndAfter{200}, 1, 1);
  github_.faults().add({.path = "^/_codeload/"}, sim::Respond{.status = 502}, 1, 2);

  const auto result = backup({"--zip"});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("the zip is not whole: it ended after 200 bytes"));
  EXPECT_EQ(asked_for_zips(), 4U);
  EXPECT_EQ(temporary_files(), 0U);
  EXPECT_EQ(verify({"--read-data"}).exit_code, 0);
}

TEST_F(Zip, ThatCannotBeHadIsThatRepositorysFailureAlone) {
  const auto site = add_filled("site");
  add_filled("tools", 2);
  github_.faults().add({.path = "^/_codeload/octo/site"}, sim::Respond{.status = 404}, sim::Fault::kForever);

  const auto result = backup({"--zip"});
  github_.faults().clear();
  const auto next = backup({"--zip"});

  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.err, AllOf(HasSubstr("octo/site: failed: zip: "), Not(HasSubstr("tools: failed"))));
  EXPECT_EQ(next.exit_code, 0) << next.err;
  EXPECT_THAT(zips(), SizeIs(2));
  EXPECT_THAT(snapshots_of(folder_of(site)), SizeIs(1));  // of the first run
}

TEST_F(Zip, OfAnEmptyRepositoryIsNoneAndNoFailure) {
  add_repository("empty");

  const auto both = backup({"--zip"});
  const auto alone = backup({"--zip", "--no-git"});

  EXPECT_EQ(both.exit_code, 0) << both.err;
  EXPECT_EQ(alone.exit_code, 0) << alone.err;
  EXPECT_THAT(zips(), IsEmpty());
  EXPECT_EQ(asked_for_zips(), 0U);
}

TEST_F(Zip, OfADayMergesWithThatOfAnotherRun) {
  add_filled("site");
  add_filled("tools", 2);

  backup({"--zip", "--include", "octo/site"});
  backup({"--zip", "--include", "octo/tools"});

  EXPECT_THAT(metadata().at("zips"), SizeIs(2));
}

TEST_F(Zip, ThatARunWasKilledBeforeNamingIsTakenUp) {
  add_filled("site");
  backup({"--zip"});
  fs::remove(files("metadata.json").at(0));
  fs::remove(vault() / "catalog.jsonl.zst");

  const auto result = backup({"--zip"});

  EXPECT_THAT(result.out, HasSubstr("1 zip"));
  EXPECT_EQ(asked_for_zips(), 1U);
  EXPECT_EQ(metadata().at("zips").at(0).at("sha256"), sha256_hex(content_of(zips().at(0))));
}

TEST_F(Zip, IsWantedByTheOlderScriptsVariable) {
  add_filled("site");

  const auto off = backup({}, {{"BACKUP_ZIP", "False"}});
  const auto none = zips();
  const auto on = backup({}, {{"BACKUP_ZIP", "True"}});

  EXPECT_THAT(none, IsEmpty()) << off.err;
  EXPECT_THAT(zips(), SizeIs(1)) << on.err;
}

TEST_F(Zip, IsNeededByItsOtherSettings) {
  for (const char* flag : {"--no-git", "--zip-always"}) {
    const auto result = backup({flag});

    EXPECT_EQ(result.exit_code, 2) << flag;
    EXPECT_THAT(result.err, HasSubstr(std::string(flag) + " needs --zip"));
  }
}

TEST_F(Zip, ThatIsLostOrDamagedIsFound) {
  add_filled("site");
  add_filled("tools", 2);
  backup({"--zip"});
  const auto all = zips();
  std::string bytes = content_of(all.at(0));
  bytes.at(bytes.size() / 2) = static_cast<char>(bytes.at(bytes.size() / 2) ^ 4);
  put_content(all.at(0), bytes);

  const auto flipped = verify({"--read-data"});
  fs::remove(all.at(1));
  const auto lost = verify();
  const auto other = verify({"octo/site"});

  EXPECT_EQ(flipped.exit_code, 3);
  EXPECT_THAT(flipped.out, AllOf(HasSubstr("DAMAGED"), HasSubstr(all.at(0).filename().string())));
  EXPECT_EQ(lost.exit_code, 3);
  EXPECT_THAT(lost.out, HasSubstr(all.at(1).filename().string() + " is missing"));
  EXPECT_EQ(other.exit_code, 0) << other.out;
}

TEST_F(Zip, ThatHasExpiredIsNoDamageAndIsMadeAgainWithItsDay) {
  add_filled("site");
  backup({"--zip"});
  move_to_day("2020-01-01");
  hubkeep({"rebuild-catalog", "--from", vault().string()});
  fs::remove(zips().at(0));

  const auto verified = verify({"--read-data"});
  fs::remove_all(vault() / "zip");
  const auto result = backup({"--zip"});

  EXPECT_EQ(verified.exit_code, 0) << verified.out;
  EXPECT_THAT(verified.out, HasSubstr("1 more have expired, all up to 2020-01-01"));
  EXPECT_THAT(result.out, HasSubstr("1 zip"));
  EXPECT_THAT(zips(), SizeIs(1));
}

}  // namespace
}  // namespace hubkeep
