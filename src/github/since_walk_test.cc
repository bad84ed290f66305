#include "github/since_walk.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "github/rest_client.h"
#include "http/scripted_http.h"

namespace hubkeep {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

const std::string kList = "https://api.github.com/repositories/7/issues?state=all";

std::string page_url(const std::string& since, int per_page = 100) {
  return kList + fmt::format("&per_page={}", per_page) + (since.empty() ? "" : "&since=" + since);
}

std::string at(int second) {
  return fmt::format("2026-11-29T10:{:02}:{:02}Z", second / 60, second % 60);
}

class SinceWalkTest : public ::testing::Test {
 protected:
  // Items are their ids, changed at these seconds.
  static std::string items(const std::vector<std::pair<int, int>>& all) {
    std::vector<std::string> texts;
    for (const auto& [id, second] : all)
      texts.push_back(fmt::format(R"({{"id":{},"updated_at":"{}"}})", id, at(second)));
    return fmt::format("[{}]", fmt::join(texts, ","));
  }
  void page(const std::string& url, const std::string& body, const std::string& next = "") {
    http_.answer(url, 200, body,
                 next.empty() ? Headers{} : Headers{{"Link", fmt::format("<{}>; rel=\"next\"", next)}});
  }
  void walk(const std::string& since = "") {
    RestClient api(http_, clock_,
                   {.api_url = Url::parse("https://api.github.com"),
                    .token = fixed_token(Secret("ghp_hunter2", "TOKEN_GITHUB")),
                    .observer = {},
                    .retries = {}});
    const SinceWalkReader reader{
        .item = [&](std::string_view item) { items_.emplace_back(item); },
        .page = [&](const ApiAnswer&, const std::string& reached) { reached_.push_back(reached); }};
    walk_since(api, {Url::parse(kList), since}, reader, {});
  }

  ScriptedHttp http_;
  ManualClock clock_;
  std::vector<std::string> items_;
  std::vector<std::string> reached_;
};

TEST_F(SinceWalkTest, ReadsPageAfterPageByTheTimeOfTheLastItem) {
  page(page_url(""), items({{1, 1}, {2, 2}}), kList + "&page=2");
  page(page_url(at(2)), items({{2, 2}, {3, 3}}), kList + "&page=2&since=x");
  page(page_url(at(3)), items({{3, 3}}));

  walk();

  EXPECT_THAT(items_, SizeIs(5));
  EXPECT_THAT(reached_, ElementsAre(at(2), at(3), at(3)));
  EXPECT_THAT(http_.urls(), ElementsAre(page_url(""), page_url(at(2)), page_url(at(3))));
}

TEST_F(SinceWalkTest, BeginsAtATime) {
  page(page_url(at(5)), "[]");

  walk(at(5));

  EXPECT_THAT(http_.urls(), ElementsAre(page_url(at(5))));
  EXPECT_THAT(reached_, ElementsAre(at(5)));
}

// All of it was imported at once.
TEST_F(SinceWalkTest, FollowsTheLinksThroughASecondThatIsLongerThanAPage) {
  const std::string second = "https://api.github.com/repositories/7/issues?after=abc";
  page(page_url(at(4)), items({{1, 4}, {2, 4}}), second);
  page(second, items({{3, 4}, {4, 5}}), second + "d");
  page(page_url(at(5)), items({{4, 5}}));

  walk(at(4));

  EXPECT_THAT(http_.urls(), ElementsAre(page_url(at(4)), second, page_url(at(5))));
}

TEST_F(SinceWalkTest, APageThatIsTooLargeComesInPieces) {
  http_.fail(page_url(""), Error(ErrorKind::corrupt, "more than 8 MiB"));
  page(page_url("", 20), items({{1, 1}}), kList + "&page=2");
  page(page_url(at(1), 20), items({{1, 1}}));

  walk();

  EXPECT_EQ(http_.urls().back(), page_url(at(1), 20));
}

// 40,000 comments would be the end of page numbers.
TEST_F(SinceWalkTest, NeverAsksForADeepPage) {
  constexpr int kPages = 500;
  for (int i = 0; i < kPages; ++i)
    page(page_url(i == 0 ? "" : at(i)), items({{i, i}, {i + 1, i + 1}}),
         i + 1 < kPages ? kList + "&page=2" : "");

  walk();

  EXPECT_THAT(http_.urls(), SizeIs(kPages));
  for (const std::string& url : http_.urls()) EXPECT_THAT(url, ::testing::Not(HasSubstr("&page=")));
}

TEST_F(SinceWalkTest, AListThatGoesBackIsNotBelieved) {
  page(page_url(at(5)), items({{1, 3}}));
  EXPECT_THROW(walk(at(5)), Error);
  page(page_url(at(6)), items({{1, 8}, {2, 7}}));
  EXPECT_THROW(walk(at(6)), Error);
  EXPECT_THAT(items_, SizeIs(0));
}

TEST_F(SinceWalkTest, WhatHasNoTimeIsNotBelieved) {
  page(page_url(""), R"([{"id":1,"updated_at":"soon"}])");
  EXPECT_THROW(walk(), Error);
  page(page_url(at(1)), R"([{"id":1}])");
  EXPECT_THROW(walk(at(1)), Error);
}

TEST_F(SinceWalkTest, AnEmptyPageBeforeTheLastIsNotTheEnd) {
  page(page_url(""), "[]", kList + "&page=2");
  EXPECT_THROW(walk(), Error);
}

TEST_F(SinceWalkTest, AnAddressElsewhereGetsNoToken) {
  page(page_url(at(4)), items({{1, 4}, {2, 4}}), "https://evil.example/next");
  EXPECT_THROW(walk(at(4)), Error);
  EXPECT_THAT(http_.urls(), SizeIs(1));
}

}  // namespace
}  // namespace hubkeep
