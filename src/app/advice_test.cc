#include "app/advice.h"

#include <gtest/gtest.h>

namespace hubkeep {
namespace {

TEST(FlagWords, RepeatsAFlagThatWasRepeated) {
  EXPECT_EQ(flag_words(Command::backup, {{"repo", {"a/b", "c/d"}}}), "--repo a/b --repo c/d");
}

TEST(VaultFlags, AreTheWayToTheVaultAndNothingElse) {
  Settings settings;
  settings.flags = {{"to", {"elsewhere"}},      {"endpoint-url", {"http://127.0.0.1:1"}},
                    {"region", {"eu-west-1"}},  {"config", {"my.toml"}},
                    {"read-data", {"true"}},    {"org", {"acme"}},
                    {"s3-bucket", {"other"}},   {"ca-file", {"ca.pem"}},
                    {"s3-ca-file", {"s3.pem"}}, {"secret-id", {"settings"}}};

  EXPECT_EQ(flag_words(Command::verify, reading_flags(settings, "s3://b/p")),
            "--from s3://b/p --endpoint-url http://127.0.0.1:1 --region eu-west-1 --ca-file ca.pem "
            "--s3-ca-file s3.pem "
            "--secret-id settings --config my.toml");
  EXPECT_TRUE(
      flag_words(Command::backup, writing_flags(settings, "s3://b/p")).starts_with("--to s3://b/p --"));
}

}  // namespace
}  // namespace hubkeep
