#include "app/advice.h"

#include <gtest/gtest.h>

namespace hubkeep {
namespace {

TEST(CommandLine, RepeatsWhatWasTyped) {
  const FlagValues flags = {{"read-data", {"true"}}, {"from", {"/srv/vault"}}, {"jobs", {"2"}}};

  EXPECT_EQ(command_line(Command::verify, flags, {"acme/site"}),
            "hubkeep verify --from /srv/vault --read-data --jobs 2 acme/site");
}

TEST(CommandLine, LeavesOutWhatTheCommandDoesNotTake) {
  EXPECT_EQ(command_line(Command::rebuild_catalog, {{"read-data", {"true"}}, {"from", {"v"}}}),
            "hubkeep rebuild-catalog --from v");
}

TEST(CommandLine, IsOneForAShell) {
  const FlagValues flags = {{"from", {"/my vault/it's\n1"}}, {"read-data", {"false"}}};

  EXPECT_EQ(command_line(Command::verify, flags, {"acme/a b"}),
            "hubkeep verify --from \"$(printf '/my vault/it'\\''s\\0121')\" --read-data=false 'acme/a b'");
}

TEST(CommandLine, TakesNoValueForAFlag) {
  EXPECT_EQ(command_line(Command::list, {{"from", {"-v"}}}, {"-x/y"}), "hubkeep list --from=-v -- -x/y");
}

TEST(CommandLine, RepeatsAFlagThatWasRepeated) {
  EXPECT_EQ(flag_words(Command::backup, {{"repo", {"a/b", "c/d"}}}), "--repo a/b --repo c/d");
}

TEST(VaultFlags, AreTheWayToTheVaultAndNothingElse) {
  Settings settings;
  settings.flags = {{"to", {"elsewhere"}},      {"endpoint-url", {"http://127.0.0.1:1"}},
                    {"region", {"eu-west-1"}},  {"config", {"my.toml"}},
                    {"read-data", {"true"}},    {"org", {"acme"}},
                    {"s3-bucket", {"other"}},   {"ca-file", {"ca.pem"}},
                    {"secret-id", {"settings"}}};

  EXPECT_EQ(flag_words(Command::verify, reading_flags(settings, "s3://b/p")),
            "--from s3://b/p --endpoint-url http://127.0.0.1:1 --region eu-west-1 --ca-file ca.pem "
            "--secret-id settings --config my.toml");
  EXPECT_TRUE(
      flag_words(Command::backup, writing_flags(settings, "s3://b/p")).starts_with("--to s3://b/p --"));
}

}  // namespace
}  // namespace hubkeep
