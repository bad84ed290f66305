#include "store/s3/s3_fallback.h"

#include <gmock/gmock.h>

namespace hubkeep {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

const S3Action kAction{"s3:PutObject", "b/k"};

S3Refusal refusal(int status, const std::string& code) {
  return {.status = status,
          .code = code,
          .message = "Because",
          .region = {},
          .request_id = {},
          .content_type = {}};
}

S3Refusal wordless(int status) {
  S3Refusal refusal;
  refusal.status = status;
  refusal.is_empty = true;
  return refusal;
}

S3Extension header(S3Feature feature, const std::string& name) {
  return {.feature = feature, .with = {.headers = {{name, "1"}}, .query = {}}};
}

/// A request that goes out until it is answered well or there is nothing left to try.
class Fallback : public ::testing::Test {
 protected:
  /// The names of what was sent, joined, one text for each time; `answers` are what the server says.
  std::vector<std::string> send(const std::vector<S3Refusal>& answers) {
    std::vector<std::string> sent;
    S3Fallback fallback(server_, extensions_);
    for (const S3Refusal& answer : answers) {
      std::string names;
      for (const auto& [name, value] : fallback.addition("body").headers) names += name;
      sent.push_back(names);
      if (answer.status == 200) {
        fallback.went_well(true);
        return sent;
      }
      if (!fallback.goes_on_after(answer)) {
        verdict_ = fallback.verdict(answer, kAction).message();
        return sent;
      }
    }
    ADD_FAILURE() << "there are fewer answers than requests";
    return sent;
  }

  S3Server server_{false};
  std::vector<S3Extension> extensions_ = {header(S3Feature::upload_checksums, "a"),
                                          header(S3Feature::whole_checksums, "b")};
  std::string verdict_;
};

const S3Refusal kGood{.status = 200};
const S3Refusal kUnknown = refusal(501, "NotImplemented");

TEST_F(Fallback, LeavesOutOneAfterTheOtherAndThenAll) {
  EXPECT_THAT(send({kUnknown, kUnknown, kUnknown, kUnknown}), ElementsAre("ab", "a", "b", ""));
  EXPECT_EQ(server_.knows(S3Feature::upload_checksums), Known::unknown);
  EXPECT_EQ(server_.knows(S3Feature::whole_checksums), Known::unknown);
}

TEST_F(Fallback, LearnsFromWhatGoesWellAndRemembersIt) {
  EXPECT_THAT(send({kUnknown, kGood}), ElementsAre("ab", "a"));

  EXPECT_TRUE(server_.lacks(S3Feature::whole_checksums));
  EXPECT_TRUE(server_.has(S3Feature::upload_checksums));
  EXPECT_THAT(send({kGood}), ElementsAre("a"));
}

TEST_F(Fallback, PutsInWhatStandsInForIt) {
  extensions_ = {header(S3Feature::checksums, "a")};
  extensions_[0].without = [](std::string_view body) {
    return S3Addition{.headers = {{"instead of " + std::string(body), ""}}, .query = {}};
  };

  EXPECT_THAT(send({refusal(400, "InvalidArgument"), kGood}), ElementsAre("a", "instead of body"));
}

TEST_F(Fallback, TakesOneAnswerWithoutWordsForNoLack) {
  extensions_ = {header(S3Feature::checksums, "a")};

  EXPECT_THAT(send({wordless(400), kGood}), ElementsAre("a", ""));
  EXPECT_EQ(server_.knows(S3Feature::checksums), Known::unknown);
  EXPECT_THAT(send({wordless(400), kGood}), ElementsAre("a", ""));
  EXPECT_TRUE(server_.lacks(S3Feature::checksums));
}

TEST_F(Fallback, TakesSomeAnswersWithoutWordsNowAndThenForNoLack) {
  extensions_ = {header(S3Feature::checksums, "a")};

  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(send({wordless(400), kGood}), ElementsAre("a", ""));
    EXPECT_THAT(send({kGood}), ElementsAre("a"));
  }
  EXPECT_TRUE(server_.has(S3Feature::checksums));
}

// MinIO insists on the checksum of each part of an upload that has some.
TEST_F(Fallback, TriesAgainWhatWasRefusedWithoutWordsAndWithoutWhatIsKnown) {
  extensions_ = {header(S3Feature::upload_checksums, "a")};
  const auto verdict = [&] {
    S3Fallback fallback(server_, extensions_);
    EXPECT_TRUE(fallback.goes_on_after(wordless(400)));
    return fallback.verdict(refusal(400, "InvalidArgument"), kAction).kind();
  };

  EXPECT_EQ(verdict(), ErrorKind::invalid);
  server_.learn(S3Feature::upload_checksums, Known::yes);
  EXPECT_EQ(verdict(), ErrorKind::transient);
}

TEST_F(Fallback, TakesASignatureThatDoesNotMatchTwice) {
  extensions_ = {header(S3Feature::checksums, "a")};
  const auto mismatch = refusal(403, "SignatureDoesNotMatch");

  EXPECT_THAT(send({mismatch, kGood}), ElementsAre("a", ""));
  EXPECT_EQ(server_.knows(S3Feature::checksums), Known::unknown);
  EXPECT_THAT(send({mismatch, kGood}), ElementsAre("a", ""));
  EXPECT_TRUE(server_.lacks(S3Feature::checksums));
}

TEST_F(Fallback, TellsTheFirstRefusalWhereNothingHelps) {
  extensions_ = {header(S3Feature::checksums, "a")};
  const auto mismatch = refusal(403, "SignatureDoesNotMatch");

  EXPECT_THAT(send({mismatch, mismatch}), ElementsAre("a", ""));

  EXPECT_EQ(verdict_,
            "s3:PutObject on b/k: SignatureDoesNotMatch (HTTP 403): Because. The credentials were not "
            "accepted.");
  EXPECT_EQ(server_.knows(S3Feature::checksums), Known::unknown);
}

TEST_F(Fallback, TellsASecondReasonAfterTheFirst) {
  extensions_ = {header(S3Feature::checksums, "a")};

  send({refusal(400, "InvalidArgument"), refusal(403, "AccessDenied")});

  EXPECT_EQ(verdict_,
            "s3:PutObject on b/k: InvalidArgument (HTTP 400): Because. Without x-amz-checksum-crc32 the "
            "server says: AccessDenied (HTTP 403): Because");
}

TEST_F(Fallback, LearnsNothingWhereTheSecondAnswerPasses) {
  extensions_ = {header(S3Feature::checksums, "a")};

  send({refusal(400, "InvalidArgument"), refusal(503, "SlowDown")});

  EXPECT_THAT(verdict_, HasSubstr("SlowDown"));
  EXPECT_EQ(server_.knows(S3Feature::checksums), Known::unknown);
}

TEST_F(Fallback, IsForNoOtherRefusal) {
  for (const auto& [status, code] : std::vector<std::pair<int, std::string>>{{503, "SlowDown"},
                                                                             {500, "InternalError"},
                                                                             {403, "AccessDenied"},
                                                                             {404, "NoSuchBucket"},
                                                                             {400, "ExpiredToken"},
                                                                             {400, "RequestTimeout"},
                                                                             {412, "PreconditionFailed"}}) {
    EXPECT_THAT(send({refusal(status, code)}), ElementsAre("ab")) << code;
    EXPECT_THAT(verdict_, HasSubstr(code));
  }
  S3Refusal page = wordless(400);
  page.is_empty = false;
  EXPECT_THAT(send({page}), ElementsAre("ab"));
}

TEST_F(Fallback, IsNoneForAws) {
  S3Server aws(true);
  const S3Fallback fallback(aws, extensions_);

  EXPECT_FALSE(fallback.concerns(kUnknown));
  EXPECT_THAT(fallback.addition("").headers, ElementsAre(Pair("a", "1"), Pair("b", "1")));
}

// Where only COMPOSITE is known, the whole's checksum does not fit; where the whole's is known, bytes are
// wrong.
TEST_F(Fallback, LeavesOutAWholesChecksumThatDoesNotFit) {
  extensions_ = {header(S3Feature::whole_checksums, "b")};
  const auto misfit = refusal(400, "BadDigest");

  EXPECT_THAT(send({misfit, kGood}), ElementsAre("b", ""));
  server_.learn(S3Feature::whole_checksums, Known::yes);
  EXPECT_THAT(send({misfit}), ElementsAre("b"));
}

TEST(S3Server, HasAllThatAwsHas) {
  const S3Server aws(true);
  const S3Server other(false);

  for (std::size_t i = 0; i < kS3Features; ++i) {
    const auto feature = static_cast<S3Feature>(i);
    EXPECT_EQ(aws.has(feature), feature != S3Feature::md5_etags) << name_of(feature);
    EXPECT_EQ(other.knows(feature), Known::unknown) << name_of(feature);
    EXPECT_THAT(std::string(name_of(feature)), Not(IsEmpty()));
  }
}

TEST(S3Server, IsNotShownToKeepConditionsByASuccess) {
  S3Server server(false);

  for (const auto feature : {S3Feature::if_none_match, S3Feature::if_match, S3Feature::whole_checksums}) {
    server.took(feature);
    EXPECT_EQ(server.knows(feature), Known::unknown) << name_of(feature);
  }
  server.learn(S3Feature::checksums, Known::no);
  server.took(S3Feature::checksums);
  EXPECT_TRUE(server.lacks(S3Feature::checksums));
}

TEST(S3Server, IsToldOfOnce) {
  S3Server server(false);

  EXPECT_TRUE(server.tells_first(S3Notice::conditions));
  EXPECT_FALSE(server.tells_first(S3Notice::conditions));
  EXPECT_TRUE(server.tells_first(S3Notice::governance));
}

}  // namespace
}  // namespace hubkeep
