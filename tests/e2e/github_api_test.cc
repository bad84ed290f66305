// GitHub's API as those use it who keep its answers, over real HTTP: conditions, raw items, GraphQL's ways to
// refuse, and a limit that many threads share.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <future>

#include "e2e/end_to_end.h"
#include "github/rest_client.h"
#include "http/curl_client.h"

namespace hubkeep {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// The world's own; sleeping moves it.
class WorldClock final : public Clock {
 public:
  explicit WorldClock(sim::World& world) : world_(world) {}

  UtcTime now() override { return world_.now(); }
  void sleep(std::chrono::milliseconds duration, std::stop_token) override {
    world_.advance(std::chrono::ceil<std::chrono::seconds>(duration));
  }

 private:
  sim::World& world_;
};

class GitHubsApi : public EndToEnd {
 protected:
  RestClient client() {
    return RestClient(*http_, clock_,
                      {.api_url = Url::parse(github_.api_url()),
                       .token = fixed_token(Secret(token_, "TOKEN_GITHUB")),
                       .observer = {},
                       .retries = {.max_attempts = 2}});
  }
  std::vector<int> statuses() const {
    std::vector<int> statuses;
    for (const auto& request : github_.log()) statuses.push_back(request.status);
    return statuses;
  }

  const std::unique_ptr<HttpClient> http_ = make_curl_client({.user_agent = "hubkeep test"});
  WorldClock clock_{world_};
};

TEST_F(GitHubsApi, SaysThatNothingIsNewAndThenWhatIs) {
  add_repository("site");
  RestClient client = this->client();
  const Url url = client.url("/user/repos");
  const ApiAnswer first = client.get(url, {}, {});
  const auto left = client.budget().left(ApiKind::rest, clock_.now());

  const ApiAnswer same = client.get(url, {.etag = first.etag()}, {});
  EXPECT_TRUE(same.is_unchanged());
  EXPECT_THAT(same.body(), IsEmpty());
  EXPECT_EQ(same.etag(), first.etag());
  EXPECT_EQ(client.budget().left(ApiKind::rest, clock_.now()), left) << "it costs nothing";

  add_repository("other");
  const ApiAnswer other = client.get(url, {.etag = first.etag()}, {});
  EXPECT_EQ(other.status(), 200);
  EXPECT_THAT(other.items(), SizeIs(2));
  EXPECT_EQ(client.budget().left(ApiKind::rest, clock_.now()), left.value() - 1);
}

TEST_F(GitHubsApi, ItemsAreTheBytesThatWereSent) {
  add_repository("site");
  add_repository("other");
  RestClient client = this->client();

  const ApiAnswer answer = client.get(client.url("/user/repos"), {}, {});

  const auto items = answer.items();
  ASSERT_THAT(items, SizeIs(2));
  EXPECT_EQ(fmt::format("[{}]", fmt::join(items, ",")), answer.body());
}

TEST_F(GitHubsApi, APermissionThatIsMissingIsNamed) {
  github_.faults().add({.path = "/user"},
                       sim::Respond{.status = 403,
                                    .headers = {{"X-Accepted-GitHub-Permissions", "metadata=read"}},
                                    .body = R"({"message":"Resource not accessible"})"},
                       2);
  RestClient client = this->client();

  try {
    client.get(client.url("/user"), {}, {});
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::forbidden);
    EXPECT_EQ(error.permission(), "metadata=read");
  }
}

TEST_F(GitHubsApi, GraphQlsRefusalsAreToldApart) {
  const auto respond_nth = [&](int before, const char* body, sim::Headers headers) {
    github_.faults().add({.path = "/graphql"},
                         sim::Respond{.status = 200, .headers = std::move(headers), .body = body}, 1, before);
  };
  respond_nth(0, R"({"errors":[{"type":"RATE_LIMITED","message":"API rate limit exceeded"}]})",
              {{"Retry-After", "3"}});
  respond_nth(1, R"({"data":{"nodes":null},"errors":[{"type":"RESOURCE_LIMITS_EXCEEDED"}]})", {});
  RestClient client = this->client();
  const UtcTime begin = clock_.now();

  const ApiAnswer answer = client.graphql({.query = "query { viewer { login } }"}, {});

  EXPECT_TRUE(answer.is_cut_short());
  EXPECT_EQ(clock_.now() - begin, std::chrono::seconds(3)) << "the hour's limit is waited out";
  EXPECT_EQ(client.request_count(), 2U) << "and what is too large is not asked for again";
}

TEST_F(GitHubsApi, ADownloadLeavesTheTokenBehind) {
  const auto id = add_filled("site", 1, 200);
  RestClient client = this->client();
  github_.clear_log();
  StringSink zip;

  client.download(client.url("/repos/" + world_.repository(id).full_name() + "/zipball/main"), zip, {});

  EXPECT_THAT(zip.str(), testing::StartsWith("PK"));
  std::vector<bool> told;
  for (const auto& request : github_.log()) told.push_back(request.token_present);
  EXPECT_THAT(told, ElementsAre(true, false));
}

// Without a budget that all share, each of the threads is refused before it waits.
TEST_F(GitHubsApi, ThreadsThatShareAnHourAreNeverRefused) {
  constexpr int kThreads = 8;
  constexpr int kRequests = 20;
  add_repository("site");
  github_.rate_limiter().set(sim::RateLimit{.remaining = kThreads * kRequests / 2});
  RestClient client = this->client();
  const UtcTime begin = clock_.now();

  std::vector<std::future<void>> threads;
  for (int i = 0; i < kThreads; ++i)
    threads.push_back(std::async(std::launch::async, [&] {
      for (int n = 0; n < kRequests; ++n) client.get(client.url("/user"), {}, {});
    }));
  for (auto& thread : threads) thread.get();

  EXPECT_THAT(statuses(), SizeIs(kThreads * kRequests));
  EXPECT_THAT(statuses(), Each(200));
  EXPECT_GE(clock_.now() - begin, std::chrono::hours(1)) << "the hour was used up, and waited for";
}

}  // namespace
}  // namespace hubkeep
