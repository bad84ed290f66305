// Which vault it is: none is made, emptied, exchanged or set back unseen.

#include <gmock/gmock.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/text.h"
#include "e2e/end_to_end.h"
#include "e2e/file_faults.h"
#include "store/folder/folder_store.h"
#include "vault/vault.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr int kNothingDone = 1;
constexpr int kUsage = 2;
constexpr int kIncomplete = 3;
constexpr int kKilled = 128 + 9;

std::map<std::string, std::string> content_of(const fs::path& folder) {
  std::map<std::string, std::string> content;
  for (const auto& file : fs::recursive_directory_iterator(folder)) {
    std::ostringstream text;
    if (file.is_regular_file()) text << std::ifstream(file.path(), std::ios::binary).rdbuf();
    content.emplace(file.path().string(), text.str());
  }
  return content;
}

class KnownVaultTest : public EndToEnd {
 protected:
  KnownVaultTest() { remembers_vaults_ = true; }

  sim::RunResult verify(std::vector<std::string> arguments = {}, sim::Environment environment = {}) {
    arguments.insert(arguments.begin(), {"verify", "--from", vault().string()});
    return hubkeep(std::move(arguments), std::move(environment));
  }
  std::string id_of(const fs::path& folder) const {
    return nlohmann::json::parse(std::ifstream(folder / "hubkeep.json")).at("vault");
  }
  std::string id() const { return id_of(vault()); }
  HostState state() const {
    SystemClock clock;
    Vault opened(std::make_unique<FolderStore>(vault().string(), OpenMode::read), OpenMode::read, clock);
    const auto hosts = fs::directory_iterator(vault() / "state");
    std::ostringstream stored;
    stored << std::ifstream(hosts->path(), std::ios::binary).rdbuf();
    return parse_state(stored.str());
  }
  fs::path file_of_what_is_known() const {
    fs::path found;
    for (const auto& file : fs::directory_iterator(scratch_ / "state/hubkeep/vaults")) {
      EXPECT_TRUE(found.empty());
      found = file.path();
    }
    return found;
  }
  /// What is seen of a disk that is not mounted.
  void unmount() {
    fs::rename(vault(), scratch_ / "disk");
    fs::create_directory(vault());
  }
  void mount_again() {
    fs::remove_all(vault());
    fs::rename(scratch_ / "disk", vault());
  }
  void copy_vault(const fs::path& from, const fs::path& to) {
    fs::copy(from, to, fs::copy_options::recursive);
  }
  /// As it was before: the copy that was made of it then.
  void set_back() {
    fs::remove_all(vault());
    copy_vault(scratch_ / "copy", vault());
  }

  static const sim::Environment elsewhere(const fs::path& folder) {
    return {{"XDG_STATE_HOME", folder.string()}};
  }
};

TEST_F(KnownVaultTest, MakingOneIsSaidOnce) {
  add_filled("site");

  const auto first = backup({"--quiet"});
  const auto second = backup({"--verbose"});

  const std::string text = "made a new vault in " + vault().string() + ", id " + id() +
                           "; to make sure that none is ever made again by mistake: --vault-id " + id();
  EXPECT_THAT(first.err, HasSubstr(text));
  EXPECT_THAT(second.err, Not(HasSubstr("made a new vault")));
  EXPECT_EQ(backup({"--vault-id", id()}).exit_code, 0);
}

TEST_F(KnownVaultTest, MakingOneIsSaidToPrograms) {
  add_filled("site");

  const auto first = backup({"--json", "--log-format", "json"});
  const auto second = backup({"--json"});

  const auto result = nlohmann::json::parse(first.out);
  EXPECT_EQ(result.at("vault"), id());
  EXPECT_EQ(result.at("vault_is_new"), true);
  EXPECT_EQ(nlohmann::json::parse(second.out).at("vault_is_new"), false);
  std::istringstream lines(first.err);
  int events = 0;
  for (std::string line; std::getline(lines, line);) {
    const auto json = nlohmann::json::parse(line);
    if (json.value("event", "") != "vault") continue;
    ++events;
    EXPECT_EQ(json.at("vault"), id());
    EXPECT_EQ(json.at("vault_is_new"), true);
  }
  EXPECT_EQ(events, 1);
}

TEST_F(KnownVaultTest, ItsIdIsListed) {
  add_filled("site");
  backup();

  const auto text = hubkeep({"list", "--from", vault().string()});
  const auto json = hubkeep({"list", "--json", "--from", vault().string()});

  EXPECT_THAT(text.out, HasSubstr("\nvault " + id() + " in " + vault().string() + "\n"));
  EXPECT_EQ(nlohmann::json::parse(json.out).at("vault"), id());
}

TEST_F(KnownVaultTest, MustExistMakesNothingNotEvenTheFolder) {
  add_filled("site");

  const auto missing = backup({"--must-exist"});
  EXPECT_EQ(missing.exit_code, kNothingDone);
  EXPECT_THAT(missing.err, HasSubstr("there is no vault in " + vault().string() +
                                     ": is the disk mounted? --must-exist forbids to make a new one"));
  EXPECT_FALSE(fs::exists(vault()));

  fs::create_directory(vault());
  EXPECT_EQ(backup({}, {{"HUBKEEP_MUST_EXIST", "true"}}).exit_code, kNothingDone);
  EXPECT_THAT(content_of(vault()), IsEmpty());

  ASSERT_EQ(backup().exit_code, 0);
  EXPECT_EQ(backup({"--must-exist"}).exit_code, 0);
}

TEST_F(KnownVaultTest, AnotherIdIsRefusedByEveryCommandAndNothingIsWritten) {
  add_filled("site");
  backup();
  fs::remove(vault() / "README.txt");  // which whoever writes to a vault makes again
  const std::string other(32, '0');
  const auto before = content_of(vault());

  for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
           {"backup", "--api-url", github_.api_url(), "--to", vault().string()},
           {"list", "--from", vault().string()},
           {"restore", "octo/site", "--from", vault().string()},
           {"verify", "--from", vault().string()},
           {"rebuild-catalog", "--from", vault().string()},
           {"copy", (scratch_ / "none").string(), vault().string()}}) {
    SCOPED_TRACE(command.front());
    if (command.front() == "copy") copy_vault(vault(), scratch_ / "none");
    const auto result = hubkeep(command, {{"TOKEN_GITHUB", token_}, {"HUBKEEP_VAULT_ID", other}});
    EXPECT_EQ(result.exit_code, kNothingDone);
    EXPECT_THAT(result.err, HasSubstr(vault().string() + " holds the vault " + id() + ", not " + other +
                                      ", which HUBKEEP_VAULT_ID names"));
    EXPECT_EQ(content_of(vault()), before);
  }
  EXPECT_FALSE(fs::exists(scratch_ / "site"));
}

TEST_F(KnownVaultTest, WhereAnIdIsAskedForNoneIsMade) {
  add_filled("site");
  const std::string other(32, '0');

  const auto result = backup({"--vault-id", other});

  EXPECT_EQ(result.exit_code, kNothingDone);
  EXPECT_THAT(result.err, HasSubstr("there is no vault in " + vault().string() +
                                    ", and --vault-id names the vault " + other + ": is the disk mounted?"));
  EXPECT_FALSE(fs::exists(vault()));
  for (const auto* wrong : {"abc", "0000000000000000000000000000000G", "../x"}) {
    const auto refused = backup({"--vault-id", wrong});
    EXPECT_EQ(refused.exit_code, kUsage);
    EXPECT_THAT(refused.err, HasSubstr("is not the id of a vault, which has 32 hexadecimal digits"));
  }
}

TEST_F(KnownVaultTest, ADiskThatIsNotMountedIsNoNewVault) {
  add_filled("site");
  backup();
  const std::string known = id();
  unmount();

  const auto refused = backup();
  const auto verified = verify();

  for (const auto* result : {&refused, &verified}) {
    EXPECT_EQ(result->exit_code, kNothingDone);
    EXPECT_THAT(result->err, AllOf(HasSubstr("there is no vault in " + vault().string() +
                                             ", which held the vault " + known + " until 20"),
                                   HasSubstr("is the disk mounted? To begin a new one there, remove " +
                                             file_of_what_is_known().string())));
  }
  EXPECT_THAT(content_of(vault()), IsEmpty());

  mount_again();
  EXPECT_EQ(backup().exit_code, 0);
  EXPECT_EQ(verify().exit_code, 0);
}

TEST_F(KnownVaultTest, AFolderThatIsGoneIsNotMadeAgain) {
  add_filled("site");
  backup();
  fs::rename(vault(), scratch_ / "disk");

  EXPECT_EQ(backup().exit_code, kNothingDone);

  EXPECT_FALSE(fs::exists(vault()));
}

// Its name is what stays when nothing is mounted behind it.
TEST_F(KnownVaultTest, AnUnmountedDiskBehindALinkIsNoNewVault) {
  add_filled("site");
  fs::create_directory(scratch_ / "disk");
  fs::create_directory_symlink(scratch_ / "disk", vault());
  ASSERT_EQ(backup().exit_code, 0);
  ASSERT_EQ(hubkeep({"backup", "--api-url", github_.api_url(), "--to", vault().string() + "/./"},
                    {{"TOKEN_GITHUB", token_}})
                .exit_code,
            0);
  fs::remove_all(scratch_ / "disk");

  EXPECT_EQ(backup().exit_code, kNothingDone);
  EXPECT_FALSE(fs::exists(scratch_ / "disk"));
  fs::create_directory(scratch_ / "disk");
  EXPECT_EQ(backup().exit_code, kNothingDone);
  EXPECT_THAT(content_of(scratch_ / "disk"), IsEmpty());
}

TEST_F(KnownVaultTest, OneBeginsAnewAsTheMessageSays) {
  add_filled("site");
  backup();
  const std::string known = id();
  unmount();

  fs::remove(file_of_what_is_known());
  const auto result = backup();

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("made a new vault"));
  EXPECT_NE(id(), known);
}

TEST_F(KnownVaultTest, AnotherVaultInItsPlaceIsRefusedUntilItIsNamed) {
  add_filled("site");
  backup();
  const std::string first = id();
  unmount();
  ASSERT_EQ(backup({}, elsewhere(scratch_ / "another-machine")).exit_code, 0);
  const std::string second = id();
  const auto before = content_of(vault());

  const auto refused = backup();
  EXPECT_EQ(refused.exit_code, kNothingDone);
  EXPECT_THAT(refused.err, AllOf(HasSubstr(vault().string() + " holds the vault " + second + ", and held " +
                                           first + " until 20"),
                                 HasSubstr("If it is, name it once with --vault-id")));
  EXPECT_EQ(verify().exit_code, kNothingDone);
  EXPECT_EQ(content_of(vault()), before);

  // A file that lies about in the current folder is not the user's word.
  std::ofstream(scratch_ / ".env") << "HUBKEEP_VAULT_ID=" << second << "\n";
  EXPECT_EQ(backup().exit_code, kNothingDone);
  EXPECT_EQ(content_of(vault()), before);
  fs::remove(scratch_ / ".env");

  // From then on both are known: disks that take turns.
  EXPECT_EQ(backup({"--vault-id", second}).exit_code, 0);
  EXPECT_EQ(backup().exit_code, 0);
  fs::rename(vault(), scratch_ / "second");
  fs::rename(scratch_ / "disk", vault());
  EXPECT_EQ(id(), first);
  EXPECT_EQ(backup().exit_code, 0);
  fs::rename(vault(), scratch_ / "first");
  fs::rename(scratch_ / "second", vault());
  EXPECT_EQ(backup().exit_code, 0);
}

TEST_F(KnownVaultTest, OneThatWasSetBackIsToldOfAndStaysSo) {
  const auto site = add_filled("site");
  backup();
  copy_vault(vault(), scratch_ / "copy");
  push_file(site, "second");
  const auto lost = nlohmann::json::parse(backup({"--json"}).out).at("run").get<std::string>();
  set_back();

  const auto before = verify();
  EXPECT_EQ(before.exit_code, kIncomplete);
  EXPECT_THAT(before.out, HasSubstr("it does not know the run " + lost));
  EXPECT_EQ(verify().exit_code, kIncomplete);

  const auto noticed = backup();
  EXPECT_EQ(noticed.exit_code, kIncomplete) << noticed.err;
  EXPECT_THAT(noticed.err, AllOf(HasSubstr("it does not know the run " + lost),
                                 HasSubstr("an older copy of it is in its place")));
  ASSERT_THAT(state().losses, SizeIs(1));
  EXPECT_EQ(state().losses.front().key, "runs/" + lost + ".jsonl.zst");

  // What was saved is whole, and what was lost is not forgotten.
  const auto again = backup();
  EXPECT_EQ(again.exit_code, kIncomplete);
  EXPECT_THAT(again.err, Not(HasSubstr("does not know the run")));
  EXPECT_THAT(state().losses, SizeIs(1));
  EXPECT_EQ(state_of(restore("octo/site")), state_of(path_of(site)));
  const auto findings = verify({"--json"});
  EXPECT_EQ(findings.exit_code, kIncomplete);
  EXPECT_THAT(findings.out, HasSubstr("runs/" + lost + ".jsonl.zst"));

  std::ofstream(scratch_ / "findings.json") << findings.out;
  backup({"--repair", (scratch_ / "findings.json").string()});

  EXPECT_EQ(backup().exit_code, 0);
  EXPECT_EQ(verify().exit_code, 0);
}

// As it is where only the state is put back from a copy.
TEST_F(KnownVaultTest, AStateThatWasSetBackIsToldOfAsThat) {
  const auto site = add_filled("site");
  backup();
  copy_vault(vault() / "state", scratch_ / "copy");
  push_file(site, "second");
  const auto last = nlohmann::json::parse(backup({"--json"}).out).at("run").get<std::string>();
  fs::remove_all(vault() / "state");
  copy_vault(scratch_ / "copy", vault() / "state");

  EXPECT_EQ(backup().exit_code, kIncomplete);

  ASSERT_THAT(state().losses, SizeIs(1));
  EXPECT_THAT(state().losses.front().key, HasSubstr("state/"));
  EXPECT_THAT(state().losses.front().detail, HasSubstr(last));
}

TEST_F(KnownVaultTest, TheRunsOfAnotherMachineAreNoLoss) {
  add_filled("site");
  const auto one = elsewhere(scratch_ / "one");
  const auto two = elsewhere(scratch_ / "two");

  for (const auto* machine : {&one, &two, &two, &one, &two, &one}) {
    const auto result = backup({}, *machine);
    EXPECT_EQ(result.exit_code, 0) << result.err;
  }

  EXPECT_EQ(verify({}, one).exit_code, 0);
  EXPECT_EQ(verify({}, two).exit_code, 0);
  EXPECT_THAT(state().losses, IsEmpty());
}

// Others have written to it since it was set back: it is told of all the same, by whoever knows.
TEST_F(KnownVaultTest, OneThatWasSetBackIsToldOfAfterARunOfAnotherMachine) {
  const auto site = add_filled("site");
  backup();
  copy_vault(vault(), scratch_ / "copy");
  push_file(site, "second");
  backup();
  set_back();
  ASSERT_EQ(backup({}, elsewhere(scratch_ / "another-machine")).exit_code, 0);

  EXPECT_EQ(verify().exit_code, kIncomplete);
  EXPECT_EQ(backup().exit_code, kIncomplete);
}

TEST_F(KnownVaultTest, AVerifyingMachineKnowsItToo) {
  const auto site = add_filled("site");
  const auto watcher = elsewhere(scratch_ / "watcher");
  backup();
  copy_vault(vault(), scratch_ / "copy");
  push_file(site, "second");
  backup();
  EXPECT_EQ(verify({}, watcher).exit_code, 0);
  set_back();

  EXPECT_EQ(verify({}, watcher).exit_code, kIncomplete);
  EXPECT_EQ(verify({}, watcher).exit_code, kIncomplete);
}

TEST_F(KnownVaultTest, WhereNothingCanBeKeptANoteSaysSoAndTheRunGoesOn) {
  add_filled("site");

  const auto result =
      backup({}, {{"XDG_STATE_HOME", ""}, {"HOME", "/dev/null"}});  // where nobody can make a folder

  EXPECT_EQ(result.exit_code, 0) << result.err;
  const auto note = result.err.find("note: what this machine knew of the vault cannot be read");
  EXPECT_NE(note, std::string::npos) << result.err;
  EXPECT_EQ(result.err.find("/dev/null/.local", result.err.find('\n', note)), std::string::npos);
}

TEST_F(KnownVaultTest, WithoutAHomeNothingIsKeptAndNothingSaid) {
  add_filled("site");

  const auto result = backup({}, {{"XDG_STATE_HOME", ""}, {"HOME", ""}});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, AllOf(Not(HasSubstr("knows")), Not(HasSubstr("knew")), HasSubstr("made a new")));
  EXPECT_FALSE(fs::exists(scratch_ / "state"));
}

TEST_F(KnownVaultTest, WhatIsDamagedOfItIsToldOfOnceAndMadeAgain) {
  add_filled("site");
  backup();
  std::ofstream(file_of_what_is_known(), std::ios::trunc) << "{";

  const auto first = backup();
  const auto second = backup();

  EXPECT_EQ(first.exit_code, 0);
  EXPECT_THAT(first.err, HasSubstr("note: what this machine knew of the vault cannot be read: "));
  EXPECT_THAT(second.err, Not(HasSubstr("note:")));
  unmount();
  EXPECT_EQ(backup().exit_code, kNothingDone);
}

// The home of the user that cron runs as may be the vault: what is in there is gone with it.
TEST_F(KnownVaultTest, NothingIsKeptInsideOfTheVault) {
  add_filled("site");

  const auto result = backup({}, {{"XDG_STATE_HOME", ""}, {"HOME", vault().string()}});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("is inside of it; XDG_STATE_HOME names another place"));
  EXPECT_FALSE(fs::exists(vault() / ".local"));
}

TEST_F(KnownVaultTest, AFirstRunThatWasKilledIsNoBackup) {
  add_filled("site");
  add_filled("tools", 2);
  const auto killed =
      backup({"--jobs", "1"},
             file_fault_environment(vault(), scratch_ / "calls",
                                    {.object = "*.json.zst", .operation = "rename", .action = "kill-after"}));
  ASSERT_EQ(killed.exit_code, kKilled);

  const auto result = verify();

  EXPECT_EQ(result.exit_code, kIncomplete);
  EXPECT_THAT(result.out, HasSubstr("no run for 127.0.0.1"));
  EXPECT_THAT(result.out, HasSubstr("has ever completed into this vault"));
  EXPECT_EQ(backup().exit_code, 0);
  EXPECT_EQ(verify().exit_code, 0);
}

TEST_F(KnownVaultTest, AFirstRunThatCouldNotEvenListLeavesNoVault) {
  ASSERT_EQ(backup({"--user", "nobody"}).exit_code, kNothingDone);

  EXPECT_EQ(verify().exit_code, kNothingDone);
  EXPECT_FALSE(fs::exists(vault()));
}

TEST_F(KnownVaultTest, AFirstRunThatWasKilledBeforeItsFirstObjectIsNoBackup) {
  add_filled("site");
  const auto killed = backup(
      {}, file_fault_environment(vault(), scratch_ / "calls",
                                 {.object = "README.txt", .operation = "rename", .action = "kill-after"}));
  ASSERT_EQ(killed.exit_code, kKilled);

  const auto result = verify();

  EXPECT_EQ(result.exit_code, kIncomplete);
  EXPECT_THAT(result.out, HasSubstr("\nno run has ever completed into this vault"));
}

TEST_F(KnownVaultTest, AnAccountThatIsHonestlyEmptyIsGood) {
  ASSERT_EQ(backup({"--user", "octo"}).exit_code, 0);

  const auto result = verify();

  EXPECT_EQ(result.exit_code, 0) << result.out;
  EXPECT_THAT(result.out, Not(HasSubstr("has ever completed")));
}

TEST_F(KnownVaultTest, WhatNoRunCouldSaveIsNamed) {
  add_filled("site");
  add_filled("tools", 2);
  github_.faults().add({.path = "/octo/tools.git"}, sim::Respond{403, {}, "no"}, sim::Fault::kForever);
  EXPECT_EQ(backup().exit_code, kIncomplete);
  EXPECT_EQ(backup().exit_code, kIncomplete);

  const auto text = verify();
  const auto json = verify({"--json"});

  EXPECT_EQ(text.exit_code, kIncomplete);
  EXPECT_THAT(text.out, AllOf(HasSubstr("\nnever saved: octo/tools, since 20"),
                              Not(HasSubstr("everything that was looked at is good"))));
  const auto runs = nlohmann::json::parse(json.out).at("runs");
  EXPECT_EQ(runs.at("good"), false);
  EXPECT_EQ(runs.at("never_saved").at(0).at("repository"), "octo/tools");

  github_.faults().clear();
  EXPECT_EQ(backup().exit_code, 0);
  EXPECT_EQ(verify().exit_code, 0);
}

TEST_F(KnownVaultTest, WhatWasSavedAndFailsNowIsALine) {
  const auto site = add_filled("site");
  add_filled("tools", 2);
  backup();
  push_file(site, "second");
  github_.faults().add({.path = "/octo/site.git"}, sim::Respond{403, {}, "no"}, sim::Fault::kForever);
  EXPECT_EQ(backup().exit_code, kIncomplete);

  const auto result = verify();

  EXPECT_EQ(result.exit_code, 0) << result.out;
  EXPECT_THAT(result.out, HasSubstr("octo/site: "));
  EXPECT_THAT(result.out, HasSubstr("what was saved before is there"));
}

TEST_F(KnownVaultTest, ACopyMakesItsTargetOnce) {
  add_filled("site");
  backup();
  const fs::path to = scratch_ / "to";
  const auto copy = [&](std::vector<std::string> arguments = {}) {
    arguments.insert(arguments.begin(), {"copy", vault().string(), to.string()});
    return hubkeep(std::move(arguments));
  };

  EXPECT_EQ(copy({"--must-exist"}).exit_code, kNothingDone);
  EXPECT_FALSE(fs::exists(to));
  const auto made = copy();
  EXPECT_EQ(made.exit_code, 0) << made.err;
  EXPECT_THAT(made.err, HasSubstr("made a new vault in " + to.string() + ", id " + id_of(to)));
  EXPECT_EQ(copy({"--must-exist", "--vault-id", id_of(to)}).exit_code, 0);
  EXPECT_EQ(copy({"--vault-id", id()}).exit_code, kNothingDone);

  fs::remove_all(to);
  fs::create_directory(to);
  const auto refused = copy();
  EXPECT_EQ(refused.exit_code, kNothingDone);
  EXPECT_THAT(refused.err, HasSubstr("is the disk mounted?"));
  EXPECT_THAT(content_of(to), IsEmpty());
}

}  // namespace
}  // namespace hubkeep
