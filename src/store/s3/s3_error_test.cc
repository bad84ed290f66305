#include "store/s3/s3_error.h"

#include <gmock/gmock.h>

namespace hubkeep {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

S3Refusal refusal(int status, const std::string& code) {
  return {.status = status,
          .code = code,
          .message = "Because",
          .region = {},
          .request_id = {},
          .content_type = {},
          .to_head = code.empty()};
}

TEST(S3Refusal, IsReadFromBodyAndHeaders) {
  const HttpResponse response{
      .status = 400,
      .headers = {{"x-amz-request-id", "R1"}},
      .body =
          "<?xml version=\"1.0\"?><Error><Code>AuthorizationHeaderMalformed</Code><Message>the region "
          "&amp; more</Message><Region>eu-west-1</Region><RequestId>R2</RequestId></Error>",
      .url = {}};

  const auto read = read_refusal(response, "PUT");

  EXPECT_EQ(read.status, 400);
  EXPECT_EQ(read.code, "AuthorizationHeaderMalformed");
  EXPECT_EQ(read.message, "the region & more");
  EXPECT_EQ(read.region, "eu-west-1");
  EXPECT_EQ(read.request_id, "R1");
}

TEST(S3Refusal, TakesAnythingForABody) {
  for (const std::string& body :
       {std::string(), std::string("<html>Bad Gateway</html>"), std::string("<Error><Code>x"),
        std::string("\0\xff<<>>", 6), std::string("<Error/>")}) {
    const auto read = read_refusal({.status = 502, .headers = {}, .body = body, .url = {}}, "GET");

    EXPECT_EQ(read.status, 502);
    EXPECT_EQ(read.region, "");
  }
}

TEST(S3Refusal, IsSeenInTheBodyOfASuccess) {
  EXPECT_TRUE(holds_refusal(
      {.status = 200, .headers = {}, .body = "\n \n<Error><Code>InternalError</Code></Error>", .url = {}}));
  EXPECT_FALSE(
      holds_refusal({.status = 200, .headers = {}, .body = "<CompleteMultipartUploadResult/>", .url = {}}));
  EXPECT_FALSE(holds_refusal({.status = 200, .headers = {}, .body = "", .url = {}}));
}

TEST(S3Refusal, IsClassifiedByStatusAndCode) {
  struct Case {
    int status;
    const char* code;
    ErrorKind kind;
  };
  for (const Case& c : {Case{503, "SlowDown", ErrorKind::transient},
                        Case{500, "InternalError", ErrorKind::transient},
                        Case{502, "", ErrorKind::transient},
                        Case{504, "", ErrorKind::transient},
                        Case{429, "", ErrorKind::transient},
                        Case{400, "RequestTimeout", ErrorKind::transient},
                        Case{409, "OperationAborted", ErrorKind::transient},
                        Case{409, "ConditionalRequestConflict", ErrorKind::transient},
                        Case{400, "BadDigest", ErrorKind::transient},
                        Case{400, "XAmzContentSHA256Mismatch", ErrorKind::transient},
                        Case{200, "InternalError", ErrorKind::transient},
                        Case{404, "NoSuchKey", ErrorKind::not_found},
                        Case{404, "", ErrorKind::not_found},
                        Case{404, "NoSuchBucket", ErrorKind::not_found},
                        Case{403, "AccessDenied", ErrorKind::forbidden},
                        Case{403, "", ErrorKind::forbidden},
                        Case{403, "SignatureDoesNotMatch", ErrorKind::unauthorized},
                        Case{403, "InvalidAccessKeyId", ErrorKind::unauthorized},
                        Case{403, "RequestTimeTooSkewed", ErrorKind::unauthorized},
                        Case{400, "ExpiredToken", ErrorKind::unauthorized},
                        Case{401, "", ErrorKind::unauthorized},
                        Case{403, "InvalidObjectState", ErrorKind::cold},
                        Case{301, "PermanentRedirect", ErrorKind::invalid},
                        Case{501, "NotImplemented", ErrorKind::invalid},
                        Case{400, "EntityTooLarge", ErrorKind::invalid},
                        Case{412, "", ErrorKind::invalid}}) {
    const auto error = classify_refusal(refusal(c.status, c.code), {"s3:GetObject", "arn:aws:s3:::b/k"});

    EXPECT_EQ(error.kind(), c.kind) << c.status << " " << c.code;
    EXPECT_THAT(error.message(), HasSubstr("s3:GetObject on arn:aws:s3:::b/k"));
    EXPECT_THAT(error.message(), HasSubstr(c.code));
  }
}

// What a gateway, a captive portal or a firewall says, with a page or nothing, is about no object.
TEST(S3Refusal, OfAGatewayIsTriedAgainWhateverItsStatus) {
  for (const char* method : {"GET", "PUT", "POST", "DELETE"}) {
    for (const int status :
         {200, 204, 302, 301, 307, 400, 401, 403, 404, 405, 409, 412, 416, 429, 500, 501, 502, 503, 520}) {
      for (const std::string& body :
           {std::string(), std::string("<html><body>Not found</body></html>"), std::string("{\"error\":404}"),
            std::string("<?xml version=\"1.0\"?><Error><Message>no code</Message></Error>")}) {
        const HttpResponse response{
            .status = status, .headers = {{"Content-Type", "text/html"}}, .body = body, .url = {}};
        const auto read = read_refusal(response, method);

        EXPECT_EQ(classify_refusal(read, {"s3:PutObject", "arn:aws:s3:::b/k"}).kind(), ErrorKind::transient)
            << method << " " << status << " " << body;
        EXPECT_FALSE(is_result(read)) << method << " " << status << " " << body;
      }
    }
  }
}

TEST(S3Refusal, OfAHeadIsByItsStatusUnlessItIsAPagesOrAStrangersRedirect) {
  struct Case {
    int status;
    Headers headers;
    ErrorKind kind;
  };
  for (const Case& c :
       {Case{403, {{"Content-Type", "application/xml"}}, ErrorKind::forbidden},
        Case{403, {}, ErrorKind::forbidden}, Case{403, {{"Content-Type", "text/html"}}, ErrorKind::transient},
        Case{403, {{"Content-Type", "text/html"}, {"x-amz-request-id", "R"}}, ErrorKind::forbidden},
        Case{404, {}, ErrorKind::not_found}, Case{400, {}, ErrorKind::invalid},
        Case{301, {}, ErrorKind::invalid}, Case{307, {}, ErrorKind::invalid},
        Case{302, {}, ErrorKind::transient},
        Case{302, {{"x-amz-bucket-region", "eu-west-1"}}, ErrorKind::invalid},
        Case{303, {}, ErrorKind::transient}, Case{503, {}, ErrorKind::transient}}) {
    const auto read = read_refusal({.status = c.status, .headers = c.headers, .body = {}, .url = {}}, "HEAD");

    EXPECT_EQ(classify_refusal(read, {"s3:GetObject", "arn:aws:s3:::b/k"}).kind(), c.kind) << c.status;
  }
}

TEST(S3Refusal, OfAWriteWithA404IsTriedAgainUnlessItsCodeNamesWhatIsMissing) {
  for (const std::string_view action : {kPut, kPutLocked}) {
    for (const char* code : {"NoSuchKey", "NotFound", "ResourceNotFound", "404"})
      EXPECT_EQ(classify_refusal(refusal(404, code), {action, "b/k"}).kind(), ErrorKind::transient) << code;
    for (const char* code : {"NoSuchBucket", "NoSuchUpload"})
      EXPECT_EQ(classify_refusal(refusal(404, code), {action, "b/k"}).kind(), ErrorKind::not_found) << code;
  }
  EXPECT_EQ(classify_refusal(refusal(404, "NoSuchKey"), {kExtendLock, "b/k"}).kind(), ErrorKind::not_found);
  EXPECT_EQ(classify_refusal(refusal(404, "ResourceNotFound"), {"s3:GetObject", "b/k"}).kind(),
            ErrorKind::transient);
}

TEST(S3Refusal, IsAResultWhereS3SaysItOfTheObjectOrUpload) {
  for (const auto& [status, code] :
       std::vector<std::pair<int, std::string>>{{404, "NoSuchKey"},
                                                {404, "NoSuchUpload"},
                                                {404, "NoSuchVersion"},
                                                {412, "PreconditionFailed"},
                                                {416, "InvalidRange"},
                                                {501, "NotImplemented"},
                                                {409, "RestoreAlreadyInProgress"}})
    EXPECT_TRUE(is_result(refusal(status, code))) << status;
  EXPECT_TRUE(is_result(refusal(404, "")));  // to a HEAD
  for (const auto& [status, code] :
       std::vector<std::pair<int, std::string>>{{404, "NoSuchBucket"}, {404, "NotFound"}})
    EXPECT_FALSE(is_result(refusal(status, code))) << code;
}

TEST(S3Refusal, APageInASuccessIsNone) {
  const auto holds = [](const std::string& body) {
    return holds_page({.status = 200, .headers = {}, .body = body, .url = {}});
  };

  EXPECT_TRUE(holds("<!DOCTYPE html><html></html>"));
  EXPECT_TRUE(holds("please log in"));
  EXPECT_FALSE(holds(""));
  EXPECT_FALSE(holds(" \n"));
  EXPECT_FALSE(holds("<?xml version=\"1.0\"?><Result/>"));
}

TEST(S3Refusal, LetsNothingRawIntoAMessage) {
  auto hostile = refusal(403, "Access\x1b[31mDenied");
  hostile.message = "a\nb" + std::string(1000, 'x');

  const auto error = classify_refusal(hostile, {"s3:GetObject", "arn:aws:s3:::b"});

  EXPECT_THAT(error.message(), Not(HasSubstr("\x1b")));
  EXPECT_THAT(error.message(), Not(HasSubstr("\n")));
  EXPECT_LT(error.message().size(), 600U);
}

}  // namespace
}  // namespace hubkeep
