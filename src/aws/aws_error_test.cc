#include "aws/aws_error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hubkeep {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct Row {
  int status;
  const char* code;
  ErrorKind kind;
};

const Row kTable[] = {
    {400, "ExpiredToken", ErrorKind::unauthorized},
    {403, "ExpiredTokenException", ErrorKind::unauthorized},
    {403, "InvalidClientTokenId", ErrorKind::unauthorized},
    {403, "SignatureDoesNotMatch", ErrorKind::unauthorized},
    {403, "InvalidAccessKeyId", ErrorKind::unauthorized},
    {400, "InvalidIdentityToken", ErrorKind::unauthorized},
    {400, "invalid_grant", ErrorKind::unauthorized},
    {400, "InvalidGrantException", ErrorKind::unauthorized},
    {401, "UnauthorizedException", ErrorKind::unauthorized},
    {403, "AccessDenied", ErrorKind::forbidden},
    {403, "IDPRejectedClaim", ErrorKind::forbidden},
    {403, "RegionDisabledException", ErrorKind::forbidden},
    {400, "Throttling", ErrorKind::transient},
    {429, "TooManyRequestsException", ErrorKind::transient},
    {400, "IDPCommunicationError", ErrorKind::transient},
    {400, "RequestTimeout", ErrorKind::transient},
    {503, "SlowDown", ErrorKind::transient},
    {404, "ResourceNotFoundException", ErrorKind::not_found},
    {400, "ValidationError", ErrorKind::invalid},
    {400, "", ErrorKind::invalid},
    {401, "", ErrorKind::unauthorized},
    {403, "SomethingNew", ErrorKind::forbidden},
    {404, "", ErrorKind::not_found},
    {408, "", ErrorKind::transient},
    {429, "", ErrorKind::transient},
    {500, "SomethingNew", ErrorKind::transient},
    {502, "", ErrorKind::transient},
    {301, "", ErrorKind::invalid},
};

TEST(ClassifyRefusal, FollowsTheTable) {
  for (const auto& row : kTable) {
    EXPECT_EQ(classify_refusal(row.status, row.code), row.kind) << row.status << " " << row.code;
  }
}

AwsRefusal parse(std::string body, Headers headers = {}) {
  return parse_refusal({.status = 400, .headers = std::move(headers), .body = std::move(body), .url = {}});
}

TEST(ParseRefusal, ReadsTheXmlOfSts) {
  const auto refusal = parse(R"(<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error>
      <Type>Sender</Type><Code>AccessDenied</Code><Message>not &amp; allowed</Message></Error></ErrorResponse>)");

  EXPECT_EQ(refusal.code, "AccessDenied");
  EXPECT_EQ(refusal.message, "not & allowed");
}

TEST(ParseRefusal, ReadsTheXmlOfS3) {
  const auto refusal =
      parse("<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code><Message>gone</Message></Error>");

  EXPECT_EQ(refusal.code, "NoSuchKey");
  EXPECT_EQ(refusal.message, "gone");
}

TEST(ParseRefusal, ReadsTheJsonOfTheOthers) {
  EXPECT_EQ(parse(R"({"__type":"com.amazonaws.x#ExpiredTokenException","message":"m"})").code,
            "ExpiredTokenException");
  EXPECT_EQ(parse(R"({"code":"AccessDenied","message":"m"})").message, "m");
  EXPECT_EQ(parse(R"({"error":"invalid_grant","error_description":"old"})").message, "old");
  EXPECT_EQ(parse(R"({"message":"m"})", {{"x-amzn-ErrorType", "UnauthorizedException:http://x/"}}).code,
            "UnauthorizedException");
}

TEST(ParseRefusal, IsContentWithAnything) {
  for (const char* body : {"", "<", "<html><body>502</body></html>", "{", "[]", "null", "{\"message\":{}}"}) {
    const auto refusal = parse(body);

    EXPECT_EQ(refusal.status, 400) << body;
    EXPECT_EQ(refusal.code, "") << body;
  }
}

TEST(RefusalError, SaysThatTheClockIsWrong) {
  const std::string late = "Signature expired: 20161123T184501Z is now earlier than 20261123T183001Z";

  const Error error =
      refusal_error("AssumeRole", {.status = 403, .code = "SignatureDoesNotMatch", .message = late});

  EXPECT_EQ(error.kind(), ErrorKind::unauthorized);
  EXPECT_EQ(error.message(), "AssumeRole: the clock of this machine is wrong, set it: " + late +
                                 " (SignatureDoesNotMatch, HTTP 403)");
}

TEST(RefusalError, SaysWhatWasRefusedAndWhySafely) {
  const auto error =
      refusal_error("AssumeRole", {.status = 403, .code = "AccessDenied", .message = "no\x1b[2J"});

  EXPECT_EQ(error.kind(), ErrorKind::forbidden);
  EXPECT_EQ(error.message(), "AssumeRole: no\\x1b[2J (AccessDenied, HTTP 403)");
  EXPECT_EQ(refusal_error("X", {.status = 502}).message(), "X: refused (HTTP 502)");
}

}  // namespace
}  // namespace hubkeep
