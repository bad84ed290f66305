#include "cli/arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/arguments_help.h"

namespace hubkeep {
namespace {

using testing::HasSubstr;
using testing::Not;
using Words = std::vector<std::string>;

Arguments parse(const Words& words) {
  std::vector<const char*> argv = {"hubkeep"};
  for (const std::string& word : words) argv.push_back(word.c_str());
  return parse_arguments(static_cast<int>(argv.size()), argv.data());
}

CommandCall call(const Words& words) {
  const Arguments arguments = parse(words);
  if (const auto* error = std::get_if<UsageError>(&arguments)) {
    ADD_FAILURE() << error->message;
    return {};
  }
  return std::get<CommandCall>(arguments);
}

std::string refusal(const Words& words) {
  const Arguments arguments = parse(words);
  const auto* error = std::get_if<UsageError>(&arguments);
  if (error == nullptr) return "accepted";
  EXPECT_THAT(error->message, Not(HasSubstr("\n")));
  return error->message;
}

TEST(Arguments, TakeSettingsAsTheyAreTyped) {
  const CommandCall backup = call({"backup", "--user", "a", "--user=b", "--jobs", "4", "--only-owner",
                                   "--skip-forks=false", "--to", "x"});

  EXPECT_EQ(backup.command->name, "backup");
  EXPECT_EQ(backup.flags, (FlagValues{{"user", {"a", "b"}},
                                      {"jobs", {"4"}},
                                      {"only-owner", {"true"}},
                                      {"skip-forks", {"false"}},
                                      {"to", {"x"}}}));
}

TEST(Arguments, LeaveTheCheckOfValuesToTheSettings) {
  EXPECT_EQ(call({"backup", "--only-owner=maybe", "--jobs", "-1"}).flags,
            (FlagValues{{"only-owner", {"maybe"}}, {"jobs", {"-1"}}}));
}

TEST(Arguments, TakeFlagsOfEveryCommandBeforeOrAfterIt) {
  const FlagValues expected = {{"json", {"true"}}, {"config", {"c.toml"}}};
  for (const char* command : {"backup", "list"}) {
    EXPECT_EQ(call({command, "--json", "--config", "c.toml"}).flags, expected);
    EXPECT_EQ(call({"--json", "--config=c.toml", command}).flags, expected);
    EXPECT_EQ(call({"--json", command, "--config", "c.toml"}).flags, expected);
  }
}

TEST(Arguments, KeepEveryValueOfARepeatedFlag) {
  EXPECT_EQ(call({"backup", "--to", "a", "--to", "b"}).flags, (FlagValues{{"to", {"a", "b"}}}));
  EXPECT_EQ(call({"backup", "--only-owner", "--only-owner=false"}).flags,
            (FlagValues{{"only-owner", {"true", "false"}}}));
}

TEST(Arguments, TakeOddValuesAsTheyAre) {
  for (const std::string value : {"[a,b]", "a b", "'x'", "\"x\"", "a=b", "%", "backup", "{x}", "-x"})
    EXPECT_EQ(call({"backup", "--to", value}).flags, (FlagValues{{"to", {value}}})) << value;
}

TEST(Arguments, OfListNameARepository) {
  EXPECT_TRUE(call({"list"}).repositories.empty());
  EXPECT_EQ(call({"list", "acme/site", "--from", "v"}).repositories, std::vector<std::string>{"acme/site"});
  EXPECT_EQ(refusal({"list", "site"}), "'site' is not OWNER/NAME, nor gist:ID");
  EXPECT_EQ(refusal({"list", "a/b", "c/d"}), "unexpected argument 'c/d'");
}

TEST(Arguments, OfRestoreNameRepositoryAndFolder) {
  const CommandCall one = call({"restore", "acme/site", "--at", "2026-11-23T18:45:01Z"});
  EXPECT_EQ(one.repositories, std::vector<std::string>{"acme/site"});
  EXPECT_EQ(one.words, Words{});
  EXPECT_TRUE(one.plain_flags.empty());
  EXPECT_EQ(one.flags, (FlagValues{{"at", {"2026-11-23T18:45:01Z"}}}));

  const CommandCall into = call({"restore", "--mirror", "acme/site", "[dir]"});
  EXPECT_EQ(into.repositories, std::vector<std::string>{"acme/site"});
  EXPECT_EQ(into.words, Words{"[dir]"});
  EXPECT_THAT(into.plain_flags, testing::ElementsAre("mirror"));

  EXPECT_EQ(call({"restore", "acme/site", "--bare", "--", "-dir"}).words, Words{"-dir"});
}

TEST(Arguments, OfRestoreAllNameAFolder) {
  const CommandCall all = call({"restore", "--all", "backup"});

  EXPECT_TRUE(all.has("all"));
  EXPECT_TRUE(all.repositories.empty());
  EXPECT_EQ(all.words, Words{"backup"});
}

TEST(Arguments, OfVerifyAreAnyNumberOfRepositories) {
  EXPECT_TRUE(call({"verify", "--read-data"}).repositories.empty());
  EXPECT_EQ(call({"verify", "a/b", "c/d", "--from", "v", "e/f", "g/h"}).repositories,
            (std::vector<std::string>{"a/b", "c/d", "e/f", "g/h"}));
  EXPECT_EQ(refusal({"verify", "a/b", "c/d", "e"}), "'e' is not OWNER/NAME, nor gist:ID");
  EXPECT_EQ(refusal({"verify", "a/b", "c/d", "e/f", "--nonsense"}), "unknown flag '--nonsense'");
}

TEST(Arguments, OfCopyAreTwoVaultsAndRepositories) {
  const CommandCall all = call({"copy", "here", "s3://b/p", "--jobs", "2"});
  EXPECT_EQ(all.vaults, (Words{"here", "s3://b/p"}));
  EXPECT_TRUE(all.repositories.empty());
  EXPECT_EQ(call({"copy", "here", "there", "a/b", "c/d"}).repositories,
            (std::vector<std::string>{"a/b", "c/d"}));
  EXPECT_EQ(refusal({"copy", "here"}), "copy needs two vaults: hubkeep copy FROM TO");
  EXPECT_EQ(refusal({"copy", "here", ""}), "the name of a vault is empty");
  EXPECT_EQ(refusal({"copy", "here", "there", "x"}), "'x' is not OWNER/NAME, nor gist:ID");
}

TEST(Arguments, OfRebuildCatalogAreNone) {
  EXPECT_EQ(call({"rebuild-catalog"}).command->name, "rebuild-catalog");
  EXPECT_EQ(refusal({"rebuild-catalog", "a/b"}), "unexpected argument 'a/b'");
}

TEST(Arguments, OfRestoreMustBeComplete) {
  EXPECT_EQ(refusal({"restore"}), "restore needs a repository: hubkeep restore OWNER/NAME");
  EXPECT_EQ(refusal({"restore", "--all"}), "restore --all needs one folder: hubkeep restore --all DIR");
  EXPECT_EQ(refusal({"restore", "--all", "a/b", "c"}),
            "restore --all needs one folder: hubkeep restore --all DIR");
  EXPECT_EQ(refusal({"restore", "site"}), "'site' is not OWNER/NAME, nor gist:ID");
  EXPECT_EQ(refusal({"restore", "a/b", "c", "d"}), "unexpected argument 'd'");
  EXPECT_EQ(refusal({"restore", "a/b", ""}), "the folder to restore into is empty");
  EXPECT_EQ(refusal({"restore", "a/b", "--bare", "--mirror"}), "--bare and --mirror exclude each other");
}

TEST(Arguments, NeedACommand) {
  EXPECT_EQ(refusal({}), "no command given; backup, list and restore are the main ones");
  EXPECT_EQ(refusal({"--json"}), "no command given; backup, list and restore are the main ones");
  EXPECT_EQ(refusal({"bakup"}), "unknown command 'bakup'; did you mean 'backup'?");
  EXPECT_EQ(refusal({"frobnicate"}), "unknown command 'frobnicate'");
  EXPECT_EQ(refusal({"\x1b[31m"}), "unknown command '\\x1b[31m'");
}

TEST(Arguments, RefuseUnknownFlagsWithTheNearest) {
  EXPECT_EQ(refusal({"backup", "--onyl-owner"}), "unknown flag '--onyl-owner'; did you mean '--only-owner'?");
  EXPECT_EQ(refusal({"backup", "--job=4"}), "unknown flag '--job'; did you mean '--jobs'?");
  EXPECT_EQ(refusal({"backup", "--no-only-owner"}),
            "unknown flag '--no-only-owner'; did you mean '--only-owner=false'?");
  EXPECT_EQ(refusal({"backup", "--frobnicate"}), "unknown flag '--frobnicate'");
  EXPECT_EQ(refusal({"backup", "-x"}), "unknown flag '-x'");
  EXPECT_EQ(refusal({"restore", "a/b", "--miror"}), "unknown flag '--miror'; did you mean '--mirror'?");
}

TEST(Arguments, RefuseFlagsOfOtherCommands) {
  EXPECT_EQ(refusal({"list", "--user", "a"}), "--user is a flag of 'hubkeep backup', not of 'hubkeep list'");
  EXPECT_EQ(refusal({"backup", "--from", "a"}),
            "--from is a flag of 'hubkeep list', not of 'hubkeep backup'");
  EXPECT_EQ(refusal({"list", "--all"}), "--all is a flag of 'hubkeep restore', not of 'hubkeep list'");
  EXPECT_EQ(refusal({"restore", "a/b", "--to", "c"}),
            "--to is a flag of 'hubkeep backup', not of 'hubkeep restore'; the vault to read is --from");
}

TEST(Arguments, RefuseFlagsOfACommandBeforeIt) {
  EXPECT_EQ(refusal({"--from", "v", "list"}), "--from must come after the command: hubkeep list --from");
  EXPECT_EQ(refusal({"--user", "a"}), "--user needs a command before it, as in hubkeep backup --user");
}

TEST(Arguments, RefuseFlagsWithoutTheirValue) {
  EXPECT_EQ(refusal({"backup", "--to"}), "--to needs a value");
  EXPECT_EQ(refusal({"backup", "--to", "--json"}), "--to needs a value");
  EXPECT_EQ(refusal({"backup", "--to=", "--json"}), "--to is empty");
  EXPECT_EQ(refusal({"list", "--config"}), "--config needs a value");
}

TEST(Arguments, RefuseATokenWithoutShowingIt) {
  for (const Words& words :
       {Words{"backup", "--token", "ghp_abc"}, Words{"backup", "--token=ghp_abc"},
        Words{"--token", "ghp_abc", "backup"}, Words{"list", "--token=ghp_abc"}, Words{"backup", "--token"}})
    EXPECT_EQ(refusal(words),
              "--token cannot be given on the command line, where every user of this machine can see it; set "
              "TOKEN_GITHUB or use --token-file FILE");
  EXPECT_THAT(refusal({"backup", "--tokn", "ghp_abc"}), Not(HasSubstr("ghp_")));
  EXPECT_THAT(refusal({"backup", "--tokn=ghp_abc"}), Not(HasSubstr("ghp_")));
  EXPECT_EQ(call({"backup", "--token-file", "/t"}).flags, (FlagValues{{"token-file", {"/t"}}}));
}

TEST(Arguments, RefuseWhatFollowsTheLastArgument) {
  EXPECT_EQ(refusal({"backup", "acme"}), "unexpected argument 'acme'");
  EXPECT_EQ(refusal({"version", "x"}), "unexpected argument 'x'");
  EXPECT_EQ(refusal({"help", "backup", "x"}), "unexpected argument 'x'");
}

TEST(Arguments, HintAtTheHelpOfTheCommand) {
  EXPECT_EQ(std::get<UsageError>(parse({"backup", "--x"})).hint, "hubkeep backup --help");
  EXPECT_EQ(std::get<UsageError>(parse({"bakup"})).hint, "hubkeep --help");
  EXPECT_EQ(usage_hint(restore_command()), "hubkeep restore --help");
}

TEST(Arguments, AskForHelpInManyWays) {
  for (const Words& words :
       {Words{"help"}, Words{"--help"}, Words{"-h"}, Words{"help", "help"}, Words{"help", "--help"}})
    EXPECT_EQ(std::get<HelpRequest>(parse(words)).text, overview_help());
  for (const Words& words : {Words{"help", "restore"}, Words{"restore", "--help"}, Words{"--help", "restore"},
                             Words{"restore", "a/b", "-h", "--frobnicate"}})
    EXPECT_EQ(std::get<HelpRequest>(parse(words)).text, command_help(restore_command()));
  EXPECT_EQ(refusal({"help", "bakup"}), "unknown command 'bakup'; did you mean 'backup'?");
}

TEST(Arguments, AskForTheVersion) {
  EXPECT_TRUE(std::holds_alternative<VersionRequest>(parse({"--version"})));
  EXPECT_TRUE(std::holds_alternative<VersionRequest>(parse({"version"})));
}

TEST(CommandLine, RepeatsWhatWasTyped) {
  const FlagValues flags = {{"read-data", {"true"}}, {"from", {"/srv/vault"}}, {"jobs", {"2"}}};

  EXPECT_EQ(command_line("verify", flags, {"acme/site"}),
            "hubkeep verify --from /srv/vault --read-data --jobs 2 acme/site");
}

TEST(CommandLine, LeavesOutWhatTheCommandDoesNotTake) {
  EXPECT_EQ(command_line("rebuild-catalog", {{"read-data", {"true"}}, {"from", {"v"}}}),
            "hubkeep rebuild-catalog --from v");
}

TEST(CommandLine, IsOneForAShell) {
  const FlagValues flags = {{"from", {"/my vault/it's\n1"}}, {"read-data", {"false"}}};

  EXPECT_EQ(command_line("verify", flags, {"acme/a b"}),
            "hubkeep verify --from \"$(printf '/my vault/it'\\''s\\0121')\" --read-data=false 'acme/a b'");
}

TEST(CommandLine, TakesNoValueForAFlag) {
  EXPECT_EQ(command_line("list", {{"from", {"-v"}}}, {"-x/y"}), "hubkeep list --from=-v -- -x/y");
}

TEST(Arguments, MayBeMissingAltogether) {
  const char* const none[] = {nullptr};
  EXPECT_TRUE(std::holds_alternative<UsageError>(parse_arguments(0, none)));
}

}  // namespace
}  // namespace hubkeep
