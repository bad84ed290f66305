// What a run, a list and a restore print, for people and for programs, and with which exit code they end.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "e2e/end_to_end.h"

namespace hubkeep {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::Pair;

class ProgramOutput : public EndToEnd {
 protected:
  sim::RepositoryId add_filled(const std::string& name, unsigned seed = 1) {
    const auto id = add_repository(name);
    sim::make_repository_content(path_of(id), seed, 5, 3);
    pushed(id);
    return id;
  }

  struct TerminalResult {
    int exit_code = 0;
    std::string shown;
  };

  // Runs a backup whose standard error is a terminal, and returns what came to it.
  TerminalResult backup_on_terminal(const std::vector<std::string>& more = {}) {
    sim::FileDescriptor screen(::posix_openpt(O_RDWR | O_NOCTTY));
    EXPECT_TRUE(screen.valid());
    EXPECT_EQ(::grantpt(screen.get()), 0);
    EXPECT_EQ(::unlockpt(screen.get()), 0);
    sim::FileDescriptor terminal(::open(::ptsname(screen.get()), O_RDWR | O_NOCTTY));
    TerminalResult result;
    std::thread reader([&] {
      char buffer[4096];
      // Reading fails when the last one who could write has gone.
      for (ssize_t count = 0; (count = ::read(screen.get(), buffer, sizeof buffer)) > 0;)
        result.shown.append(buffer, static_cast<std::size_t>(count));
    });
    sim::ChildOptions options{
        .argv = {hubkeep_binary(), "backup", "--api-url", github_.api_url(), "--to", vault().string()},
        .cwd = scratch_.path(),
        .env = {{"TOKEN_GITHUB", token_}}};
    options.argv.insert(options.argv.end(), more.begin(), more.end());
    const auto nothing = sim::memory_file();
    const auto out = sim::memory_file();
    {
      sim::ChildProcess child(options, nothing, out, terminal);
      result.exit_code = child.wait();
    }
    terminal.close();
    reader.join();
    return result;
  }
};

std::vector<std::string> keys_of(const nlohmann::ordered_json& json) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  return keys;
}

TEST_F(ProgramOutput, MovesALineOnATerminal) {
  for (unsigned i = 0; i < 3; ++i) add_filled("r" + std::to_string(i), i);

  const auto result = backup_on_terminal({"--jobs", "1"});

  EXPECT_EQ(result.exit_code, 0) << result.shown;
  EXPECT_THAT(result.shown, HasSubstr("3 repositories to look at"));
  EXPECT_THAT(result.shown, HasSubstr("\r\x1b[K1 of 3 repositories, "));
  EXPECT_THAT(result.shown, HasSubstr("\r\x1b[K3 of 3 repositories, "));
  EXPECT_THAT(result.shown, AllOf(HasSubstr(" received, "), HasSubstr("KiB/s")));
  EXPECT_THAT(result.shown, HasSubstr("\r\x1b[Kocto/r1: saved"));
  // Nothing of the line is left at the end.
  EXPECT_THAT(result.shown.substr(result.shown.rfind("\r\x1b[K")), Not(HasSubstr("repositories")));
}

TEST_F(ProgramOutput, CountsWhatIsGoneAndWhatCannotBeHadInTheMovingLine) {
  const auto doomed = add_filled("doomed");
  add_filled("kept", 2);
  ASSERT_EQ(backup().exit_code, 0);
  world_.remove(doomed);

  const auto gone = backup_on_terminal();
  const auto missing = backup_on_terminal({"--repo", "octo/kept", "--repo", "octo/missing"});

  EXPECT_THAT(gone.shown, AllOf(HasSubstr("2 repositories to look at"), HasSubstr("2 of 2 repositories")));
  EXPECT_EQ(missing.exit_code, 3);
  EXPECT_THAT(missing.shown, AllOf(HasSubstr("octo/missing: failed"), HasSubstr("1 of 2 repositories")));
}

TEST_F(ProgramOutput, IsPlainLinesElsewhere) {
  add_filled("site");

  const auto result = backup();

  EXPECT_THAT(result.err, MatchesRegex("note: made a new vault in .*\n1 repository to look at\nocto/site: "
                                       "saved, [0-9]+ objects, .* received\n\n"));
  EXPECT_THAT(result.out,
              MatchesRegex("1 saved, 0 unchanged, 0 failed; .* received, .* stored; 1 API request, 2 git "
                           "requests; [0-9]+ s\n"));
}

TEST_F(ProgramOutput, IsOnlyTheResultWhenQuiet) {
  add_filled("site");

  const auto first = backup({"--quiet"});
  const auto result = backup_on_terminal({"--quiet"});
  const auto again = backup({"--quiet"});

  EXPECT_THAT(first.err, MatchesRegex("note: made a new vault in .*\n"));
  EXPECT_EQ(result.shown, "");
  EXPECT_EQ(again.err, "");
  EXPECT_THAT(again.out, HasSubstr("0 saved, 1 unchanged"));
}

TEST_F(ProgramOutput, OfABackupForProgramsHasTheseKeys) {
  add_filled("good");
  const auto blocked = add_filled("blocked", 2);
  world_.edit(blocked, [](sim::Repository& repository) { repository.block = sim::Block::dmca; });

  const auto result = backup({"--json"});

  EXPECT_EQ(result.exit_code, 3);
  const auto json = nlohmann::ordered_json::parse(result.out);
  EXPECT_THAT(keys_of(json),
              ElementsAre("run", "vault", "vault_is_new", "started", "finished", "stopped", "api_requests",
                          "stale_removed", "stale_removed_bytes", "left_over", "left_over_bytes", "problems",
                          "missed", "losses", "lost_for_good", "repositories"));
  for (const auto& outcome : json["repositories"]) {
    if (outcome["repository"] == "octo/good") {
      EXPECT_EQ(outcome["result"], "saved");
      EXPECT_THAT(keys_of(outcome), ElementsAre("repository", "id", "result", "snapshot", "requests",
                                                "bytes_received", "bytes_stored", "objects"));
    } else {
      EXPECT_EQ(outcome["result"], "failed");
      EXPECT_EQ(outcome["error"]["kind"], "forbidden");
      EXPECT_THAT(keys_of(outcome), ElementsAre("repository", "id", "result", "error", "requests",
                                                "bytes_received", "bytes_stored", "objects"));
    }
  }
}

TEST_F(ProgramOutput, OfALogForProgramsIsAnObjectToALine) {
  add_filled("good");
  const auto blocked = add_filled("blocked", 2);
  world_.edit(blocked, [](sim::Repository& repository) { repository.block = sim::Block::dmca; });

  const auto result = backup({"--log-format", "json"}, {{"HUBKEEP_TYPO", "x"}});
  const auto refused = hubkeep({"list", "octo/missing", "--log-format", "json", "--from", vault().string()});

  std::map<std::string, std::string> levels;
  std::istringstream lines(result.err);
  for (std::string line; std::getline(lines, line);) {
    const auto json = nlohmann::json::parse(line);
    EXPECT_TRUE(json.contains("time")) << line;
    levels[json.value("repository", json.value("event", "other"))] = json.at("level");
  }
  EXPECT_THAT(levels,
              ElementsAre(Pair("octo/blocked", "error"), Pair("octo/good", "info"), Pair("other", "warning"),
                          Pair("selected", "info"), Pair("vault", "warning")));
  EXPECT_EQ(nlohmann::json::parse(refused.err).at("level"), "error");
}

std::map<std::string, std::vector<nlohmann::json>> events_of(const std::string& log) {
  std::map<std::string, std::vector<nlohmann::json>> events;
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line);) {
    const auto json = nlohmann::json::parse(line);
    EXPECT_TRUE(json.contains("time") && json.contains("level") && json.contains("message")) << line;
    events[json.value("event", "other")].push_back(json);
  }
  return events;
}

TEST_F(ProgramOutput, OfALogForProgramsHasTheSameEventsWhenVerifyingAndCopying) {
  const auto site = add_filled("site");
  add_filled("tools", 2);
  ASSERT_EQ(backup().exit_code, 0);
  const auto bundle = folder_of(site) / "git" / (snapshots_of(folder_of(site)).at(0) + ".bundle");
  std::filesystem::remove(bundle);
  const std::string copied = (scratch_ / "copied").string();

  const auto verify =
      events_of(hubkeep({"verify", "--log-format", "json", "--verbose", "--from", vault().string()}).err);
  const auto copy = events_of(hubkeep({"copy", vault().string(), copied, "--log-format", "json"}).err);

  EXPECT_EQ(verify.at("selected").at(0).at("repositories"), 2);
  EXPECT_EQ(copy.at("selected").at(0).at("repositories"), 2);
  EXPECT_EQ(copy.at("vault").at(0).at("vault_is_new"), true);
  for (const auto* events : {&verify, &copy}) {
    ASSERT_EQ(events->at("repository").size(), 2U);
    for (const auto& repository : events->at("repository"))
      EXPECT_EQ(repository.at("level") == "error", repository.at("repository") == "octo/site") << repository;
  }
  ASSERT_EQ(verify.at("damage").size(), 1U);
  EXPECT_EQ(verify.at("damage").at(0).at("kind"), "missing");
  EXPECT_EQ(vault() / verify.at("damage").at(0).at("key").get<std::string>(), bundle);
}

TEST_F(ProgramOutput, OfALogForProgramsMarksTheNotesOfEveryCommand) {
  add_filled("site");
  ASSERT_EQ(backup().exit_code, 0);
  std::filesystem::remove(vault() / "catalog.jsonl.zst");

  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"list"}, {"restore", "octo/site", "out"}}) {
    std::vector<std::string> arguments = command;
    arguments.insert(arguments.end(), {"--log-format", "json", "--from", vault().string()});

    const auto notices = events_of(hubkeep(arguments).err)["notice"];

    ASSERT_EQ(notices.size(), 1U) << command.front();
    EXPECT_EQ(notices.front().at("level"), "warning");
    EXPECT_THAT(notices.front().at("message").get<std::string>(), HasSubstr("catalog"));
  }
}

TEST_F(ProgramOutput, OfAListForPeopleIsALineForEach) {
  add_filled("site");
  add_filled("Api", 2);
  ASSERT_EQ(backup().exit_code, 0);

  const auto all = hubkeep({"list", "--from", vault().string()});
  const auto one = hubkeep({"list", "octo/site", "--from", vault().string()});
  const auto missing = hubkeep({"list", "octo/missing", "--from", vault().string()});

  EXPECT_THAT(all.out, MatchesRegex("20.*Z +[0-9.]+ K?i?B  octo/Api\n20.*Z +[0-9.]+ K?i?B  octo/site\n"
                                    "vault [0-9a-f]+ in .*/vault\n"));
  EXPECT_THAT(one.out,
              MatchesRegex("20[0-9]{6}T[0-9]{6}Z-[0-9a-f]{6} +[0-9.]+ K?i?B in 3 objects  octo/site\n"));
  EXPECT_EQ(missing.exit_code, 1);
  EXPECT_THAT(missing.err, HasSubstr("the vault holds no repository octo/missing"));
}

TEST_F(ProgramOutput, OfAListAndARestoreForProgramsHasTheseKeys) {
  add_filled("site");
  ASSERT_EQ(backup().exit_code, 0);

  const auto all = hubkeep({"list", "--json", "--from", vault().string()});
  const auto one = hubkeep({"list", "octo/site", "--json", "--from", vault().string()});
  const auto restored = hubkeep({"restore", "octo/site", "out\xff", "--json", "--from", vault().string()});

  EXPECT_THAT(keys_of(nlohmann::ordered_json::parse(all.out)["repositories"][0]),
              ElementsAre("repository", "id", "host", "folder", "previous_names", "newest", "git",
                          "from_the_future", "gone_since", "not_proved", "size", "zip"));
  EXPECT_THAT(keys_of(nlohmann::ordered_json::parse(one.out)["snapshots"][0]),
              ElementsAre("snapshot", "made_at", "full_name", "git", "not_proved", "objects", "size"));
  EXPECT_EQ(restored.exit_code, 0) << restored.err;
  EXPECT_THAT(keys_of(nlohmann::ordered_json::parse(restored.out)["restored"][0]),
              ElementsAre("repository", "snapshot", "git", "folder"));
}

TEST_F(ProgramOutput, SaysItsVersionAndItsUsage) {
  for (const std::string how : {"--version", "version"}) {
    const auto version = hubkeep({how});
    EXPECT_EQ(version.exit_code, 0);
    EXPECT_THAT(version.out, MatchesRegex("hubkeep [0-9]+\\.[0-9]+\\.[0-9]+\n"));
  }
  const auto help = hubkeep({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.out, HasSubstr("hubkeep backup"));
  for (const std::vector<std::string>& wrong :
       std::vector<std::vector<std::string>>{{},
                                             {"backp"},
                                             {"backup", "--jobs", "0"},
                                             {"restore"},
                                             {"list", "a", "b"},
                                             {"backup", "--token", "x"}}) {
    const auto result = hubkeep(wrong);
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err, HasSubstr("try: hubkeep"));
  }
}

TEST_F(ProgramOutput, SaysWhatIsWrongWithASettingAsJsonWhereThatIsAskedFor) {
  const auto by_flag = hubkeep({"backup", "--log-format", "json", "--jobs", "0"});
  const auto by_variable = hubkeep({"backup", "--jobs", "0"}, {{"HUBKEEP_LOG_FORMAT", "json"}});
  const auto not_asked_for =
      hubkeep({"backup", "--log-format", "text", "--jobs", "0"}, {{"HUBKEEP_LOG_FORMAT", "json"}});

  for (const auto* result : {&by_flag, &by_variable}) {
    EXPECT_EQ(result->exit_code, 2);
    std::istringstream lines(result->err);
    for (std::string line; std::getline(lines, line);) EXPECT_TRUE(nlohmann::json::accept(line)) << line;
  }
  EXPECT_THAT(not_asked_for.err, HasSubstr("hubkeep: --jobs"));
}

// Names, times and sizes of all that lies below a folder.
std::map<std::string, std::string> files_below(const std::filesystem::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file())
      files[entry.path().string()] = std::to_string(entry.file_size()) + " " +
                                     std::to_string(entry.last_write_time().time_since_epoch().count());
  return files;
}

TEST_F(ProgramOutput, OfADryRunSaysWhatIsNewAndMakesNoVault) {
  remembers_vaults_ = true;
  add_filled("site");

  const auto people = backup({"--dry-run"});
  const auto programs = backup({"--dry-run", "--json"});

  EXPECT_EQ(people.exit_code, 0) << people.err;
  EXPECT_THAT(people.out, MatchesRegex("octo/site: new, about [0-9.]+ [KMG]?i?B: git\n"
                                       "1 repository to look at, 1 of them new; 0 unchanged\n"
                                       "about .* of new histories, as GitHub estimates them\n"
                                       "at least [12] requests?, beside [0-9]+ for this list\n"
                                       "nothing was written; a run would make a vault in .*/vault\n"));
  EXPECT_EQ(programs.exit_code, 0) << programs.err;
  const auto json = nlohmann::ordered_json::parse(programs.out);
  EXPECT_EQ(json["dry_run"], true);
  EXPECT_EQ(json["vault_is_new"], true);
  EXPECT_EQ(json["repositories"][0]["repository"], "octo/site");
  EXPECT_EQ(github_.count(sim::RequestKind::git), 0U);
  EXPECT_FALSE(std::filesystem::exists(vault()));
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "state"));
}

TEST_F(ProgramOutput, OfADryRunOnlyReadsAVaultThatIsThere) {
  const auto site = add_filled("site");
  add_filled("as-before", 2);
  ASSERT_EQ(backup().exit_code, 0);
  push_file(site, "news");
  add_filled("new", 3);
  const auto before = files_below(vault());
  const auto git_requests = github_.count(sim::RequestKind::git);

  const auto result = backup({"--dry-run"});
  const auto missing = backup({"--dry-run", "--repo", "octo/site", "--repo", "octo/missing"});
  const auto nothing = backup({"--dry-run", "--repo", "octo/missing"});
  const auto repair = backup({"--dry-run", "--repair", "findings.json"});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out,
              AllOf(HasSubstr("octo/new: new, about "), HasSubstr("octo/site: git (the listing differs)\n"),
                    HasSubstr("2 repositories to look at, 1 of them new; 1 unchanged\n"),
                    HasSubstr("; not known: what is new in 1 repository that is known\n"),
                    HasSubstr("a run would write into "), Not(HasSubstr("octo/as-before"))));
  EXPECT_EQ(missing.exit_code, 3) << missing.err;
  EXPECT_THAT(missing.out, HasSubstr("octo/missing: failed: "));
  EXPECT_EQ(nothing.exit_code, backup({"--repo", "octo/missing"}).exit_code) << nothing.err;
  EXPECT_EQ(repair.exit_code, 1) << repair.err;
  EXPECT_EQ(files_below(vault()), before);
  EXPECT_EQ(github_.count(sim::RequestKind::git), git_requests);
}

TEST_F(ProgramOutput, OfADryRunFailsWhereABackupCouldNotBegin) {
  add_filled("site");

  const auto elsewhere = backup({"--dry-run", "--must-exist"});
  const auto listing = backup({"--dry-run"}, {{"TOKEN_GITHUB", "ghp_wrong"}});

  EXPECT_EQ(elsewhere.exit_code, 1) << elsewhere.err;
  EXPECT_THAT(elsewhere.err, HasSubstr("there is no vault in"));
  EXPECT_EQ(listing.exit_code, 1) << listing.err;
  EXPECT_FALSE(std::filesystem::exists(vault()));
}

TEST_F(ProgramOutput, ASecretThatCannotBeReadIsNoWrongUsage) {
  const auto result = backup({"--secret-id", "github"},
                             {{"AWS_EC2_METADATA_DISABLED", "true"}, {"AWS_REGION", "eu-central-1"}});

  EXPECT_EQ(result.exit_code, 1) << result.err;
  EXPECT_THAT(result.err, AllOf(HasSubstr("the secret github"), Not(HasSubstr("try:"))));
}

}  // namespace
}  // namespace hubkeep
