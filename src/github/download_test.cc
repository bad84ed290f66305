// RestClient::download: where the token goes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "github/rest_client.h"
#include "http/scripted_http.h"

namespace hubkeep {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kZipball = "https://api.github.com/repos/a/b/zipball/c";
constexpr const char* kDownload = "https://codeload.github.com/a/b/legacy.zip/c?token=hush";

class DownloadTest : public ::testing::Test {
 protected:
  RestClient make_client(const std::string& api = "https://api.github.com") {
    return RestClient(http_, clock_,
                      {.api_url = Url::parse(api),
                       .token = fixed_token(Secret("ghp_hunter2", "TOKEN_GITHUB")),
                       .observer = {},
                       .retries = {}});
  }
  Error error_of(RestClient& client, const std::string& url = kZipball) {
    StringSink sink;
    try {
      client.download(Url::parse(url), sink, {});
    } catch (const Error& error) {
      return error;
    }
    return {ErrorKind::internal, "no error"};
  }
  void redirect(const std::string& from, const std::string& to) {
    http_.answer(from, 302, "", {{"Location", to}});
  }
  std::vector<bool> told() const {
    std::vector<bool> result;
    for (const auto& request : http_.requests) result.push_back(!request.secret_headers.empty());
    return result;
  }

  ScriptedHttp http_;
  ManualClock clock_;
};

TEST_F(DownloadTest, SendsTheTokenToTheApiAlone) {
  redirect(kZipball, kDownload);
  http_.answer(kDownload, 200, "");
  auto client = make_client();

  StringSink sink;
  client.download(Url::parse(kZipball), sink, {});

  EXPECT_THAT(http_.urls(), ElementsAre(kZipball, kDownload));
  EXPECT_THAT(told(), ElementsAre(true, false));
}

TEST_F(DownloadTest, SendsItToARepositorysNewPlaceWithinTheApi) {
  const char* moved = "https://api.github.com/repositories/7/zipball/c";
  redirect(kZipball, moved);
  redirect(moved, kDownload);
  http_.answer(kDownload, 200, "");
  auto client = make_client();

  StringSink sink;
  client.download(Url::parse(kZipball), sink, {});

  EXPECT_THAT(told(), ElementsAre(true, true, false));
}

TEST_F(DownloadTest, SendsNoneBesideTheApiOfTheSameServer) {
  redirect("https://ghe.test/api/v3/repos/a/b/zipball/c", "https://ghe.test/_codeload/a/b");
  http_.answer("https://ghe.test/_codeload/a/b", 200, "");
  auto client = make_client("https://ghe.test/api/v3");

  StringSink sink;
  client.download(Url::parse("https://ghe.test/api/v3/repos/a/b/zipball/c"), sink, {});

  EXPECT_THAT(told(), ElementsAre(true, false));
}

TEST_F(DownloadTest, GoesNowhereUnencrypted) {
  redirect(kZipball, "http://codeload.github.com/a/b");
  auto client = make_client();

  EXPECT_EQ(error_of(client).kind(), ErrorKind::invalid);
  EXPECT_THAT(http_.urls(), ElementsAre(kZipball));
}

TEST_F(DownloadTest, SaysWhoRefusedWithoutTheLinksOwnToken) {
  redirect(kZipball, kDownload);
  for (const int status : {404, 404, 502, 451, 451})  // a refusal is looked at twice
    http_.answer(kDownload, status, "");
  auto client = make_client();

  for (const auto kind : {ErrorKind::not_found, ErrorKind::transient, ErrorKind::forbidden}) {
    const Error error = error_of(client);

    EXPECT_EQ(error.kind(), kind);
    EXPECT_THAT(error.message(), AllOf(HasSubstr("codeload.github.com/a/b/legacy.zip/c"),
                                       Not(HasSubstr("hush")), Not(HasSubstr("TOKEN_GITHUB"))));
  }
}

TEST_F(DownloadTest, ARefusalThatComesOnceIsNotBelieved) {
  for (const int status : {401, 403, 404}) {
    ScriptedHttp http;
    http.answer(kZipball, status, "");
    http.answer(kZipball, 200, "");
    RestClient client(http, clock_,
                      {.api_url = Url::parse("https://api.github.com"), .token = fixed_token({})});
    StringSink sink;

    client.download(Url::parse(kZipball), sink, {});

    EXPECT_EQ(client.request_count(), 2U) << status;
  }
}

TEST_F(DownloadTest, WaitsForLimitsAndEndsInACircle) {
  http_.answer(kZipball, 429, "", {{"Retry-After", "7"}});
  redirect(kZipball, kZipball);
  auto client = make_client();

  EXPECT_THAT(error_of(client).message(), HasSubstr("more than 5 redirects"));
  EXPECT_THAT(clock_.slept, ElementsAre(std::chrono::seconds(7)));
}

TEST_F(DownloadTest, SaysThatItOnlyWaitedWhenItIsStopped) {
  http_.answer(kZipball, 429, "", {{"Retry-After", "30"}});
  std::stop_source stop;
  RestClient client(
      http_, clock_,
      {.api_url = Url::parse("https://api.github.com"),
       .token = fixed_token({}),
       .observer = {.on_wait = [&](const std::string&, std::chrono::seconds) { stop.request_stop(); },
                    .on_retry = {}},
       .retries = {}});

  StringSink sink;
  try {
    client.download(Url::parse(kZipball), sink, stop.get_token());
    ADD_FAILURE() << "no Error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::rate_limited);
  }
}

}  // namespace
}  // namespace hubkeep
