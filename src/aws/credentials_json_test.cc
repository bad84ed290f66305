#include "aws/credentials_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_of.h"

namespace hubkeep {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(ParseCredentialsJson, ReadsBothNamesOfTheToken) {
  const auto of_metadata = parse_credentials_json(
      R"({"AccessKeyId":"ID","SecretAccessKey":"S","Token":"T","Expiration":"2026-11-23T18:45:01Z"})",
      "here");
  const auto of_process = parse_credentials_json(
      R"({"Version":1,"AccessKeyId":"ID","SecretAccessKey":"S","SessionToken":"T"})", "here");

  EXPECT_EQ(of_metadata.access_key_id, "ID");
  EXPECT_EQ(of_metadata.secret_access_key.reveal(), "S");
  EXPECT_EQ(of_metadata.session_token.reveal(), "T");
  EXPECT_EQ(of_metadata.expires_at, parse_time("20261123T184501Z"));
  EXPECT_EQ(of_process.session_token.reveal(), "T");
  EXPECT_EQ(of_process.expires_at, std::nullopt);
}

TEST(ParseCredentialsJson, RefusesTheRestWithoutRepeatingIt) {
  for (const char* text :
       {"", "hunter2", "[\"hunter2\"]", R"({"AccessKeyId":"hunter2"})", R"({"SecretAccessKey":"hunter2"})",
        R"({"AccessKeyId":1,"SecretAccessKey":"hunter2"})",
        R"({"AccessKeyId":"ID","SecretAccessKey":"hunter2","Expiration":"hunter2"})"}) {
    SCOPED_TRACE(text);
    const Error error = error_of([&] { parse_credentials_json(text, "the source"); });

    EXPECT_EQ(error.kind(), ErrorKind::corrupt);
    EXPECT_THAT(error.message(), HasSubstr("the source gave "));
    EXPECT_THAT(error.message(), Not(HasSubstr("hunter2")));
  }
}

TEST(ParseAwsTime, TakesAllFormsInUse) {
  const auto expected = parse_time("20261123T184501Z");

  for (const char* text :
       {"2026-11-23T18:45:01Z", "2026-11-23T18:45:01.123Z", "2026-11-23T18:45:01UTC",
        "2026-11-23T18:45:01+00:00", "2026-11-23T19:45:01+01:00", "2026-11-23T11:15:01.5-0730"}) {
    EXPECT_EQ(parse_aws_time(text), expected) << text;
  }
}

TEST(ParseAwsTime, RefusesOtherTexts) {
  for (const char* text : {"", "2026-11-23", "2026-11-23T18:45:01", "2026-11-23T18:45:01.",
                           "2026-11-23 18:45:01Z", "2026-11-23T18:45:01+1", "2026-11-23T18:45:01+0-30",
                           "2026-11-23T18:45:01ZZ", "yyyy-mm-ddThh:mm:ssZ"}) {
    EXPECT_EQ(parse_aws_time(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace hubkeep
