// hubkeep verify: what it finds, what it says, and that it finds everything.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/text.h"
#include "e2e/end_to_end.h"
#include "e2e/torture.h"
#include "store/folder/folder_store.h"
#include "verify/verify_vault.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

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

class Verify : public EndToEnd {
 protected:
  /// Two repositories; the first has a chain of three bundles.
  void fill() {
    site_ = add_filled("site");
    add_filled("tools", 2);
    for (const char* content : {"second", "third"}) {
      EXPECT_EQ(backup().exit_code, 0);
      push_file(site_, content);
    }
    EXPECT_EQ(backup().exit_code, 0);
  }
  sim::RunResult verify(std::vector<std::string> arguments = {}) {
    arguments.insert(arguments.begin(), {"verify", "--from", vault().string()});
    return hubkeep(std::move(arguments));
  }
  std::vector<fs::path> objects(const std::string& ending) const {
    std::vector<fs::path> found;
    for (const auto& file : fs::recursive_directory_iterator(vault() / "repos"))
      if (file.path().string().ends_with(ending)) found.push_back(file.path());
    std::sort(found.begin(), found.end());
    return found;
  }
  fs::path bundle(std::size_t number) const {
    return folder_of(site_) / "git" / (snapshots_of(folder_of(site_)).at(number) + ".bundle");
  }

  sim::RepositoryId site_ = 0;
};

TEST_F(Verify, SaysThatAllIsWell) {
  fill();

  const auto quick = verify();
  const auto whole = verify({"--read-data"});

  EXPECT_EQ(quick.exit_code, 0) << quick.err;
  EXPECT_THAT(quick.out,
              AllOf(HasSubstr("2 repositories, 4 snapshots"), HasSubstr("0 objects, 0 B, were read"),
                    HasSubstr("everything that was looked at is good: that "),
                    HasSubstr("with the right size; none of the history was read, as --read-data does")));
  EXPECT_EQ(whole.exit_code, 0) << whole.err;
  EXPECT_THAT(whole.out, AllOf(Not(HasSubstr("0 objects, 0 B, were read")), HasSubstr(", and every byte\n")));
}

TEST_F(Verify, NamesWhatIsDamagedAndWhatIsLeft) {
  fill();
  fs::remove(bundle(1));
  const auto snapshots = snapshots_of(folder_of(site_));

  const auto result = verify();

  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.err, AllOf(HasSubstr("octo/site: DAMAGED: 1 of 3 snapshots can be restored, the newest "
                                          "complete one is " +
                                          snapshots.front()),
                                HasSubstr(snapshots.at(1) + ".bundle is missing"), Not(HasSubstr("tools"))));
  EXPECT_THAT(result.out, HasSubstr("1 repository is damaged"));
  restore("octo/site", snapshots.front());  // as was promised
}

TEST_F(Verify, FindsAFlippedBitOnlyWhenItReads) {
  fill();
  flip_a_bit(bundle(0));

  EXPECT_EQ(verify().exit_code, 0);
  EXPECT_EQ(verify({"--read-data"}).exit_code, 3);
  EXPECT_EQ(verify({"--read-data", "octo/tools"}).exit_code, 0);
  EXPECT_EQ(verify({"--read-data", "octo/tools", "octo/site"}).exit_code, 3);
}

TEST_F(Verify, SevenSharesReadEverythingOnce) {
  fill();
  flip_a_bit(bundle(2));
  int found = 0;

  for (int share = 1; share <= 7; ++share)
    found += verify({"--read-data-subset", fmt::format("{}/7", share)}).exit_code == 3 ? 1 : 0;

  EXPECT_EQ(found, 1);
}

TEST_F(Verify, GivesItsFindingsAsJson) {
  fill();
  fs::remove(bundle(0));

  const auto json = nlohmann::json::parse(verify({"--json"}).out);

  EXPECT_FALSE(json.at("good").get<bool>());
  EXPECT_EQ(json.at("repositories").size(), 2U);
  for (const auto& repository : json.at("repositories"))
    EXPECT_EQ(repository.at("good").get<bool>(), repository.at("repository") != "octo/site");
}

TEST_F(Verify, ALostCatalogIsMadeAgainOnRequest) {
  fill();
  fs::remove(vault() / "catalog.jsonl.zst");

  const auto lost = verify();
  const auto made = hubkeep({"rebuild-catalog", "--from", vault().string()});
  const auto found = verify();

  EXPECT_EQ(lost.exit_code, 3);
  EXPECT_THAT(lost.out, HasSubstr("hubkeep rebuild-catalog"));
  EXPECT_EQ(made.exit_code, 0) << made.err;
  EXPECT_THAT(made.out, HasSubstr("2 repositories"));
  EXPECT_EQ(found.exit_code, 0) << found.out;
  EXPECT_EQ(state_of(restore("octo/site")), state_of(path_of(site_)));
}

TEST_F(Verify, ADamagedCatalogIsMadeAgainOnRequest) {
  fill();
  flip_a_bit(vault() / "catalog.jsonl.zst");

  EXPECT_EQ(verify().exit_code, 3);
  EXPECT_EQ(hubkeep({"rebuild-catalog", "--from", vault().string()}).exit_code, 0);
  EXPECT_EQ(verify().exit_code, 0);
}

TEST_F(Verify, ACatalogThatCannotBeMadeWholeSaysSo) {
  fill();
  flip_a_bit(objects(".json.zst").front());

  const auto result = hubkeep({"rebuild-catalog", "--from", vault().string()});

  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.err, HasSubstr("damaged"));
}

TEST_F(Verify, WhatItFindsIsRepairedAndThenAccepted) {
  fill();
  fs::remove(bundle(0));
  flip_a_bit(objects(".refs.zst").at(1));
  put_content(scratch_ / "findings", verify({"--json", "--read-data"}).out);

  const auto repaired = backup({"--repair", (scratch_ / "findings").string()});
  const auto verified = verify({"--read-data"});
  const auto unchanged = backup();

  EXPECT_EQ(repaired.exit_code, 0) << repaired.err;
  EXPECT_THAT(repaired.err, AllOf(HasSubstr("octo/site"), HasSubstr("everything is fetched again")));
  EXPECT_EQ(state_of(restore("octo/site")), state_of(path_of(site_)));
  EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
  EXPECT_THAT(verified.err, HasSubstr("lost before, and known to be"));
  EXPECT_THAT(unchanged.out, HasSubstr("0 saved, 2 unchanged"));
}

TEST_F(Verify, ARepairFetchesNothingThatIsWhole) {
  fill();
  flip_a_bit(folder_of(site_) / "snapshots" / (snapshots_of(folder_of(site_)).front() + ".json.zst"));
  put_content(scratch_ / "findings", verify({"--json"}).out);
  const auto fetched = github_.count(sim::GitCommand::fetch);

  const auto repaired = backup({"--repair", (scratch_ / "findings").string()});

  EXPECT_EQ(repaired.exit_code, 0) << repaired.err;
  EXPECT_EQ(github_.count(sim::GitCommand::fetch), fetched);
  EXPECT_EQ(verify().exit_code, 0);
}

TEST_F(Verify, ARepairSaysWhatItCannotFetch) {
  fill();
  fs::remove(bundle(0));
  put_content(scratch_ / "findings", verify({"--json"}).out);

  const auto result = backup({"--repair", (scratch_ / "findings").string(), "--repo", "octo/tools"});

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("octo/site: failed: it is damaged, and none of the repositories"));
}

TEST_F(Verify, ARepairOfNothingDoesNothing) {
  fill();
  put_content(scratch_ / "findings", verify({"--json"}).out);
  put_content(scratch_ / "nonsense", "{}");

  const auto nothing = backup({"--repair", (scratch_ / "findings").string()});
  const auto nonsense = backup({"--repair", (scratch_ / "nonsense").string()});
  const auto missing = backup({"--repair", (scratch_ / "missing").string()});

  EXPECT_EQ(nothing.exit_code, 0) << nothing.err;
  EXPECT_THAT(nothing.err, HasSubstr("nothing to repair"));
  EXPECT_EQ(nonsense.exit_code, 1);
  EXPECT_THAT(nonsense.err, HasSubstr("is not what `hubkeep verify --json` prints"));
  EXPECT_EQ(missing.exit_code, 1);
  EXPECT_THAT(missing.err, HasSubstr("there is no file"));
}

// As a copy leaves it that was cut short after the objects and before the snapshots.
TEST_F(Verify, TellsOfObjectsThatNothingNames) {
  fill();
  EXPECT_EQ(nlohmann::json::parse(verify({"--json"}).out).at("repositories").at(0).at("unnamed").size(), 0U);
  const auto newest = snapshots_of(folder_of(site_)).back();
  fs::remove(folder_of(site_) / "snapshots" / (newest + ".json.zst"));
  fs::remove(vault() / "catalog.jsonl.zst");
  ASSERT_EQ(hubkeep({"rebuild-catalog", "--from", vault().string()}).exit_code, 0);
  put_content(vault() / "notes.md", "mine");
  put_content(folder_of(site_) / "snapshots/no-snapshot.json.zst", "12345");
  const auto size = fs::file_size((folder_of(site_) / "git") / (newest + ".bundle")) +
                    fs::file_size((folder_of(site_) / "git") / (newest + ".idx")) +
                    fs::file_size((folder_of(site_) / "git") / (newest + ".refs.zst")) + 5;

  const auto result = verify();
  const auto json = nlohmann::json::parse(verify({"--json"}).out);
  const auto of_others = verify({"octo/tools"});

  EXPECT_EQ(result.exit_code, 3) << "the state still names what was the newest";
  EXPECT_THAT(result.err, HasSubstr(newest + ".json.zst is missing"));
  EXPECT_THAT(result.out, AllOf(HasSubstr("4 objects of " + human_size(size) +
                                          " are named by nothing (--json lists them)"),
                                HasSubstr("notes.md is an object, which hubkeep did not put there")));
  std::map<std::string, std::size_t> named;
  for (const auto& repository : json.at("repositories"))
    for (const auto& unnamed : repository.at("unnamed")) named[unnamed.at("key")] = unnamed.at("size");
  const std::string folder = folder_of(site_).lexically_relative(vault()).string();
  EXPECT_EQ(named.size(), 4U);
  for (const std::string& key :
       {folder + "/git/" + newest + ".bundle", folder + "/git/" + newest + ".idx",
        folder + "/git/" + newest + ".refs.zst", folder + "/snapshots/no-snapshot.json.zst"})
    EXPECT_EQ(named[key], fs::file_size(vault() / key)) << key;
  EXPECT_EQ(json.at("others").at(0).at("key"), "notes.md");
  EXPECT_THAT(of_others.out, Not(HasSubstr("named by nothing")));
}

TEST_F(Verify, RefusesWhatIsNoVaultNoRepositoryAndNoPart) {
  fill();

  EXPECT_EQ(hubkeep({"verify", "--from", (scratch_ / "nothing").string()}).exit_code, 1);
  EXPECT_EQ(verify({"octo/none"}).exit_code, 1);
  const auto part = verify({"--read-data-subset", "half"});
  EXPECT_EQ(part.exit_code, 2);
  EXPECT_THAT(part.err, HasSubstr("write 5%, 1/7 or 10G"));
}

class Silent final : public VerifyObserver {
 public:
  void selected(std::size_t) override {}
  void moved(ByteCount) override {}
  void finished(const Verdict&) override {}
  void waiting(const std::string&, std::chrono::seconds) override {}
  void retrying(const RetrySubject&, const Error&, std::chrono::milliseconds) override {}
  void notice(const std::string&) override {}
  void made_vault(const std::string&, const std::string&) override {}
};

/// One change after the other to objects of a real vault, each looked for in the same process.
class Corruption : public Verify {
 protected:
  VerifySummary look(DataSubset::Kind read) {
    Silent observer;
    SystemClock clock;
    Vault opened(std::make_unique<FolderStore>(vault().string(), OpenMode::read), OpenMode::read, clock);
    return verify_vault(opened, {.read = {.kind = read}, .jobs = 1}, observer, {});
  }
  // Whether the damage is found, and nothing else with it.
  bool finds(DataSubset::Kind read, const fs::path& path) {
    const VerifySummary summary = look(read);
    if (path.filename() == "catalog.jsonl.zst") return summary.catalog.has_value() && !summary.is_good();
    const std::string key = path.lexically_relative(vault()).string();
    for (const Verdict& verdict : summary.verdicts) {
      for (const Damage& damage : verdict.damages)
        if (damage.key == key && !verdict.is_good()) return true;
    }
    return false;
  }
  void change(std::vector<fs::path> paths, unsigned rounds) {
    std::minstd_rand random(seed_);
    for (unsigned round = 0; round < rounds; ++round) {
      const fs::path& path = paths[random() % paths.size()];
      const std::string before = content_of(path);
      const auto place = random() % before.size();
      const auto kind = round % 4;  // half of them change a byte
      const std::string what = fmt::format("{} {} at {} of {}", path.filename().string(),
                                           kind == 0   ? "deleted"
                                           : kind == 1 ? "cut"
                                                       : "changed",
                                           place, before.size());
      if (kind == 0) fs::remove(path);
      if (kind == 1) fs::resize_file(path, place);
      if (kind > 1) {
        std::string after = before;
        after[place] = static_cast<char>(after[place] ^ (1 + random() % 255));
        put_content(path, after);
      }

      EXPECT_TRUE(finds(DataSubset::Kind::all, path)) << what;
      if (kind < 2) {
        EXPECT_TRUE(finds(DataSubset::Kind::none, path)) << what;
      }
      put_content(path, before);
    }
    EXPECT_TRUE(look(DataSubset::Kind::all).is_good());
  }

  const unsigned seed_ = torture_seed();
  const unsigned rounds_ = torture_rounds(250);
};

TEST_F(Corruption, OfAnyObjectIsFound) {
  SCOPED_TRACE("SEED=" + std::to_string(seed_));
  fill();

  change(objects(".bundle"), rounds_);
  change(objects(".refs.zst"), rounds_);
  change(objects(".json.zst"), rounds_);
  change({vault() / "catalog.jsonl.zst"}, rounds_);
}

}  // namespace
}  // namespace hubkeep
