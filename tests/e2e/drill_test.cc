// hubkeep drill: what it restores, what it finds, what it says, and what it leaves behind: its result alone.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <signal.h>

#include <algorithm>
#include <fstream>
#include <future>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "e2e/end_to_end.h"
#include "e2e/small_disk.h"
#include "sim/server_program.h"
#include "store/folder/folder_store.h"
#include "vault/refs_object.h"
#include "vault/vault.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

using Json = nlohmann::ordered_json;

std::string content_of(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void flip_a_bit(const fs::path& path) {
  std::string content = content_of(path);
  content.at(content.size() / 2) = static_cast<char>(content.at(content.size() / 2) ^ 4);
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

class Drill : public EndToEnd {
 protected:
  /// Two repositories; the first has a chain of two bundles.
  void fill() {
    site_ = add_filled("site");
    add_filled("tools", 2);
    EXPECT_EQ(backup().exit_code, 0);
    push_file(site_, "second");
    EXPECT_EQ(backup().exit_code, 0);
  }
  std::vector<std::string> words(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"drill", "--from", vault().string(), "--temp-dir", temp_.string()});
    return arguments;
  }
  sim::RunResult drill(std::vector<std::string> arguments = {}, sim::Environment environment = {}) {
    return hubkeep(words(std::move(arguments)), std::move(environment));
  }
  std::vector<std::string> against_github(std::vector<std::string> arguments = {}) {
    arguments.insert(arguments.end(), {"--against-github", "--api-url", github_.api_url()});
    return arguments;
  }
  sim::RunResult drill_against_github(std::vector<std::string> arguments = {}) {
    return drill(against_github(std::move(arguments)), {{"TOKEN_GITHUB", token_}});
  }
  static Json outcome(const Json& result, const std::string& repository) {
    for (const Json& json : result.at("repositories"))
      if (json.at("repository") == repository) return json;
    ADD_FAILURE() << repository;
    return {};
  }
  std::vector<fs::path> kept() const {
    std::vector<fs::path> found;
    if (fs::exists(vault() / "drills"))
      for (const auto& file : fs::directory_iterator(vault() / "drills")) found.push_back(file.path());
    std::sort(found.begin(), found.end());
    return found;
  }
  /// All files of the vault but those that a drill adds.
  std::map<std::string, std::string> files() const {
    std::map<std::string, std::string> files;
    for (const auto& file : fs::recursive_directory_iterator(vault()))
      if (file.is_regular_file() && file.path().string().find("/drills/") == std::string::npos)
        files[file.path().string()] = content_of(file.path());
    return files;
  }
  std::vector<std::string> left_behind() const {
    std::vector<std::string> names;
    if (fs::exists(temp_))
      for (const auto& entry : fs::directory_iterator(temp_)) names.push_back(entry.path().filename());
    return names;
  }
  fs::path bundle_of(sim::RepositoryId id) const {
    return folder_of(id) / "git" / (snapshots_of(folder_of(id)).front() + ".bundle");
  }
  /// Makes the newest snapshot say that main leads to `commit`, with a manifest that agrees.
  void forge_main(sim::RepositoryId id, const std::string& commit);

  const fs::path temp_ = scratch_ / "temp";
  sim::RepositoryId site_ = 0;
};

void Drill::forge_main(sim::RepositoryId id, const std::string& commit) {
  SystemClock clock;
  Vault forged(std::make_unique<FolderStore>(vault().string(), OpenMode::read), OpenMode::read, clock);
  const std::string folder = folder_of(id).lexically_relative(vault()).string() + "/";
  const SnapshotId newest = forged.list_snapshots(folder).back();
  Manifest manifest = forged.read_manifest(folder, newest, {}, {}).manifest;
  GitPart git = git_part(manifest.parts);
  RefList refs;
  for (const Ref& ref : read_refs_objects(forged.objects(), folder, git.refs, {}))
    refs.add(ref.name, ref.name == "refs/heads/main" ? *Oid::parse(commit) : ref.oid);
  const std::string key = "git/" + newest.str() + ".refs.zst";
  fs::remove(folder_of(id) / key);
  git.refs = {write_refs_object(forged.objects(), folder, key, refs)};
  set_git_part(manifest.parts, git);
  fs::remove(folder_of(id) / manifest_key(newest));
  forged.write_manifest(folder, manifest);
  fs::remove(vault() / "catalog.jsonl.zst");
}

TEST_F(Drill, OfAGoodVaultSaysSoAndChangesNothingElse) {
  fill();
  const auto before = files();

  const auto result = drill();

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, AllOf(HasSubstr("octo/site: restored in "), HasSubstr("octo/tools: restored in "),
                                HasSubstr("git fsck found no damage")));
  EXPECT_THAT(result.out, AllOf(HasSubstr("2 of 2 repositories restored by the vault alone"),
                                HasSubstr("everything that was drilled is good")));
  EXPECT_EQ(files(), before);
  EXPECT_THAT(left_behind(), IsEmpty());
  const auto verified = hubkeep({"verify", "--from", vault().string(), "--json"});
  EXPECT_EQ(verified.exit_code, 0) << verified.err;
  EXPECT_THAT(Json::parse(verified.out).at("others"), IsEmpty());
}

TEST_F(Drill, KeepsInTheVaultWhatItPrints) {
  fill();

  const auto result = drill({"--json", "--seed", "7"});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  const Json json = Json::parse(result.out);
  ASSERT_THAT(kept(), SizeIs(1));
  EXPECT_EQ(Json::parse(content_of(kept().front())), json);
  EXPECT_EQ(kept().front().filename(), json.at("drill").get<std::string>() + ".json");
  EXPECT_EQ(json.at("seed"), 7);
  EXPECT_EQ(json.at("totals").at("restored"), 2);
  const Json site = outcome(json, "octo/site");
  EXPECT_EQ(site.at("result"), "restored");
  EXPECT_EQ(site.at("fsck"), "ok");
  EXPECT_EQ(site.at("snapshot"), snapshots_of(folder_of(site_)).back());
  const auto refs = sim::run_checked({"git", "-C", path_of(site_).string(), "for-each-ref"}).out;
  EXPECT_EQ(site.at("refs"), std::count(refs.begin(), refs.end(), '\n'));
  std::uintmax_t bundles = 0;
  for (const std::string& snapshot : snapshots_of(folder_of(site_)))
    bundles += fs::file_size(folder_of(site_) / "git" / (snapshot + ".bundle"));
  EXPECT_GE(site.at("bytes"), bundles);
  const auto objects =
      sim::run_checked({"git", "-C", path_of(site_).string(), "rev-list", "--all", "--objects", "--count"});
  EXPECT_GE(site.at("objects").get<int>(), std::stoi(objects.out));
}

TEST_F(Drill, NamesWhatIsDamagedAndGoesOn) {
  fill();
  flip_a_bit(bundle_of(site_));

  const auto result = drill();
  const auto of_the_other = drill({"octo/tools"});

  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.err, AllOf(HasSubstr("octo/site: FAILED"), HasSubstr(bundle_of(site_).filename()),
                                HasSubstr("octo/tools: restored in ")));
  EXPECT_THAT(result.out, HasSubstr("1 repository could not be restored"));
  EXPECT_THAT(left_behind(), IsEmpty());
  EXPECT_EQ(of_the_other.exit_code, 0) << of_the_other.err;
}

TEST_F(Drill, DoesNotPassOverADamagedSnapshotForAnOlderOne) {
  fill();
  flip_a_bit(folder_of(site_) / "snapshots" / (snapshots_of(folder_of(site_)).back() + ".json.zst"));

  const auto result = drill({"octo/site"});

  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.err, HasSubstr("NOT EXPLAINED: newest snapshot: restored " +
                                    snapshots_of(folder_of(site_)).front()));
}

TEST_F(Drill, AgainstGitHubFindsNothingWhereNothingHasChanged) {
  fill();

  const auto result = drill_against_github();

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("as at GitHub now"));
}

TEST_F(Drill, AgainstGitHubExplainsWhatWasPushedSince) {
  fill();
  push_file(site_, "third");

  const auto result = drill_against_github({"--json"});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  const Json differences = outcome(Json::parse(result.out), "octo/site").at("differences");
  EXPECT_EQ(differences.at("explained"), 1);
  EXPECT_EQ(differences.at("unexplained"), 0);
  EXPECT_EQ(differences.at("named").at(0).at("what"), "refs/heads/main");
  EXPECT_THAT(differences.at("named").at(0).at("explanation").get<std::string>(),
              StartsWith("pushed since, at "));
}

// What is whole and belongs together, and is not what GitHub had: only GitHub can tell.
TEST_F(Drill, AgainstGitHubNamesALie) {
  fill();
  const auto commit = [&](const char* revision) {
    std::string text = sim::run_checked({"git", "-C", path_of(site_).string(), "rev-parse", revision}).out;
    return text.substr(0, text.find('\n'));
  };
  forge_main(site_, commit("main~1"));

  const auto alone = drill({"octo/site"});
  const auto result = drill_against_github({"octo/site"});

  EXPECT_EQ(alone.exit_code, 0) << alone.err;
  EXPECT_EQ(result.exit_code, 3) << result.err;
  EXPECT_THAT(result.err, HasSubstr(fmt::format("NOT EXPLAINED: refs/heads/main: restored {}, at GitHub {}",
                                                commit("main~1"), commit("main"))));
  EXPECT_THAT(result.out, HasSubstr("1 difference is not explained"));
}

TEST_F(Drill, AgainstGitHubMissesARepositoryThatTheVaultDoesNotKnowToBeGone) {
  fill();
  world_.remove(site_);

  const auto unknown = drill_against_github({"octo/site"});
  backup({"--accept-gone"});
  const auto known = drill_against_github({"octo/site"});

  EXPECT_EQ(unknown.exit_code, 3);
  EXPECT_THAT(unknown.err, HasSubstr("NOT EXPLAINED: repository: restored octo/site, at GitHub nothing"));
  EXPECT_EQ(known.exit_code, 0) << known.err;
}

TEST_F(Drill, AgainstGitHubComparesGistsAsWell) {
  keeps_histories_alone_ = false;
  const std::string name =
      world_.add_gist({.owner = "octo", .is_public = false, .files = {{"notes.txt", "text"}}});
  EXPECT_EQ(backup().exit_code, 0);

  const auto same = drill_against_github({"octo/" + name, "--json"});
  world_.advance(std::chrono::minutes(1));
  world_.edit_gist(name, [](sim::Gist& gist) { gist.files["notes.txt"] = "other"; });
  const auto edited = drill_against_github({"octo/" + name, "--json"});
  world_.remove_gist(name);
  const auto gone = drill_against_github({"octo/" + name});

  EXPECT_EQ(same.exit_code, 0) << same.err;
  EXPECT_EQ(outcome(Json::parse(same.out), "octo/" + name).at("compared_with_github"), true);
  EXPECT_EQ(edited.exit_code, 0) << edited.err;
  const Json differences = outcome(Json::parse(edited.out), "octo/" + name).at("differences");
  EXPECT_THAT(differences.at("named").at(0).at("explanation").get<std::string>(),
              StartsWith("pushed since, at "));
  EXPECT_EQ(gone.exit_code, 3);
  EXPECT_THAT(gone.err, HasSubstr("NOT EXPLAINED: gist: restored octo/" + name + ", at GitHub nothing"));
}

TEST_F(Drill, ThatCannotAskGitHubSaysSoAndKeepsWhatItFound) {
  fill();
  github_.faults().add({.repository = "octo/site", .git_command = sim::GitCommand::ls_refs},
                       sim::Respond{.status = 403, .headers = {}, .body = ""}, sim::Fault::kForever);

  const auto result = drill_against_github({"octo/site", "--json"});

  EXPECT_EQ(result.exit_code, 3);
  const Json site = outcome(Json::parse(result.out), "octo/site");
  EXPECT_EQ(site.at("result"), "restored");
  EXPECT_EQ(site.at("fsck"), "ok");
  EXPECT_TRUE(site.contains("error"));
}

TEST_F(Drill, RepeatsTheChoiceOfASeed) {
  for (unsigned i = 1; i <= 6; ++i) add_filled("r" + std::to_string(i), i);
  add_filled("large", 7, 60);
  ASSERT_EQ(backup().exit_code, 0);
  const auto choice = [&](const std::string& seed, const std::string& as) {
    std::vector<std::string> names;
    const auto result = drill({"--json", "--count", "3", "--seed", seed});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    const Json drilled = Json::parse(result.out);
    for (const Json& json : drilled.at("repositories"))
      if (json.at("chosen_as") == as) names.push_back(json.at("repository"));
    return names;
  };

  const auto first = choice("7", "random");
  const auto again = choice("7", "random");
  std::set<std::string> turns;
  for (int i = 0; i < 4; ++i)
    turns.merge(std::set<std::string>{choice(std::to_string(i), "longest_not_drilled").at(0)});

  EXPECT_THAT(first, SizeIs(1));
  EXPECT_EQ(first, again);
  EXPECT_THAT(turns, SizeIs(testing::Gt(1U))) << "each has its turn";
  EXPECT_THAT(choice("7", "largest"), ElementsAre("octo/large"));
}

TEST_F(Drill, OfAllTakesAll) {
  for (unsigned i = 1; i <= 5; ++i) add_filled("r" + std::to_string(i), i);
  ASSERT_EQ(backup().exit_code, 0);

  const auto result = drill({"--all"});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("5 of 5 repositories restored"));
  EXPECT_EQ(drill({"--all", "octo/r1"}).exit_code, 2);
}

TEST_F(Drill, WithoutGitSaysThatFsckWasNotRun) {
  fill();

  const auto result = drill({}, {{"PATH", "/nonexistent"}});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, AllOf(HasSubstr("git fsck was not run"),
                                HasSubstr("every object which the refs lead to is there was proved")));
}

TEST_F(Drill, GivesItsResultWhereTheVaultCannotBeWrittenTo) {
  fill();
  std::ofstream(vault() / "drills") << "in the way";

  const auto result = drill({"--json"});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("the result is not kept in the vault: "));
  EXPECT_EQ(Json::parse(result.out).at("totals").at("restored"), 2);
}

TEST_F(Drill, OfAnEmptyVaultIsAnError) {
  add_repository("empty");

  EXPECT_EQ(hubkeep({"drill", "--from", (scratch_ / "nothing").string()}).exit_code, 1);
  EXPECT_EQ(drill({"octo/none"}).exit_code, 1);
}

TEST_F(Drill, ThatWasKilledLeavesNothingForLong) {
  fill();
  const auto before = files();
  std::promise<void> asked;
  std::promise<void> ended;
  github_.faults().add({.git_command = sim::GitCommand::ls_refs}, sim::Hook{[&] {
                         asked.set_value();
                         ended.get_future().wait();
                       }});
  BackgroundRun run = start_hubkeep(words(against_github({"octo/site"})), {{"TOKEN_GITHUB", token_}});
  asked.get_future().wait();
  EXPECT_THAT(left_behind(), SizeIs(2));
  const auto beside = drill({"octo/tools"});
  EXPECT_THAT(left_behind(), SizeIs(2)) << "another drill leaves one alone that lives";

  run.signal(SIGKILL);
  run.finish();
  ended.set_value();
  EXPECT_THAT(left_behind(), SizeIs(2));
  EXPECT_EQ(files(), before);
  EXPECT_THAT(kept(), SizeIs(1)) << "of the one beside it";
  const auto next = drill({"octo/tools"});

  EXPECT_EQ(next.exit_code, 0) << next.err;
  EXPECT_THAT(left_behind(), IsEmpty());
}

TEST_F(Drill, ThatIsStoppedCleansUpAndKeepsWhatWasDone) {
  fill();
  std::promise<void> asked;
  std::promise<void> ended;
  github_.faults().add({.repository = "octo/tools", .git_command = sim::GitCommand::ls_refs}, sim::Hook{[&] {
                         asked.set_value();
                         ended.get_future().wait();
                       }});
  BackgroundRun run =
      start_hubkeep(words(against_github({"octo/site", "octo/tools"})), {{"TOKEN_GITHUB", token_}});
  asked.get_future().wait();

  run.signal(SIGTERM);
  const auto result = run.finish();
  ended.set_value();

  EXPECT_EQ(result.exit_code, 130) << result.err;
  EXPECT_THAT(left_behind(), IsEmpty());
  ASSERT_THAT(kept(), SizeIs(1));
  const Json json = Json::parse(content_of(kept().front()));
  EXPECT_TRUE(json.at("stopped").get<bool>());
  EXPECT_EQ(outcome(json, "octo/site").at("result"), "restored");
  EXPECT_EQ(outcome(json, "octo/tools").at("result"), "not_done");
}

TEST_F(Drill, IsCopiedWithTheVault) {
  fill();
  ASSERT_EQ(drill().exit_code, 0);
  const fs::path copy = scratch_ / "copy";

  EXPECT_EQ(hubkeep({"copy", vault().string(), copy.string()}).exit_code, 0);

  EXPECT_EQ(content_of(copy / "drills" / kept().front().filename()), content_of(kept().front()));
}

class DrillOnASmallDisk : public Drill {
 protected:
  void SetUp() override {
    if (!disk_.is_mounted()) GTEST_SKIP() << "only root can mount a small disk";
  }
  SmallDisk disk_{temp_, 2 << 20};
};

TEST_F(DrillOnASmallDisk, SaysWhatIsTooLargeAndTakesAnother) {
  add_filled("small");
  push_file(add_filled("large", 2), random_bytes(3 << 20, 1));
  ASSERT_EQ(backup().exit_code, 0);

  const auto result = drill();
  const auto named = drill({"octo/large"});
  const auto all = drill({"--all"});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("1 of 1 repository restored"),
                                HasSubstr("too large for the disk, and left out: octo/large")));
  EXPECT_EQ(named.exit_code, 3);
  EXPECT_THAT(named.err,
              AllOf(HasSubstr("octo/large: too large for the disk"),
                    HasSubstr("restoring it needs about 4.0 MiB, and " + temp_.string() + " has ")));
  EXPECT_THAT(named.out, HasSubstr("nothing was restored"));
  EXPECT_EQ(all.exit_code, 3);
  EXPECT_THAT(all.err, HasSubstr("octo/small: restored in "));
}

/// The page, in a browser where there is one.
class DrillPageInABrowser : public Drill {
 protected:
  void SetUp() override {
    if (!sim::find_program("chromium")) GTEST_SKIP() << "not installed: chromium";
  }
  /// What the browser makes of the page.
  std::string document_of(const fs::path& page) const {
    return sim::run_checked({"chromium", "--headless", "--no-sandbox", "--disable-gpu",
                             "--user-data-dir=" + (scratch_ / "browser").string(), "--dump-dom",
                             "file://" + page.string()})
        .out;
  }
};

TEST_F(DrillPageInABrowser, IsReadAsItIsMeant) {
  fill();
  flip_a_bit(bundle_of(site_));
  const fs::path page = scratch_ / "drill.html";
  ASSERT_EQ(drill({"--html", page.string()}).exit_code, 3);

  const std::string document = document_of(page);

  for (const char* part :
       {"<h1>Restore drill failed</h1>", "<html lang=\"en\">",
        "<th scope=\"col\" role=\"columnheader\">Repository</th>", "octo/tools<br><span class=\"quiet\">",
        "<span class=\"bad\">failed</span>", "<rect width=\"100.00\""})
    EXPECT_THAT(document, HasSubstr(part));
}

TEST_F(Drill, RefusesAPageThatItCannotWriteBeforeItBegins) {
  fill();

  const auto result = drill({"--html", (scratch_ / "none" / "drill.html").string()});

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, AllOf(HasSubstr("cannot write "), Not(HasSubstr("restored in "))));
  EXPECT_THAT(kept(), IsEmpty());
}

}  // namespace
}  // namespace hubkeep
