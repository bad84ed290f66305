#include "github/installation_token.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "crypto/test_keys.h"
#include "github/rest_client.h"
#include "http/scripted_http.h"

namespace hubkeep {
namespace {

using std::chrono::minutes;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

const std::string kApi = "https://api.github.com";
const std::string kInstallation = kApi + "/orgs/acme/installation";
const std::string kTokens = kApi + "/app/installations/5/access_tokens";
constexpr const char* kInAnHour = "2026-11-23T19:45:01Z";  // an hour after kDate

class InstallationTokenTest : public testing::Test {
 protected:
  InstallationTokenTest() {
    http_.answer(kInstallation, 200, R"({"id":5,"account":{"id":9,"login":"Acme"},"suspended_at":null})");
  }

  void give(const std::string& token) {
    http_.answer(kTokens, 201, fmt::format(R"({{"token":"{}","expires_at":"{}"}})", token, kInAnHour));
  }
  std::string token() { return source_->token({}).reveal(); }
  std::size_t tokens_made() const {
    const auto urls = http_.urls();
    return static_cast<std::size_t>(std::count(urls.begin(), urls.end(), kTokens));
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
  std::shared_ptr<TokenSource> source_ = installation_token(http_, clock_,
                                                            {.api_url = Url::parse(kApi),
                                                             .app = "12",
                                                             .key = Rs256Key::parse(kTestKey),
                                                             .selection = {.organizations = {"acme"}},
                                                             .observer = {},
                                                             .retries = {.max_attempts = 1}});
};

TEST_F(InstallationTokenTest, AsksForWhatItNeedsAndNoMore) {
  give("ghs_one");

  EXPECT_EQ(token(), "ghs_one");

  const HttpRequest& request = http_.requests.back();
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.body, R"({"permissions":{"contents":"read","metadata":"read"}})");
  EXPECT_THAT(request.secret_headers.front().second, HasSubstr("Bearer eyJ"));
  EXPECT_EQ(source_->request_count(), 2U);
  EXPECT_EQ(source_->installation_account({})->login, "Acme");
  EXPECT_EQ(source_->installation_account({})->id, 9);
}

TEST_F(InstallationTokenTest, TakesATokenOfAnyLength) {
  const std::string as_today = "ghs_12_" + std::string(4000, 'x');
  give(as_today);

  EXPECT_EQ(token(), as_today);
}

// The machine's clock is years from GitHub's here: only how long the token holds counts.
TEST_F(InstallationTokenTest, IsRenewedTenMinutesBeforeItsEnd) {
  give("ghs_one");
  give("ghs_two");
  token();

  clock_.time += minutes(49);
  EXPECT_EQ(token(), "ghs_one");
  clock_.time += minutes(1);
  EXPECT_EQ(token(), "ghs_two");

  EXPECT_EQ(tokens_made(), 2U);
  EXPECT_EQ(http_.urls().front(), kInstallation);
  EXPECT_THAT(http_.requests, SizeIs(3));  // the installation was looked for once
}

TEST_F(InstallationTokenTest, OneThatWasRefusedIsReplacedOnceForAllWhoHadIt) {
  give("ghs_one");
  give("ghs_two");
  const Secret old = source_->token({});

  EXPECT_TRUE(source_->replaces(old));
  EXPECT_EQ(token(), "ghs_two");
  EXPECT_TRUE(source_->replaces(old));
  EXPECT_EQ(token(), "ghs_two");

  EXPECT_EQ(tokens_made(), 2U);
}

TEST_F(InstallationTokenTest, TheOldOneServesWhileGitHubGivesNoNewOne) {
  give("ghs_one");
  http_.fail(kTokens, Error(ErrorKind::transient, "the network is down"));
  http_.fail(kTokens, Error(ErrorKind::transient, "the network is down"));
  give("ghs_two");
  token();

  clock_.time += minutes(51);
  EXPECT_EQ(token(), "ghs_one");
  EXPECT_EQ(token(), "ghs_one");  // it is not asked again at once
  EXPECT_EQ(tokens_made(), 2U);
  clock_.time += minutes(9);
  EXPECT_EQ(error_of([&] { token(); }).kind(), ErrorKind::transient);
  EXPECT_EQ(token(), "ghs_two");
}

TEST_F(InstallationTokenTest, ARefusalThatComesOnceIsNotBelieved) {
  http_.answer(kTokens, 401, R"({"message":"A JSON web token could not be decoded"})");
  give("ghs_one");

  EXPECT_EQ(token(), "ghs_one");
}

TEST_F(InstallationTokenTest, ARefusalIsAboutTheAppNotAboutWhatWasAskedFor) {
  http_.answer(kTokens, 403, R"({"message":"This installation has been suspended"})");
  http_.answer(kTokens, 404, "");

  for (int i = 0; i < 2; ++i) {
    const Error error = error_of([&] { token(); });
    EXPECT_EQ(error.kind(), ErrorKind::unauthorized);
    EXPECT_THAT(error.message(), HasSubstr("GitHub App 12"));
  }
}

TEST_F(InstallationTokenTest, AWrongClockIsNamed) {
  clock_.time = *parse_http_date(kDate) + minutes(12);
  for (int look = 0; look < 2; ++look)
    http_.answer(
        kTokens, 401,
        R"({"message":"'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued"})");
  http_.answer(kTokens, 401, R"({"message":"A JSON web token could not be decoded"})");

  EXPECT_THAT(error_of([&] { token(); }).message(), HasSubstr("721 s ahead of GitHub's"));
  EXPECT_THAT(error_of([&] { token(); }).message(),
              AllOf(HasSubstr("the key is not one of this App's"), Not(HasSubstr("clock"))));
}

TEST_F(InstallationTokenTest, AnAnswerWithoutAUsableTokenIsRefused) {
  http_.answer(kTokens, 201, "{}");
  http_.answer(kTokens, 201, R"({"token":"a b","expires_at":"2026-11-23T19:45:01Z"})");
  http_.answer(kTokens, 201, R"({"token":"ghs_x","expires_at":"soon"})");

  for (int i = 0; i < 3; ++i) {
    const Error error = error_of([&] { token(); });
    EXPECT_EQ(error.kind(), ErrorKind::corrupt);
    EXPECT_THAT(error.message(), Not(HasSubstr("ghs_x")));
  }
}

// Says when a token is being made, and makes it when told so.
class SlowHttp final : public HttpClient {
 public:
  explicit SlowHttp(ScriptedHttp& next) : next_(next) {}
  HttpResponse send(const HttpRequest& request, ByteSink* body, const std::stop_token& stop) override {
    if (request.method == "POST") {
      ++making;
      making.notify_all();
      go_on.wait(false);
    }
    return next_.send(request, body, stop);
  }

  std::atomic<int> making = 0;
  std::atomic<bool> go_on = false;

 private:
  ScriptedHttp& next_;
};

TEST_F(InstallationTokenTest, OneThreadMakesItAndTheOthersWait) {
  give("ghs_one");
  SlowHttp http(http_);
  const auto source = installation_token(http, clock_,
                                         {.api_url = Url::parse(kApi),
                                          .app = "12",
                                          .key = Rs256Key::parse(kTestKey),
                                          .selection = {.organizations = {"acme"}}});
  std::array<std::string, 4> got;
  {
    std::vector<std::jthread> threads;
    for (auto& each : got) threads.emplace_back([&] { each = source->token({}).reveal(); });
    http.making.wait(0);
    http.go_on = true;
    http.go_on.notify_all();
  }

  EXPECT_THAT(got, testing::Each("ghs_one"));
  EXPECT_EQ(http.making, 1);
}

// Tells how often it was asked: a thread that comes to wait for another's token asks once, and from then on
// holds the lock until it waits.
class CountingClock final : public Clock {
 public:
  UtcTime now() override {
    ++asked;
    asked.notify_all();
    return UtcTime(std::chrono::seconds(1'000'000'000));
  }
  void sleep(std::chrono::milliseconds, std::stop_token) override {}

  std::atomic<int> asked = 0;
};

TEST_F(InstallationTokenTest, OneFailureIsToldToAllWhoWait) {
  http_.fail(kTokens, Error(ErrorKind::transient, "the network is down"));
  give("ghs_two");
  SlowHttp http(http_);
  CountingClock clock;
  const auto source = installation_token(http, clock,
                                         {.api_url = Url::parse(kApi),
                                          .app = "12",
                                          .key = Rs256Key::parse(kTestKey),
                                          .selection = {.organizations = {"acme"}},
                                          .observer = {},
                                          .retries = {.max_attempts = 1}});
  std::atomic<int> told = 0;
  const auto ask = [&] {
    try {
      source->token({});
    } catch (const Error& error) {
      told += error.kind() == ErrorKind::transient ? 1 : 0;
    }
  };
  {
    std::jthread maker(ask);
    http.making.wait(0);
    const int before = clock.asked;
    std::vector<std::jthread> others;
    for (int i = 0; i < 3; ++i) others.emplace_back(ask);
    for (int asked = clock.asked; asked < before + 3; asked = clock.asked) clock.asked.wait(asked);
    http.go_on = true;
    http.go_on.notify_all();
  }

  EXPECT_EQ(told, 4);
  EXPECT_EQ(http.making, 1);
}

TEST_F(InstallationTokenTest, AThreadThatWaitsCanBeStopped) {
  give("ghs_one");
  SlowHttp http(http_);
  const auto source = installation_token(http, clock_,
                                         {.api_url = Url::parse(kApi),
                                          .app = "12",
                                          .key = Rs256Key::parse(kTestKey),
                                          .selection = {.organizations = {"acme"}}});
  std::jthread maker([&] { source->token({}); });
  http.making.wait(0);
  std::stop_source stop;
  stop.request_stop();

  EXPECT_EQ(error_of([&] { source->token(stop.get_token()); }).kind(), ErrorKind::rate_limited);

  http.go_on = true;
  http.go_on.notify_all();
}

TEST_F(InstallationTokenTest, ARequestThatIsRefusedIsRepeatedWithAnother) {
  give("ghs_one");
  give("ghs_two");
  give("ghs_three");
  give("ghs_four");
  http_.answer(kApi + "/thing", 401, R"({"message":"Bad credentials"})");
  http_.answer(kApi + "/thing", 200, "{}");
  http_.answer(kApi + "/other", 401, R"({"message":"Bad credentials"})");
  RestClient client(http_, clock_, {.api_url = Url::parse(kApi), .token = source_});

  client.get(client.url("/thing"), {}, {});
  EXPECT_EQ(http_.requests.back().secret_headers.front().second, "Bearer ghs_two");
  const Error error = error_of([&] { client.get(client.url("/other"), {}, {}); });

  EXPECT_EQ(error.kind(), ErrorKind::unauthorized);
  EXPECT_THAT(error.message(), AllOf(HasSubstr("the token of GitHub App 12"),
                                     HasSubstr("uninstalled or suspended"), Not(HasSubstr("ghs_"))));
  EXPECT_EQ(tokens_made(), 4U) << "one for each of the two looks";
}

}  // namespace
}  // namespace hubkeep
