#include "github/rate_limit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hubkeep {
namespace {

using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::HasSubstr;

// 2026-11-23T18:45:01Z
constexpr std::int64_t kNow = 1'795'459'501;
constexpr const char* kDate = "Mon, 23 Nov 2026 18:45:01 GMT";
constexpr const char* kSecondary = R"({"message":"You have exceeded a secondary rate limit. Please wait."})";

AnswerMeaning classify(int status, Headers headers, std::string body = "{}", int waits = 0,
                       std::string token_origin = "TOKEN_GITHUB") {
  headers.emplace_back("Date", kDate);
  return classify_response(
      {.status = status, .headers = std::move(headers), .body = std::move(body), .url = {}},
      {.now = UtcTime(), .waits = waits, .token_origin = std::move(token_origin)});
}

std::string text(std::int64_t number) {
  return std::to_string(number);
}

struct WaitCase {
  const char* name;
  int status;
  Headers headers;
  const char* body;
  int waits;
  seconds wait;
};

TEST(ClassifyResponse, WaitsAsGitHubAsks) {
  const WaitCase cases[] = {
      {"403 with Retry-After", 403, {{"Retry-After", "30"}}, "{}", 0, seconds(30)},
      {"429 with Retry-After", 429, {{"retry-after", "30"}}, "{}", 2, seconds(30)},
      {"Retry-After of nothing", 429, {{"Retry-After", "0"}}, "{}", 0, seconds(1)},
      {"Retry-After as a date",
       429,
       {{"Retry-After", "Mon, 23 Nov 2026 18:46:01 GMT"}},
       "{}",
       0,
       seconds(60)},
      {"Retry-After comes first",
       403,
       {{"Retry-After", "7"}, {"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", text(kNow + 600)}},
       "{}",
       0,
       seconds(7)},
      {"403 primary",
       403,
       {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", text(kNow + 600)}},
       "{}",
       0,
       seconds(601)},
      {"429 primary",
       429,
       {{"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset", text(kNow + 600)}},
       "{}",
       0,
       seconds(601)},
      {"a reset that has passed",
       403,
       {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", text(kNow - 600)}},
       "{}",
       0,
       seconds(1)},
      {"403 secondary", 403, {{"x-ratelimit-remaining", "4000"}}, kSecondary, 0, seconds(60)},
      {"403 secondary again", 403, {}, kSecondary, 1, seconds(120)},
      {"403 secondary the third time", 403, {}, kSecondary, 2, seconds(240)},
      {"429 without anything", 429, {}, "", 0, seconds(60)},
      {"429 with a Retry-After that says nothing", 429, {{"Retry-After", "soon"}}, "", 0, seconds(60)},
      {"403 abuse",
       403,
       {},
       R"({"message":"You have triggered an abuse detection mechanism."})",
       0,
       seconds(60)},
      {"403 remaining 0 without a reset", 403, {{"x-ratelimit-remaining", "0"}}, kSecondary, 0, seconds(60)},
  };

  for (const auto& c : cases) {
    const AnswerMeaning meaning = classify(c.status, c.headers, c.body, c.waits);

    ASSERT_TRUE(std::holds_alternative<RateLimitWait>(meaning)) << c.name;
    EXPECT_EQ(std::get<RateLimitWait>(meaning).duration, c.wait) << c.name;
  }
}

TEST(ClassifyResponse, UsesTheLocalClockOnlyWithoutADate) {
  const HttpResponse response{.status = 403,
                              .headers = {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", text(1060)}},
                              .body = "",
                              .url = {}};

  const AnswerMeaning meaning =
      classify_response(response, {.now = UtcTime(seconds(1000)), .token_origin = ""});

  ASSERT_TRUE(std::holds_alternative<RateLimitWait>(meaning));
  EXPECT_EQ(std::get<RateLimitWait>(meaning).duration, seconds(61));
}

struct ErrorCase {
  const char* name;
  int status;
  Headers headers;
  const char* body;
  int waits;
  ErrorKind kind;
  const char* says;
};

TEST(ClassifyResponse, TellsErrorsApart) {
  const ErrorCase cases[] = {
      {"too long a wait", 403, {{"Retry-After", "7201"}}, "{}", 0, ErrorKind::rate_limited, "121 minutes"},
      {"absurdly long a wait",
       403,
       {{"Retry-After", "9223372036854775807"}},
       "{}",
       0,
       ErrorKind::rate_limited,
       "long"},
      {"an absurd reset",
       403,
       {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "9223372036854775807"}},
       "{}",
       0,
       ErrorKind::rate_limited,
       "too long"},
      {"too many waits",
       429,
       {{"Retry-After", "1"}},
       kSecondary,
       5,
       ErrorKind::rate_limited,
       "secondary rate limit"},
      {"401",
       401,
       {},
       R"({"message":"Bad credentials"})",
       0,
       ErrorKind::unauthorized,
       "token from TOKEN_GITHUB"},
      {"403", 403, {}, R"({"message":"Nope"})", 0, ErrorKind::forbidden, "GitHub says: Nope"},
      {"403 with permissions",
       403,
       {{"X-Accepted-GitHub-Permissions", "metadata=read"}},
       "{}",
       0,
       ErrorKind::forbidden,
       "metadata=read"},
      {"403 with scopes",
       403,
       {{"X-OAuth-Scopes", "gist"}, {"X-Accepted-OAuth-Scopes", "repo"}},
       "{}",
       0,
       ErrorKind::forbidden,
       "it has the scopes gist, one of these is needed: repo"},
      {"403 without scopes",
       403,
       {{"X-OAuth-Scopes", ""}},
       "{}",
       0,
       ErrorKind::forbidden,
       "it has no scopes"},
      {"403 single sign-on",
       403,
       {{"X-GitHub-SSO", "required; url=https://github.com/orgs/acme/sso"}},
       "{}",
       0,
       ErrorKind::forbidden,
       "https://github.com/orgs/acme/sso"},
      {"403 terms of service",
       403,
       {},
       R"({"message":"Repository access blocked","block":{"reason":"tos"}})",
       0,
       ErrorKind::forbidden,
       "blocked"},
      {"404", 404, {{"x-ratelimit-remaining", "0"}}, "{}", 0, ErrorKind::not_found, "does not exist"},
      {"410", 410, {}, "{}", 0, ErrorKind::not_found, "does not exist"},
      {"422", 422, {}, R"({"message":"Validation Failed"})", 0, ErrorKind::invalid, "Validation Failed"},
      {"451",
       451,
       {},
       R"({"message":"Blocked","block":{"reason":"dmca","html_url":"https://github.com/github/dmca"}})",
       0,
       ErrorKind::forbidden,
       "https://github.com/github/dmca"},
      {"408", 408, {}, "", 0, ErrorKind::transient, "408"},
      {"502 as a web page", 502, {}, "<html>Unicorn!</html>", 0, ErrorKind::transient, "502"},
      {"304", 304, {}, "", 0, ErrorKind::corrupt, "304"},
      {"a message that is no text", 500, {}, R"({"message":[1]})", 0, ErrorKind::transient, "500"},
      {"a message with an escape",
       403,
       {},
       "{\"message\":\"\\u001b[31m\"}",
       0,
       ErrorKind::forbidden,
       "\\x1b[31m"},
  };

  for (const auto& c : cases) {
    const AnswerMeaning meaning = classify(c.status, c.headers, c.body, c.waits);

    ASSERT_TRUE(std::holds_alternative<Error>(meaning)) << c.name;
    EXPECT_EQ(std::get<Error>(meaning).kind(), c.kind) << c.name;
    EXPECT_THAT(std::get<Error>(meaning).message(), HasSubstr(c.says)) << c.name;
  }
}

TEST(ClassifyResponse, SaysWhatToDoWithoutAToken) {
  const AnswerMeaning unauthorized = classify(401, {}, "{}", 0, "");
  const AnswerMeaning missing = classify(404, {}, "{}", 0, "");

  EXPECT_THAT(std::get<Error>(unauthorized).message(),
              AllOf(HasSubstr("TOKEN_GITHUB"), HasSubstr("--token-file")));
  EXPECT_THAT(std::get<Error>(missing).message(), HasSubstr("without a token"));
}

TEST(ClassifyResponse, AcceptsEverySuccess) {
  EXPECT_TRUE(std::holds_alternative<Accepted>(classify(200, {{"x-ratelimit-remaining", "0"}})));
  EXPECT_TRUE(std::holds_alternative<Accepted>(classify(204, {}, "")));
}

TEST(ClassifyResponse, NothingNewIsAnAnswerWhereThatWasAsked) {
  const HttpResponse response{.status = 304, .headers = {}, .body = "", .url = {}};

  EXPECT_TRUE(std::holds_alternative<Accepted>(classify_response(response, {.is_conditional = true})));
  EXPECT_TRUE(std::holds_alternative<Error>(classify_response(response, {})));
}

TEST(ClassifyResponse, NamesThePermissionAsData) {
  const auto permission = [](int status, Headers headers) {
    return std::get<Error>(classify(status, std::move(headers))).permission();
  };

  for (const int status : {403, 404}) {
    EXPECT_EQ(permission(status, {{"X-Accepted-GitHub-Permissions", "issues=read; pull_requests=read"}}),
              "issues=read; pull_requests=read");
    EXPECT_EQ(
        permission(status, {{"X-OAuth-Scopes", "gist"}, {"X-Accepted-OAuth-Scopes", "read:org, admin:org"}}),
        "read:org, admin:org");
    EXPECT_EQ(permission(status, {{"X-OAuth-Scopes", "gist, repo"},
                                  {"X-Accepted-OAuth-Scopes", "public_repo, repo"}}),
              "")
        << "it has what is wanted";
    EXPECT_EQ(permission(status, {{"X-OAuth-Scopes", "gist"}, {"X-Accepted-OAuth-Scopes", ""}}), "");
    EXPECT_EQ(permission(status, {}), "");
  }
  EXPECT_EQ(permission(451, {{"X-Accepted-GitHub-Permissions", "contents=read"}}), "");
}

TEST(ClassifyResponse, SaysHowToGiveATokenWhereNoneIs) {
  const AnswerMeaning meaning = classify(401, {}, R"({"message":"Requires authentication"})", 0, "");

  EXPECT_EQ(std::get<Error>(meaning).message(),
            "GitHub wants a token for this (GitHub says: Requires authentication): set TOKEN_GITHUB or use "
            "--token-file, or --app-id for a GitHub App");
}

std::optional<AnswerMeaning> classify_git(int status, Headers headers, std::string body = "", int waits = 0) {
  headers.emplace_back("Date", kDate);
  return classify_git_limit(
      {.status = status, .headers = std::move(headers), .body = std::move(body), .url = {}},
      {.now = UtcTime(), .waits = waits, .token_origin = "TOKEN_GITHUB"});
}

TEST(ClassifyGitLimit, WaitsAsTheApiDoes) {
  const auto wait = [](int status, Headers headers, std::string body = "", int waits = 0) {
    return std::get<RateLimitWait>(*classify_git(status, std::move(headers), std::move(body), waits))
        .duration;
  };

  for (const int status : {403, 429, 503}) EXPECT_EQ(wait(status, {{"Retry-After", "30"}}), seconds(30));
  EXPECT_EQ(wait(403, {{"Retry-After", "Mon, 23 Nov 2026 18:46:01 GMT"}}), seconds(60));
  EXPECT_EQ(wait(403, {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", text(kNow + 600)}}),
            seconds(601));
  EXPECT_EQ(wait(403, {}, "You have exceeded a secondary rate limit.\n"), seconds(60));
  EXPECT_EQ(wait(403, {}, "abuse detection", 2), seconds(240));
}

TEST(ClassifyGitLimit, IsNothingWhereNoWaitIsAskedFor) {
  EXPECT_FALSE(classify_git(403, {}, "Repository access blocked"));
  EXPECT_FALSE(classify_git(429, {}));
  EXPECT_FALSE(classify_git(503, {}));
  EXPECT_FALSE(classify_git(404, {{"Retry-After", "30"}}));
  EXPECT_FALSE(classify_git(429, {{"Retry-After", "soon"}}));
}

TEST(ClassifyGitLimit, WaitsNeitherForEverNorTooLong) {
  const auto kind = [](int wait, int waits) {
    return std::get<Error>(*classify_git(403, {{"Retry-After", std::to_string(wait)}}, "", waits)).kind();
  };

  EXPECT_EQ(kind(1, 5), ErrorKind::rate_limited);
  EXPECT_EQ(kind(20'000, 0), ErrorKind::rate_limited);
}

}  // namespace
}  // namespace hubkeep
