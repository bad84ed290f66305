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

constexpr const char* kAsset = "https://api.github.com/repos/a/b/releases/assets/7";
constexpr const char* kStorage = "https://release-assets.githubusercontent.com/7?sig=hush";
constexpr const char* kWeb = "https://github.com/user-attachments/assets/7";

std::string header_of(const HttpRequest& request, std::string_view name) {
  for (const auto& [key, value] : request.headers)
    if (key == name) return value;
  return "";
}

TEST_F(DownloadTest, AsksForWhatTheCallerAcceptsAndSaysWhatIsToCome) {
  redirect(kAsset, kStorage);
  http_.answer(kStorage, 200, "content",
               {{"Content-Length", "7"},
                {"Content-Type", "application/zip"},
                {"Content-Disposition", "attachment; filename=a.zip"}});
  auto client = make_client();
  std::optional<DownloadHead> head;

  StringSink sink;
  client.download({.url = Url::parse(kAsset),
                   .accept = "application/octet-stream",
                   .on_head = [&](const DownloadHead& told) { head = told; }},
                  sink, {});

  EXPECT_EQ(sink.str(), "content");
  EXPECT_EQ(header_of(http_.requests.at(0), "Accept"), "application/octet-stream");
  ASSERT_TRUE(head);
  EXPECT_EQ(head->size, 7U);
  EXPECT_EQ(head->type, "application/zip");
  EXPECT_EQ(head->disposition, "attachment; filename=a.zip");
  EXPECT_EQ(head->url.str(), kStorage);
}

TEST_F(DownloadTest, GoesOnWhereItBroke) {
  redirect(kAsset, kStorage);
  http_.answer(kStorage, 206, "tent", {{"Content-Range", "bytes 3-6/7"}, {"Content-Length", "4"}});
  auto client = make_client();
  std::optional<ByteCount> size;

  StringSink sink;
  client.download({.url = Url::parse(kAsset),
                   .offset = 3,
                   .on_head = [&](const DownloadHead& head) { size = head.size; }},
                  sink, {});

  EXPECT_EQ(sink.str(), "tent");
  EXPECT_EQ(size, 7U);
  EXPECT_EQ(header_of(http_.requests.at(1), "Range"), "bytes=3-");
}

TEST_F(DownloadTest, DropsWhatIsHereWhereTheWholeComesAgain) {
  redirect(kAsset, kStorage);
  http_.answer(kStorage, 200, "content");
  auto client = make_client();

  StringSink sink;
  client.download({.url = Url::parse(kAsset), .offset = 3}, sink, {});

  EXPECT_EQ(sink.str(), "tent");
}

TEST_F(DownloadTest, RefusesAnotherPieceThanWasAskedFor) {
  redirect(kAsset, kStorage);
  for (const char* range : {"bytes 2-6/7", "bytes x-6/7", "", "bytes 3"})
    http_.answer(kStorage, 206, "tent", {{"Content-Range", range}});
  auto client = make_client();

  for (int i = 0; i < 4; ++i) {
    StringSink sink;
    try {
      client.download({.url = Url::parse(kAsset), .offset = 3}, sink, {});
      ADD_FAILURE() << "no Error";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::corrupt);
      EXPECT_EQ(sink.str(), "");
    }
  }
}

TEST_F(DownloadTest, SendsTheTokenToTheWebHostWhereItIsMeantAndNoFurther) {
  redirect(kWeb, "https://github.com/a/b/files/7");
  redirect("https://github.com/a/b/files/7", kStorage);
  http_.answer(kStorage, 200, "content");
  auto client = make_client();

  StringSink sink;
  client.download({.url = Url::parse(kWeb), .from = DownloadFrom::web}, sink, {});

  EXPECT_THAT(told(), ElementsAre(true, true, false));
}

TEST_F(DownloadTest, SendsNoTokenToAnOpenHostNorBackToTheApi) {
  const char* open = "https://user-images.githubusercontent.com/7.png";
  redirect(open, kAsset);
  http_.answer(kAsset, 200, "content");
  auto client = make_client();

  StringSink sink;
  client.download(
      {.url = Url::parse(open), .from = DownloadFrom::open, .may_lead_to = [](const Url&) { return true; }},
      sink, {});

  EXPECT_THAT(told(), ElementsAre(false, false));
}

TEST_F(DownloadTest, FromTheWebBeginsAtThatHostAlone) {
  auto client = make_client();

  for (const char* url : {"https://api.github.com/user", "https://example.com/x", "http://github.com/x",
                          "https://github.com:8443/x"}) {
    StringSink sink;
    EXPECT_THROW(client.download({.url = Url::parse(url), .from = DownloadFrom::web}, sink, {}), Error)
        << url;
  }
  EXPECT_TRUE(http_.requests.empty());
}

TEST_F(DownloadTest, IsLedNowhereWhereItMayNotGo) {
  redirect(kWeb, kStorage);
  redirect(kStorage, "https://10.0.0.1/secret");
  auto client = make_client();

  StringSink sink;
  try {
    client.download({.url = Url::parse(kWeb),
                     .from = DownloadFrom::web,
                     .may_lead_to = [](const Url& url) { return url.host != "10.0.0.1"; }},
                    sink, {});
    ADD_FAILURE() << "no Error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::invalid);
    EXPECT_THAT(error.message(), HasSubstr("https://10.0.0.1"));
  }
  EXPECT_THAT(http_.urls(), ElementsAre(kWeb, kStorage));
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
