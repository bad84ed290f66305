#include "github/rest_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "http/scripted_http.h"

namespace hubkeep {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

constexpr const char* kToken = "ghp_hunter2";
constexpr const char* kThing = "https://api.github.com/thing";
constexpr const char* kSecondary = R"({"message":"You have exceeded a secondary rate limit."})";

class RestClientTest : public ::testing::Test {
 protected:
  RestClient make_client(Secret token = Secret(kToken, "TOKEN_GITHUB"),
                         std::string api = "https://api.github.com") {
    GitHubObserver observer{
        .on_wait = [this](const std::string& reason, seconds) { reasons_.push_back(reason); },
        .on_retry = [this](const Error& error, milliseconds) { retried_.push_back(error.message()); }};
    return RestClient(http_, clock_,
                      {.api_url = Url::parse(api),
                       .token = fixed_token(std::move(token)),
                       .observer = std::move(observer),
                       .retries = {.max_attempts = 3}});
  }

  nlohmann::json get(RestClient& client, const std::string& url = kThing) {
    const ApiAnswer answer = client.get(Url::parse(url), {}, stop_.get_token());
    date_ = answer.date();
    return answer.json();
  }

  Error error_of(const std::function<void()>& action) {
    try {
      action();
    } catch (const Error& error) {
      return error;
    }
    ADD_FAILURE() << "no error";
    return Error(ErrorKind::internal, "");
  }

  ScriptedHttp http_;
  ManualClock clock_;
  std::stop_source stop_;
  std::vector<std::string> reasons_;
  std::vector<std::string> retried_;
  UtcTime date_;
};

TEST_F(RestClientTest, SendsTheTokenInAHeaderThatStaysWithTheOrigin) {
  http_.answer(kThing, 200, "{}");
  RestClient client = make_client();

  get(client);

  ASSERT_THAT(http_.requests, SizeIs(1));
  const HttpRequest& request = http_.requests.front();
  EXPECT_THAT(request.secret_headers, ElementsAre(std::pair("Authorization", "Bearer ghp_hunter2")));
  EXPECT_THAT(request.headers, ElementsAre(std::pair("Accept", "application/vnd.github+json"),
                                           std::pair("X-GitHub-Api-Version", "2022-11-28")));
  EXPECT_THAT(request.url.str(), Not(HasSubstr(kToken)));
  EXPECT_EQ(client.request_count(), 1U);
}

TEST_F(RestClientTest, SendsNoAuthorizationWithoutAToken) {
  http_.answer(kThing, 200, "{}");
  RestClient client = make_client({});

  get(client);

  EXPECT_TRUE(http_.requests.front().secret_headers.empty());
}

TEST_F(RestClientTest, ReadsGitHubsClock) {
  http_.answer(kThing, 200, "{}");
  RestClient client = make_client();

  get(client);

  EXPECT_EQ(date_, parse_http_date(kDate));
}

TEST_F(RestClientTest, PutsPathsBelowTheApisRoot) {
  EXPECT_EQ(make_client({}, "https://ghe.example.com/api/v3/").url("/user?a=b").str(),
            "https://ghe.example.com/api/v3/user?a=b");
  EXPECT_EQ(make_client({}).url("/user").str(), "https://api.github.com/user");
}

TEST_F(RestClientTest, WaitsOutALimitAndSaysWhy) {
  http_.answer(kThing, 429, "", {{"Retry-After", "30"}});
  http_.answer(kThing, 403, kSecondary);
  http_.answer(kThing, 403, "", {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "1795459561"}});
  http_.answer(kThing, 200, R"({"good":1})");
  RestClient client = make_client();

  const auto body = get(client);

  EXPECT_EQ(body["good"], 1);
  EXPECT_THAT(clock_.slept, ElementsAre(seconds(30), seconds(120), seconds(61)));
  EXPECT_THAT(reasons_,
              ElementsAre(HasSubstr("GitHub asks"), HasSubstr("secondary"), HasSubstr("18:46:01Z")));
  EXPECT_EQ(client.request_count(), 4U);
}

TEST_F(RestClientTest, GivesUpOnALimitThatDoesNotEnd) {
  http_.answer(kThing, 403, kSecondary);
  RestClient client = make_client();

  const Error error = error_of([&] { get(client); });

  EXPECT_EQ(error.kind(), ErrorKind::rate_limited);
  EXPECT_THAT(clock_.slept, ElementsAre(seconds(60), seconds(120), seconds(240), seconds(480), seconds(960)));
}

TEST_F(RestClientTest, DoesNotWaitForHours) {
  http_.answer(kThing, 429, "", {{"Retry-After", "7300"}});
  RestClient client = make_client();

  const Error error = error_of([&] { get(client); });

  EXPECT_EQ(error.kind(), ErrorKind::rate_limited);
  EXPECT_THAT(clock_.slept, SizeIs(0));
}

TEST_F(RestClientTest, EndsAWaitWhenStopped) {
  http_.answer(kThing, 429, "", {{"Retry-After", "30"}});
  GitHubObserver observer{.on_wait = [this](const std::string&, seconds) { stop_.request_stop(); },
                          .on_retry = {}};
  RestClient client(http_, clock_,
                    {.api_url = Url::parse(kThing),
                     .token = fixed_token({}),
                     .observer = std::move(observer),
                     .retries = {}});

  const Error error = error_of([&] { get(client); });

  EXPECT_EQ(error.kind(), ErrorKind::rate_limited);
}

TEST_F(RestClientTest, RetriesServerErrorsThenGivesUp) {
  http_.answer(kThing, 502, "<html>Unicorn!</html>", {{"Content-Type", "text/html"}});
  RestClient client = make_client();

  const Error error = error_of([&] { get(client); });

  EXPECT_EQ(error.kind(), ErrorKind::transient);
  EXPECT_THAT(error.message(), AllOf(HasSubstr("GET https://api.github.com/thing"), HasSubstr("502"),
                                     HasSubstr("tried 3 times")));
  EXPECT_THAT(retried_, SizeIs(2));
  EXPECT_EQ(client.request_count(), 3U);
}

TEST_F(RestClientTest, RetriesWhatTheConnectionCut) {
  http_.fail(kThing, Error(ErrorKind::transient, "server closed the connection after 5 bytes"));
  http_.answer(kThing, 200, R"({"half":)");
  http_.answer(kThing, 200, R"({"whole":1})");
  RestClient client = make_client();

  const auto body = get(client);

  EXPECT_EQ(body["whole"], 1);
  EXPECT_THAT(retried_, ElementsAre(HasSubstr("5 bytes"), HasSubstr("not whole JSON")));
}

TEST_F(RestClientTest, RefusesAnswersThatStayNoJson) {
  http_.answer(kThing, 200, "");
  RestClient client = make_client();

  EXPECT_EQ(error_of([&] { get(client); }).kind(), ErrorKind::transient);
}

TEST_F(RestClientTest, SaysWhichTokenGitHubRefuses) {
  http_.answer(kThing, 401, R"({"message":"Bad credentials"})");
  RestClient client = make_client(Secret(kToken, "--token-file /run/token"));

  const Error error = error_of([&] { get(client); });

  EXPECT_EQ(error.kind(), ErrorKind::unauthorized);
  EXPECT_THAT(error.message(),
              AllOf(HasSubstr("the token from --token-file /run/token"), HasSubstr("Bad credentials"),
                    HasSubstr("make a new one"), Not(HasSubstr(kToken))));
  EXPECT_EQ(client.request_count(), 2U);
}

TEST_F(RestClientTest, HintsAtTheApiUrlWhenAWebPageAnswers) {
  http_.answer(kThing, 404, "<!DOCTYPE html>", {{"Content-Type", "text/html; charset=utf-8"}});
  http_.answer(kThing, 200, "\n<html>Sign in</html>");
  RestClient client = make_client();

  for (int i = 0; i < 2; ++i) {
    const Error error = error_of([&] { get(client); });

    EXPECT_EQ(error.kind(), ErrorKind::invalid);
    EXPECT_THAT(error.message(), AllOf(HasSubstr("--api-url"), HasSubstr("/api/v3")));
  }
}

TEST_F(RestClientTest, BelievesARefusalThatComesTwice) {
  const std::vector<std::pair<int, ErrorKind>> refusals = {{401, ErrorKind::unauthorized},
                                                           {403, ErrorKind::forbidden},
                                                           {404, ErrorKind::not_found},
                                                           {422, ErrorKind::invalid},
                                                           {300, ErrorKind::corrupt}};
  for (const auto& [status, kind] : refusals) {
    ScriptedHttp http;
    ManualClock clock;
    http.answer(kThing, status, R"({"message":"no"})");
    RestClient client(
        http, clock,
        {.api_url = Url::parse(kThing), .token = fixed_token({}), .observer = {}, .retries = {}});

    const Error error = error_of([&] { get(client); });

    EXPECT_EQ(error.kind(), kind) << status;
    EXPECT_THAT(clock.slept, ElementsAre(kSecondLook)) << status;
    EXPECT_EQ(client.request_count(), 2U) << status;
  }
}

TEST_F(RestClientTest, DoesNotBelieveARefusalThatComesOnce) {
  const auto answer_after_one = [&](int status) {
    ScriptedHttp http;
    http.answer(kThing, status, status == 200 ? "<html>Sign in</html>" : R"({"message":"no"})");
    http.answer(kThing, 200, R"({"good":1})");
    RestClient client(
        http, clock_,
        {.api_url = Url::parse(kThing), .token = fixed_token({}), .observer = {}, .retries = {}});
    return get(client);
  };

  for (const int status : {401, 403, 404, 200}) EXPECT_EQ(answer_after_one(status)["good"], 1) << status;
}

TEST_F(RestClientTest, DoesNotBelieveAnAnswerThatIsNoHttpOnce) {
  http_.fail(kThing,
             Error(ErrorKind::corrupt, "the answer is not valid HTTP (Error while processing content"));
  http_.answer(kThing, 200, R"({"good":1})");
  RestClient client = make_client();

  EXPECT_EQ(get(client)["good"], 1);
}

TEST_F(RestClientTest, LooksAgainWhereTheReaderCannotUseTheAnswer) {
  http_.answer(kThing, 200, "[]");
  http_.answer(kThing, 200, R"({"good":1})");
  RestClient client = make_client();

  const auto read = client.get(Url::parse(kThing), {}, {}, [](const ApiAnswer& answer) {
    const auto json = answer.json();
    if (json.is_array()) throw Error(ErrorKind::corrupt, "a list");
    return json;
  });

  EXPECT_EQ(read["good"], 1);
}

TEST_F(RestClientTest, LeavesNotFoundToCallersThatLookAgainThemselves) {
  http_.answer(kThing, 404, "");
  RestClient client = make_client();

  const Error error =
      error_of([&] { client.get(Url::parse(kThing), {.second_look = SecondLook::unless_not_found}, {}); });

  EXPECT_EQ(error.kind(), ErrorKind::not_found);
  EXPECT_EQ(client.request_count(), 1U);
  EXPECT_THAT(clock_.slept, SizeIs(0));
}

TEST_F(RestClientTest, AnswersWithTheTextAsItWasSent) {
  const std::string text = "[ {\"z\": 1.50,\n\"a\": 2},{ \"id\":3 } ]";
  http_.answer(kThing, 200, text, {{"ETag", "W/\"abc\""}, {"Link", "</thing?page=2>; rel=\"next\""}});
  RestClient client = make_client();

  const ApiAnswer answer = client.get(Url::parse(kThing), {}, {});

  EXPECT_EQ(answer.status(), 200);
  EXPECT_EQ(answer.body(), text);
  EXPECT_EQ(answer.etag(), "W/\"abc\"");
  EXPECT_EQ(answer.next().value().str(), std::string(kThing) + "?page=2");
  EXPECT_THAT(answer.items(), ElementsAre("{\"z\": 1.50,\n\"a\": 2}", "{ \"id\":3 }"));
}

TEST_F(RestClientTest, NothingNewIsAnAnswerWhereThatWasAsked) {
  http_.answer(kThing, 304, "", {{"ETag", "\"abc\""}});
  RestClient client = make_client();

  const ApiAnswer answer = client.get(Url::parse(kThing), {.etag = "\"abc\""}, {});

  EXPECT_TRUE(answer.is_unchanged());
  EXPECT_EQ(answer.etag(), "\"abc\"");
  EXPECT_EQ(answer.body(), "");
  ASSERT_THAT(http_.requests, SizeIs(1));
  EXPECT_THAT(http_.requests.front().headers, ::testing::Contains(std::pair("If-None-Match", "\"abc\"")));
}

TEST_F(RestClientTest, NothingNewIsNoAnswerToAQuestionWithoutACondition) {
  http_.answer(kThing, 304, "");
  RestClient client = make_client();

  EXPECT_EQ(error_of([&] { client.get(Url::parse(kThing), {}, {}); }).kind(), ErrorKind::corrupt);
}

TEST_F(RestClientTest, AnAnswerWithoutContentIsOne) {
  http_.answer(kThing, 204, "");
  RestClient client = make_client();

  const ApiAnswer answer = client.get(Url::parse(kThing), {}, {});

  EXPECT_EQ(answer.status(), 204);
  EXPECT_EQ(answer.body(), "");
  EXPECT_EQ(error_of([&] { answer.json(); }).kind(), ErrorKind::corrupt);
  EXPECT_THAT(http_.requests, SizeIs(1));
}

TEST_F(RestClientTest, ARefusalNamesThePermissionAsData) {
  for (const int status : {403, 404}) {
    ScriptedHttp http;
    http.answer(kThing, status, "{}", {{"X-Accepted-GitHub-Permissions", "issues=read"}});
    RestClient client(
        http, clock_,
        {.api_url = Url::parse(kThing), .token = fixed_token({}), .observer = {}, .retries = {}});

    const Error error = error_of([&] { get(client); });

    EXPECT_EQ(error.permission(), "issues=read") << status;
    EXPECT_THAT(error.message(), HasSubstr("GET https://api.github.com/thing")) << "the context keeps it";
  }
}

TEST_F(RestClientTest, WhatOneRequestIsToldTheNextOnesHeed) {
  const std::string other = "https://api.github.com/other";
  http_.answer(kThing, 429, "", {{"Retry-After", "7300"}});  // longer than this one waits
  http_.answer(other, 200, "{}", {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "1795459561"}});
  RestClient client = make_client();
  error_of([&] { get(client); });
  get(client, other);
  EXPECT_THAT(clock_.slept, SizeIs(0)) << "nothing was used up before";

  get(client, other);

  EXPECT_THAT(clock_.slept, ElementsAre(seconds(61))) << "and nothing was refused";
  EXPECT_THAT(reasons_, ElementsAre(HasSubstr("the hourly limit of requests is used up until")));
  EXPECT_EQ(client.request_count(), 3U);
}

// While one waits, another asks: it waits as well, and is not refused in its turn.
TEST_F(RestClientTest, ALimitHoldsUpAllThatIsAsked) {
  const std::string other = "https://api.github.com/other";
  http_.answer(kThing, 429, "", {{"Retry-After", "30"}});
  http_.answer(kThing, 200, "{}");
  http_.answer(other, 200, "{}");
  RestClient* asked = nullptr;
  std::vector<std::size_t> sent;
  GitHubObserver observer{.on_wait =
                              [&](const std::string&, seconds) {
                                sent.push_back(http_.requests.size());
                                if (sent.size() == 1) get(*asked, other);
                              },
                          .on_retry = {}};
  RestClient client(http_, clock_,
                    {.api_url = Url::parse("https://api.github.com"),
                     .token = fixed_token({}),
                     .observer = std::move(observer),
                     .retries = {}});
  asked = &client;

  get(client);

  EXPECT_THAT(sent, ElementsAre(1, 1)) << "the other was not sent before it had waited";
  EXPECT_THAT(http_.urls(), ElementsAre(kThing, other, kThing));
}

class GraphQlTest : public RestClientTest {
 protected:
  nlohmann::json ask(RestClient& client) {
    return client.graphql({.query = "query { viewer { login } }"}, {}).json();
  }
  static constexpr const char* kGraphQl = "https://api.github.com/graphql";
  static constexpr const char* kData = R"({"data":{"nodes":[null]},"errors":[{"type":"NOT_FOUND"}]})";
};

TEST_F(GraphQlTest, TakesPartialDataWithTheErrorsBesideIt) {
  http_.answer(kGraphQl, 200, kData);
  RestClient client = make_client();

  EXPECT_EQ(ask(client)["errors"][0]["type"], "NOT_FOUND");
  EXPECT_EQ(http_.requests.front().method, "POST");
}

TEST_F(GraphQlTest, WaitsOutALimitThatComesWithStatus200) {
  http_.answer(kGraphQl, 200,
               R"({"errors":[{"type":"RATE_LIMITED","message":"API rate limit exceeded for user"}]})",
               {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "1795459561"}});
  http_.answer(kGraphQl, 200,
               R"({"data":null,"errors":[{"message":"You have exceeded a secondary rate limit"}]})");
  http_.answer(kGraphQl, 200, kData);
  RestClient client = make_client();

  ask(client);

  EXPECT_THAT(clock_.slept, ElementsAre(seconds(61), seconds(120)));
}

TEST_F(GraphQlTest, WaitsOutALimitThatLeavesPartOfTheData) {
  http_.answer(kGraphQl, 200,
               R"({"data":{"viewer":null},"errors":[{"type":"NOT_FOUND"},{"type":"RATE_LIMITED"}]})",
               {{"Retry-After", "5"}});
  http_.answer(kGraphQl, 200, kData);
  RestClient client = make_client();

  EXPECT_EQ(ask(client)["errors"][0]["type"], "NOT_FOUND");
  EXPECT_THAT(clock_.slept, ElementsAre(seconds(5)));
}

TEST_F(GraphQlTest, SaysThatAQueryAskedForTooMuch) {
  for (
      const char* text :
      {R"({"data":{"nodes":[{"id":"R_1"},null]},"errors":[{"type":"RESOURCE_LIMITS_EXCEEDED","path":["nodes",1]}]})",
       R"({"data":null,"errors":[{"type":"RESOURCE_LIMITS_EXCEEDED"}]})",
       R"({"errors":[{"type":"MAX_NODE_LIMIT_EXCEEDED"}]})"}) {
    ScriptedHttp http;
    http.answer(kGraphQl, 200, text);
    RestClient client(http, clock_,
                      {.api_url = Url::parse("https://api.github.com"),
                       .token = fixed_token({}),
                       .observer = {},
                       .retries = {}});

    const ApiAnswer answer = client.graphql({.query = "query { viewer { login } }"}, {});

    EXPECT_TRUE(answer.is_cut_short()) << text;
    EXPECT_EQ(answer.body(), text);
    EXPECT_EQ(client.request_count(), 1U) << text;
  }
}

TEST_F(GraphQlTest, OfPartialDataIsNotCutShort) {
  http_.answer(kGraphQl, 200, kData);
  RestClient client = make_client();

  EXPECT_FALSE(client.graphql({.query = "query { viewer { login } }"}, {}).is_cut_short());
}

TEST_F(GraphQlTest, SendsTheQueryWithItsVariables) {
  http_.answer(kGraphQl, 200, kData);
  RestClient client = make_client();

  client.graphql({.query = "query($a: Int) { a(b: \"c\") }", .variables = R"({"a":1})"}, {});

  EXPECT_EQ(http_.requests.front().body, R"({"query":"query($a: Int) { a(b: \"c\") }","variables":{"a":1}})");
}

TEST_F(GraphQlTest, IsNotAskedForWhereNobodyKnowsWhereItIs) {
  RestClient client = make_client({}, "https://ghe.example.com");

  EXPECT_EQ(error_of([&] { client.graphql({.query = "query { viewer { login } }"}, {}); }).kind(),
            ErrorKind::invalid);
  EXPECT_THAT(http_.requests, SizeIs(0));
}

TEST_F(GraphQlTest, RetriesAnAnswerWithoutData) {
  http_.answer(kGraphQl, 200, R"({"data":null,"errors":[{"message":"Something went wrong"}]})");
  RestClient client = make_client();

  const Error error = error_of([&] { ask(client); });

  EXPECT_EQ(error.kind(), ErrorKind::transient);
  EXPECT_THAT(error.message(), AllOf(HasSubstr("Something went wrong"), HasSubstr("tried 3 times")));
}

}  // namespace
}  // namespace hubkeep
