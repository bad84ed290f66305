#include "app/secret_source.h"

#include <gmock/gmock.h>

#include "base/error_of.h"

namespace hubkeep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;

Environment parse(const std::string& text) {
  return parse_secret(Secret(text, "a test"));
}

TEST(ParseSecret, ReadsTheOlderScriptsSecret) {
  EXPECT_THAT(parse(R"({"TOKEN_GITHUB":"ghp_x","BACKUP_ONLY_OWNER_REPOS":"True","BACKUP_S3_BUCKET":"b"})"),
              ElementsAre(Pair("BACKUP_ONLY_OWNER_REPOS", "True"), Pair("BACKUP_S3_BUCKET", "b"),
                          Pair("TOKEN_GITHUB", "ghp_x")));
}

TEST(ParseSecret, TakesBooleansAndNumbers) {
  EXPECT_THAT(parse(R"({"BACKUP_ZIP":true,"HUBKEEP_JOBS":4})"),
              ElementsAre(Pair("BACKUP_ZIP", "true"), Pair("HUBKEEP_JOBS", "4")));
}

TEST(ParseSecret, TakesNullForNotSet) {
  EXPECT_THAT(parse(R"({"BACKUP_S3_PREFIX":null})"), IsEmpty());
}

TEST(ParseSecret, NeverRepeatsWhatItCannotRead) {
  const std::string deep(100, '[');
  for (const std::string text : {"ghp_secret", "", "[1]", R"({"TOKEN_GITHUB":"ghp_secret")",
                                 R"({"TOKEN_GITHUB":{"ghp_secret":1}})", "\"ghp_secret\"", deep.c_str()}) {
    SCOPED_TRACE(text);
    const Error error = error_of([&] { parse(text); });

    EXPECT_EQ(error.kind(), ErrorKind::invalid);
    EXPECT_THAT(error.message(), Not(HasSubstr("ghp_secret")));
  }
}

}  // namespace
}  // namespace hubkeep
