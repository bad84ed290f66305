// What hubkeep advises is typed to the letter, as a tired person does: it must do what was promised.

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>

#include "e2e/bucket_vault.h"
#include "s3/fake_s3.h"
#include "s3/meddler.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

std::string content_of(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void put_content(const fs::path& path, const std::string& content) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

void flip_a_bit(const fs::path& path) {
  std::string content = content_of(path);
  content.at(content.size() / 2) = static_cast<char>(content.at(content.size() / 2) ^ 4);
  put_content(path, content);
}

/// The command that begins with `begin`, up to the end of its line.
std::string command_in(const std::string& text, const std::string& begin) {
  const auto at = text.find(begin);
  EXPECT_NE(at, std::string::npos) << begin << " in: " << text;
  return at == std::string::npos ? "false" : text.substr(at, text.find('\n', at) - at);
}

/// A folder whose name needs every kind of quoting.
const char* const kOddName = "it's my \"vault\" größe $HOME\n*";

class Advice : public EndToEnd {
 protected:
  Advice() {
    site_ = add_filled("site");
    place_ = scratch_ / kOddName;
  }

  /// In the environment in which its advice is followed.
  sim::RunResult run(std::vector<std::string> arguments) {
    return hubkeep(std::move(arguments), environment());
  }
  sim::RunResult follow(const std::string& text, const std::string& begin) {
    return shell(command_in(text, begin), environment());
  }
  sim::RunResult back_up(const std::string& to = kOddName) { return run({"backup", "--to", to}); }
  sim::Environment environment() {
    sim::Environment all = environment_;
    all.emplace("GITHUB_API_URL", github_.api_url());
    all.emplace("TOKEN_GITHUB", token_);
    return all;
  }
  fs::path object(const std::string& ending) const {
    std::vector<fs::path> found;
    for (const auto& file : fs::recursive_directory_iterator(place_ / "repos"))
      if (file.path().string().ends_with(ending)) found.push_back(file.path());
    std::sort(found.begin(), found.end());
    return found.at(0);
  }

  sim::RepositoryId site_ = 0;
  fs::path place_;
  sim::Environment environment_;
};

// Each way to name the vault, each way to have it read.
TEST_F(Advice, OfVerifyMendsWhatItFound) {
  struct Case {
    std::string place;  // where the vault is, as seen from the current folder
    std::vector<std::string> flags;
    sim::Environment environment;
  };
  for (const Case& c :
       {Case{kOddName, {"--read-data", "--from", kOddName}, {}},
        Case{kOddName, {"--read-data-subset", "100%", "--from", kOddName, "octo/site"}, {}},
        Case{kOddName, {"--read-data-subset=1/1", "--from", "./" + std::string(kOddName)}, {}},
        Case{kOddName, {}, {{"HUBKEEP_FROM", kOddName}, {"HUBKEEP_READ_DATA", "true"}}},
        Case{"hubkeep-vault", {"--read-data", "--jobs=2", "--quiet"}, {}}}) {
    place_ = scratch_ / c.place;
    ASSERT_EQ(back_up(c.place).exit_code, 0);
    flip_a_bit(object(".bundle"));
    environment_ = c.environment;
    std::vector<std::string> arguments = {"verify"};
    arguments.insert(arguments.end(), c.flags.begin(), c.flags.end());

    const auto found = run(arguments);
    const auto followed = follow(found.out, "hubkeep verify");
    const auto again = run(arguments);

    EXPECT_EQ(found.exit_code, 3) << found.out;
    EXPECT_EQ(followed.exit_code, 0) << command_in(found.out, "hubkeep verify") << "\n" << followed.err;
    EXPECT_EQ(again.exit_code, 0) << again.out;
    const auto restored = run({"restore", "octo/site", "mended", "--bare", "--from", c.place});
    EXPECT_EQ(restored.exit_code, 0) << restored.err;
    EXPECT_EQ(state_of(scratch_ / "mended"), state_of(path_of(site_)));
    environment_.clear();
    for (const fs::path& used : {place_, scratch_ / "mended", scratch_ / "findings.json"})
      fs::remove_all(used);
  }
}

TEST_F(Advice, OfVerifyMakesAgainWhatIsNoRepositorys) {
  for (const char* lost : {"catalog.jsonl.zst", "README.txt", "hubkeep.json"}) {
    ASSERT_EQ(back_up().exit_code, 0);
    const std::string good = content_of(place_ / lost);
    flip_a_bit(place_ / lost);

    const auto found = run({"verify", "--from", kOddName});
    const auto followed = follow(found.out, "hubkeep rebuild-catalog");
    const auto again = run({"verify", "--from", kOddName});

    EXPECT_EQ(found.exit_code, 3) << lost;
    EXPECT_THAT(found.out, HasSubstr(std::string("DAMAGED: ") + lost));
    EXPECT_EQ(followed.exit_code, 0) << followed.err;
    EXPECT_EQ(again.exit_code, 0) << again.out;
    if (lost != std::string("catalog.jsonl.zst")) {
      EXPECT_EQ(content_of(place_ / lost), good);
    }
  }
}

TEST_F(Advice, OfABackupWithoutHubkeepJsonLetsItGoOn) {
  ASSERT_EQ(back_up().exit_code, 0);
  fs::remove(place_ / "hubkeep.json");

  const auto refused = back_up();
  const auto followed = follow(refused.err, "hubkeep rebuild-catalog");

  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_EQ(followed.exit_code, 0) << followed.err;
  EXPECT_EQ(back_up().exit_code, 0);
}

TEST_F(Advice, OfListRestoreAndCopyWithoutHubkeepJsonMendsIt) {
  ASSERT_EQ(back_up().exit_code, 0);
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"list", "--from", kOddName},
                                             {"restore", "octo/site", "out", "--from", kOddName},
                                             {"copy", kOddName, "second"}}) {
    fs::remove(place_ / "hubkeep.json");

    const auto read = run(arguments);
    const auto followed = follow(read.err, "hubkeep rebuild-catalog");
    const auto again = run({"list", "--from", kOddName});

    EXPECT_EQ(read.exit_code, 0) << read.err;
    EXPECT_THAT(read.err, HasSubstr("note: "));
    EXPECT_EQ(followed.exit_code, 0) << followed.err;
    EXPECT_EQ(again.err, "");
  }
}

TEST_F(Advice, ForAnUnknownRepositoryShowsTheKnown) {
  ASSERT_EQ(back_up().exit_code, 0);
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"restore", "octo/none", "--from", kOddName},
                                             {"list", "octo/none", "--from", kOddName},
                                             {"verify", "octo/none", "--from", kOddName},
                                             {"copy", kOddName, "second", "octo/none"}}) {
    const auto refused = run(arguments);
    const auto followed = follow(refused.err, "hubkeep list");

    EXPECT_EQ(refused.exit_code, 1);
    EXPECT_EQ(followed.exit_code, 0) << followed.err;
    EXPECT_THAT(followed.out, HasSubstr("octo/site"));
  }
}

TEST_F(Advice, ForATimeWithoutASnapshotShowsThoseThatThereAre) {
  ASSERT_EQ(back_up().exit_code, 0);

  const auto refused = run({"restore", "octo/site", "out", "--at", "2001-01-01", "--from", kOddName});
  const auto followed = follow(refused.err, "hubkeep list");
  const auto restored = run({"restore", "octo/site", "out", "--at",
                             followed.out.substr(0, followed.out.find(' ')), "--from", kOddName});

  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("--at takes any"));
  EXPECT_EQ(followed.exit_code, 0) << followed.err;
  EXPECT_EQ(restored.exit_code, 0) << restored.err;
}

TEST_F(Advice, OfARestoreThatFailsSaysWhatIsDamagedAndWhatIsLeft) {
  ASSERT_EQ(back_up().exit_code, 0);
  flip_a_bit(object(".bundle"));

  const auto refused = run({"restore", "octo/site", "out", "--from", kOddName});
  const auto followed = follow(refused.err, "hubkeep verify");

  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_EQ(followed.exit_code, 3);
  EXPECT_THAT(followed.err, AllOf(HasSubstr("octo/site: DAMAGED: 0 of 1 snapshots can be restored"),
                                  HasSubstr(object(".bundle").filename().string())));
}

TEST_F(Advice, ForWrongUsageIsTheHelp) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"backup", "--nonsense"},
                                             {"list", "nonsense"},
                                             {"restore"},
                                             {"verify", "--read-data-subset", "half"},
                                             {"rebuild-catalog", "nonsense"},
                                             {"copy", "one"},
                                             {"nonsense"}}) {
    const auto refused = run(arguments);
    const auto followed =
        follow(refused.err, "hubkeep " + (arguments[0] == "nonsense" ? "" : arguments[0] + " ") + "--help");

    EXPECT_EQ(refused.exit_code, 2);
    EXPECT_EQ(followed.exit_code, 0);
    EXPECT_THAT(followed.out, HasSubstr("hubkeep " + (arguments[0] == "nonsense" ? "" : arguments[0])));
  }
}

TEST_F(Advice, ForAMisspeltFlagIsOneThatIsTaken) {
  ASSERT_EQ(back_up().exit_code, 0);

  for (const std::string flag : {"--no-json", "--jsn"}) {
    const auto refused = run({"list", "--from", kOddName, flag});
    const auto begin = refused.err.find("did you mean '") + std::string("did you mean '").size();
    const std::string meant = refused.err.substr(begin, refused.err.find('\'', begin) - begin);

    EXPECT_EQ(refused.exit_code, 2);
    EXPECT_EQ(run({"list", "--from", kOddName, meant}).exit_code, 0) << refused.err;
  }
}

TEST_F(Advice, OfTheVaultsReadmeWorksAsItStands) {
  ASSERT_EQ(back_up().exit_code, 0);
  put_content(scratch_ / "words", "");
  const std::string readme = content_of(place_ / "README.txt");
  const auto command = [&](const std::string& begin) {
    std::string line = command_in(readme, begin);
    for (const auto& [word, meant] : std::vector<std::pair<std::string, std::string>>{
             {"THIS-FOLDER", "\"$VAULT\""}, {"OWNER/NAME", "octo/site"}}) {
      if (const auto at = line.find(word); at != std::string::npos) line.replace(at, word.size(), meant);
    }
    return shell(line, {{"VAULT", place_.string()}});
  };

  const auto listed = command("hubkeep list");
  const auto restored = command("hubkeep restore");
  fs::remove(place_ / "hubkeep.json");
  fs::remove(place_ / "catalog.jsonl.zst");
  const auto made = command("hubkeep rebuild-catalog");

  EXPECT_THAT(listed.out, HasSubstr("octo/site"));
  EXPECT_EQ(state_of(scratch_ / "site/.git"), state_of(path_of(site_)));
  EXPECT_EQ(made.exit_code, 0) << made.err;
  EXPECT_EQ(run({"verify", "--from", kOddName}).exit_code, 0);
  EXPECT_EQ(content_of(place_ / "README.txt"), readme);
}

// By hand, in the vault's folder: step 1 of README.txt, then its script.
TEST_F(Advice, OfTheVaultsReadmeFindsWhatItRestores) {
  ASSERT_EQ(backup().exit_code, 0);
  const std::string readme = content_of(vault() / "README.txt");

  const auto folders = shell("cd vault && " + command_in(readme, "zstd -dcq catalog.jsonl.zst"));

  ASSERT_THAT(folders.out, StartsWith("octo/site  repos/"));
  const std::string folder = folders.out.substr(11, folders.out.find("/\n") - 11);
  EXPECT_EQ(state_of(restore_by_readme(vault() / folder, snapshots_of(vault() / folder).back())),
            state_of(path_of(site_)));
}

TEST_F(Advice, ForWhatNeedsAnotherFlagNamesIt) {
  for (const auto& [arguments, flags] :
       std::vector<std::pair<std::vector<std::string>, std::vector<std::string>>>{
           {{"backup", "--zip-always"}, {"--zip"}},
           {{"backup", "--no-git"}, {"--zip"}},
           {{"backup", "--jobs", "8", "--memory", "1MiB"}, {"--memory", "64MiB"}}}) {
    const auto refused = run(arguments);
    std::vector<std::string> completed = arguments;
    if (flags.front() == "--memory") completed.resize(3);
    completed.insert(completed.end(), flags.begin(), flags.end());

    EXPECT_NE(refused.exit_code, 0);
    EXPECT_THAT(refused.err, HasSubstr(flags.front()));
    EXPECT_EQ(run(completed).exit_code, 0);
  }
}

TEST_F(Advice, ForAMissingVaultIsToMakeABackupThere) {
  const auto missing = run({"list", "--from", "missing"});
  const auto made = back_up("missing");

  EXPECT_EQ(missing.exit_code, 1);
  EXPECT_THAT(missing.err, HasSubstr("check the path, or make a backup there first"));
  EXPECT_EQ(made.exit_code, 0) << made.err;
  EXPECT_EQ(run({"list", "--from", "missing"}).exit_code, 0);
}

// No flag is named that the command does not take.
TEST_F(Advice, ForAPlaceThatIsNoneIsTheSameForEachCommand) {
  fs::create_directory(scratch_ / "empty");
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"list", "--from", "a:b"}, {"copy", "a:b", "second"}}) {
    const auto refused = run(arguments);

    EXPECT_EQ(refused.exit_code, 1);
    EXPECT_THAT(
        refused.err,
        HasSubstr("give a folder or s3://BUCKET/PREFIX (write ./ before a folder's name with a colon)"));
  }
  EXPECT_THAT(run({"copy", "empty", "second"}).err, HasSubstr("give the place that was backed up to"));
  EXPECT_EQ(back_up("./a:b").exit_code, 0);
  EXPECT_EQ(run({"list", "--from", "./a:b"}).exit_code, 0);
}

class BucketAdvice : public BucketVault {};

// Where the server and the region are given as flags, a command without them would go elsewhere.
TEST_F(BucketAdvice, ReachesTheVaultAsTheCommandDidThatGaveIt) {
  const auto site = add_filled("site");
  FakeS3 fake;
  Meddler server([&](const sim::HttpRequest& request) { return fake.handle(request); });
  sim::Environment variables = environment("");
  variables.erase("AWS_ENDPOINT_URL_S3");
  variables.emplace("GITHUB_API_URL", github_.api_url());
  const std::vector<std::string> way = {"--endpoint-url", server.endpoint(), "--region", "eu-west-1"};
  const auto run = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), way.begin(), way.end());
    return hubkeep(std::move(arguments), variables);
  };
  ASSERT_EQ(run({"backup", "--to", location()}).exit_code, 0);
  for (const char* key : {"/vault/catalog.jsonl.zst", "/vault/hubkeep.json"})
    fake.remove("/" + bucket_ + key);

  const auto found = run({"verify", "--from", location()});
  const auto made = shell(command_in(found.out, "hubkeep rebuild-catalog"), variables);
  const auto again = run({"verify", "--from", location()});

  EXPECT_EQ(found.exit_code, 3);
  EXPECT_EQ(made.exit_code, 0) << made.err;
  EXPECT_EQ(again.exit_code, 0) << again.out;

  for (const auto& [path, bytes] : fake.objects())
    if (path.ends_with(".bundle")) fake.overwrite(path, std::string(bytes.size(), 'x'));
  const auto damaged = run({"verify", "--read-data", "--from", location()});
  const auto repaired = shell(command_in(damaged.out, "hubkeep verify"), variables);

  EXPECT_EQ(damaged.exit_code, 3);
  EXPECT_EQ(repaired.exit_code, 0) << command_in(damaged.out, "hubkeep verify") << repaired.err;
  EXPECT_EQ(run({"verify", "--read-data", "--from", location()}).exit_code, 0);
  EXPECT_EQ(run({"restore", "octo/site", "out", "--bare", "--from", location()}).exit_code, 0);
  EXPECT_EQ(state_of(scratch_ / "out"), state_of(path_of(site)));
}

}  // namespace
}  // namespace hubkeep
