#include "github/probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "github/rest_client.h"
#include "http/scripted_http.h"

namespace hubkeep {
namespace {

using nlohmann::json;

const std::set<std::string> kAll = {"releases",   "issues", "pull_requests",  "discussions",
                                    "milestones", "labels", "commit_comments"};
constexpr const char* kGraphql = "https://api.github.com/graphql";

class ProbeTest : public ::testing::Test {
 protected:
  RestClient client() {
    return RestClient(http_, clock_,
                      {.api_url = Url::parse("https://api.github.com"),
                       .token = fixed_token(Secret("ghp_hunter2", "TOKEN_GITHUB")),
                       .observer = {},
                       .retries = {}});
  }
  static std::vector<Repository> repositories(int count) {
    std::vector<Repository> made(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) made[static_cast<std::size_t>(i)].node_id = "R_" + std::to_string(i);
    return made;
  }
  static json node(const std::string& id, int count, const json& updated_at) {
    json nodes = json::array();
    if (count > 0) nodes.push_back({{"updatedAt", updated_at}});
    return {{"id", id}, {"releases", {{"totalCount", count}, {"nodes", nodes}}}};
  }
  void answer(const json& nodes) { http_.answer(kGraphql, 200, json{{"data", {{"nodes", nodes}}}}.dump()); }

  ScriptedHttp http_;
  ManualClock clock_;
};

TEST_F(ProbeTest, TellsHowManyReleasesThereAreAndWhenTheNewestChanged) {
  auto list = repositories(2);
  answer({node("R_0", 12, "2026-11-29T10:00:00Z"), node("R_1", 0, nullptr)});
  auto api = client();

  probe(api, list, kAll, {});

  EXPECT_EQ(list[0].releases, "12 2026-11-29T10:00:00Z");
  EXPECT_EQ(list[1].releases, kNoReleases);
}

TEST_F(ProbeTest, TellsHowManyThereAreOfAllElseAndWhenTheNewestChanged) {
  auto list = repositories(1);
  json told = node("R_0", 0, nullptr);
  told["issues"] = {{"totalCount", 3}, {"nodes", json::array({{{"updatedAt", "2026-11-29T10:00:00Z"}}})}};
  told["pullRequests"] = {{"totalCount", 0}, {"nodes", json::array()}};
  told["discussions"] = nullptr;
  told["labels"] = {{"totalCount", 9}};
  answer(json::array({told}));
  auto api = client();

  probe(api, list, kAll, {});

  EXPECT_THAT(list[0].probe,
              ::testing::ElementsAre(::testing::Pair("issues", "3 2026-11-29T10:00:00Z"),
                                     ::testing::Pair("labels", "9"), ::testing::Pair("pull_requests", "0")));
}

TEST_F(ProbeTest, TellsOnlyOfWhatIsWantedAndThatTheRestIsKept) {
  auto list = repositories(1);
  json told = node("R_0", 2, "2026-11-29T10:00:00Z");
  told["labels"] = {{"totalCount", 9}};
  answer(json::array({told}));
  auto api = client();

  probe(api, list, {"settings"}, {});

  EXPECT_EQ(list[0].releases, std::nullopt);
  EXPECT_THAT(list[0].probe, ::testing::ElementsAre(::testing::Pair("settings", "kept")));
}

TEST_F(ProbeTest, AsksForAHundredAtATimeAndForNoGist) {
  auto list = repositories(202);
  list[0].is_gist = true;
  list[1].node_id.clear();
  answer(json::array());
  auto api = client();

  probe(api, list, kAll, {});

  ASSERT_EQ(http_.requests.size(), 2U);
  EXPECT_EQ(json::parse(http_.requests[0].body)["variables"]["ids"].size(), 100U);
  EXPECT_EQ(json::parse(http_.requests[1].body)["variables"]["ids"].front(), "R_102");
}

TEST_F(ProbeTest, LeavesUnknownWhatGitHubDoesNotSay) {
  auto list = repositories(5);
  answer({nullptr,
          json::object(),
          {{"id", "R_2"}, {"releases", nullptr}},
          node("R_0", 1, "x"),
          node("R_4", 3, nullptr)});
  auto api = client();

  probe(api, list, kAll, {});

  for (const Repository& repository : list)
    EXPECT_EQ(repository.releases, std::nullopt) << repository.node_id;
}

TEST_F(ProbeTest, AsksByOldIdsAsWell) {
  auto list = repositories(3);
  list[0].node_id = "MDEwOlJlcG9zaXRvcnkx";
  list[1].node_id = "MDEwOlJlcG9zaXRvcnky";
  answer({node("MDEwOlJlcG9zaXRvcnkx", 3, "2026-11-29T10:00:00Z"), nullptr, node("R_2", 0, nullptr)});
  auto api = client();

  probe(api, list, kAll, {});

  EXPECT_EQ(list[0].releases, "3 2026-11-29T10:00:00Z");
  EXPECT_EQ(list[1].releases, std::nullopt) << "an id that GitHub does not take";
  EXPECT_EQ(list[2].releases, kNoReleases);
}

TEST_F(ProbeTest, HoldsNoRunUpWhereGraphQLIsDown) {
  auto list = repositories(300);
  http_.answer(kGraphql, 502, "<html>");
  auto api = client();
  const UtcTime before = clock_.now();

  EXPECT_THROW(probe(api, list, kAll, {}), Error);

  EXPECT_EQ(http_.requests.size(), 2U);
  EXPECT_LE(clock_.now() - before, std::chrono::seconds(1));
}

TEST_F(ProbeTest, ThrowsWhereGitHubRefuses) {
  auto list = repositories(1);
  http_.answer(kGraphql, 403, "{}");
  auto api = client();

  EXPECT_THROW(probe(api, list, kAll, {}), Error);
  EXPECT_EQ(list[0].releases, std::nullopt);
}

}  // namespace
}  // namespace hubkeep
