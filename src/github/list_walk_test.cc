#include "github/list_walk.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "base/json.h"
#include "github/rest_client.h"
#include "http/scripted_http.h"

namespace hubkeep {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using Ids = std::vector<int>;

const std::string kApi = "https://api.github.com";
const std::string kList = kApi + "/list?per_page=3";

std::string page_url(int page) {
  return page == 1 ? kList : fmt::format("{}&page={}", kList, page);
}

std::string items(const Ids& ids) {
  std::vector<std::string> texts;
  for (const int id : ids) texts.push_back(fmt::format(R"({{"id":{}}})", id));
  return fmt::format("[{}]", fmt::join(texts, ","));
}

Headers links(int next, int last) {
  std::string text;
  if (next != 0) text += fmt::format("<{}>; rel=\"next\", ", page_url(next));
  return {{"Link", text + fmt::format("<{}>; rel=\"last\"", page_url(last))}};
}

class ListWalkTest : public ::testing::Test {
 protected:
  // Page `number` of `last`, with the links that GitHub sends.
  void page(int number, int last, const Ids& ids) {
    const Headers headers = last == 1 ? Headers{} : links(number < last ? number + 1 : 0, last);
    http_.answer(page_url(number), 200, items(ids), headers);
  }
  void bare_page(int number, const Ids& ids) { http_.answer(page_url(number), 200, items(ids)); }

  ListEnd walk(HttpClient& http, const std::string& member = "") {
    found_.clear();
    RestClient client(http, clock_,
                      {.api_url = Url::parse(kApi),
                       .token = fixed_token(Secret("ghp_x", "T")),
                       .observer = {},
                       .retries = {.max_attempts = 3}});
    const ListWalkReader reader{.item = [this](std::string_view item, UtcTime, int walk) {
      found_[parse_json(item).at("id").get<int>()] = walk;
      texts_.emplace_back(item);
    }};
    const ListEnd end = walk_list(client, {Url::parse(kList), member}, reader, {});
    requests_ = client.request_count();
    if (!end.problem) std::erase_if(found_, [&](const auto& entry) { return entry.second != end.walk; });
    return end;
  }
  ListEnd walk(const std::string& member = "") { return walk(http_, member); }

  Ids ids() const {
    Ids ids;
    for (const auto& [id, walk] : found_) ids.push_back(id);
    return ids;
  }
  void expect_problem(const ListEnd& end, int page, const std::string& text) {
    ASSERT_TRUE(end.problem.has_value());
    EXPECT_EQ(end.problem->page, page);
    EXPECT_THAT(end.problem->error.message(), HasSubstr(text));
  }

  ScriptedHttp http_;
  ManualClock clock_;
  std::map<int, int> found_;  // and the walk that brought it last
  std::vector<std::string> texts_;
  std::uint64_t requests_ = 0;
};

TEST_F(ListWalkTest, AsksForAListOfOnePageOnce) {
  page(1, 1, {1, 2});

  EXPECT_FALSE(walk().problem);

  EXPECT_THAT(ids(), ElementsAre(1, 2));
  EXPECT_EQ(requests_, 1U);
  EXPECT_THAT(clock_.slept, IsEmpty());
}

TEST_F(ListWalkTest, AsksForAnEmptyListTwiceUnlessItMayBeEmpty) {
  http_.answer(kList, 200, "[]");
  RestClient client(http_, clock_,
                    {.api_url = Url::parse(kApi),
                     .token = fixed_token(Secret("ghp_x", "T")),
                     .observer = {},
                     .retries = {}});
  const ListWalkReader reader{.item = [](std::string_view, UtcTime, int) {}};

  walk_list(client, {.first = Url::parse(kList), .member = "", .may_be_empty = true}, reader, {});
  const auto once = http_.urls().size();
  walk_list(client, {Url::parse(kList), ""}, reader, {});

  EXPECT_EQ(once, 1U);
  EXPECT_EQ(http_.urls().size(), 3U);
}

TEST_F(ListWalkTest, BringsItemsAsTheyWereSent) {
  http_.answer(kList, 200, "[ {\"z\": 1.50, \"id\":1},\n{\"id\" : 2, \"a\": \"\\u00e4]\"} ]");

  EXPECT_FALSE(walk().problem);

  EXPECT_THAT(texts_, ElementsAre("{\"z\": 1.50, \"id\":1}", "{\"id\" : 2, \"a\": \"\\u00e4]\"}"));
}

// As the ids of gists are.
TEST_F(ListWalkTest, HoldsTheListAgainstItselfWhereIdsAreText) {
  const std::string second = kList + "&page=2";
  const Headers more = {{"Link", fmt::format("<{0}>; rel=\"next\", <{0}>; rel=\"last\"", second)}};
  http_.answer(kList, 200, R"([{"id":"1a"}])", more);
  http_.answer(second, 200, R"([{"id":"1a"}])");
  RestClient client(http_, clock_,
                    {.api_url = Url::parse("https://api.github.com"),
                     .token = fixed_token(Secret("t", "T")),
                     .observer = {},
                     .retries = {}});

  const ListEnd end =
      walk_list(client, {Url::parse(kList), ""}, {.item = [](std::string_view, UtcTime, int) {}}, {});

  expect_problem(end, 2, "page 2 brings only what came before it");
}

TEST_F(ListWalkTest, LooksAtTheFirstPageAgainAndAheadAtTheLast) {
  page(1, 4, {1, 2, 3});
  page(2, 4, {4, 5, 6});
  page(3, 4, {7, 8, 9});
  page(4, 4, {10});

  EXPECT_FALSE(walk().problem);

  EXPECT_THAT(ids(), SizeIs(10));
  EXPECT_THAT(http_.urls(),
              ElementsAre(page_url(1), page_url(4), page_url(2), page_url(3), page_url(4), page_url(1)));
}

TEST_F(ListWalkTest, FollowsLinksAsSent) {
  const std::string second = kApi + "/repositories/1/list?after=a%2Bb&page=2";
  http_.answer(kList, 200, items({1, 2, 3}), {{"Link", "<" + second + R"(>; rel="next")"}});
  http_.answer(second, 200, items({4}), {{"link", "</third>; rel=next"}});
  http_.answer(kApi + "/third", 200, items({5}), {{"Link", "<" + kList + R"(>; rel="first")"}});

  EXPECT_FALSE(walk().problem);

  EXPECT_THAT(ids(), ElementsAre(1, 2, 3, 4, 5));
  EXPECT_THAT(http_.urls(), ElementsAre(kList, second, kApi + "/third", kList));
}

// A repository of the first page is deleted after that was read: the first of the second page is hidden.
TEST_F(ListWalkTest, IsReadAgainWhereTheFirstPageMoved) {
  page(1, 2, {1, 2, 3});
  page(1, 2, {2, 3, 4});
  page(2, 2, {5});

  const ListEnd end = walk();

  EXPECT_FALSE(end.problem);
  EXPECT_EQ(end.walk, 2);
  EXPECT_THAT(ids(), ElementsAre(2, 3, 4, 5)) << "what is gone is not kept";
}

TEST_F(ListWalkTest, IsReadAgainWhereAPageInTheMiddleMoved) {
  page(1, 4, {1, 2, 3});
  page(2, 4, {4, 5, 6});
  page(3, 4, {8, 9, 10});  // 5 was deleted meanwhile, and 7 is where nobody looks any more
  page(4, 4, {10, 11});
  page(4, 4, {11});
  page(2, 4, {4, 6, 7});

  const ListEnd end = walk();

  EXPECT_FALSE(end.problem);
  EXPECT_EQ(end.walk, 2);
  EXPECT_THAT(ids(), ElementsAre(1, 2, 3, 4, 6, 7, 8, 9, 10, 11));
}

TEST_F(ListWalkTest, WhatIsCreatedMeanwhileMovesNothing) {
  page(1, 3, {1, 2, 3});
  page(2, 3, {4, 5, 6});
  page(3, 3, {7});
  page(3, 3, {7, 8});

  const ListEnd end = walk();

  EXPECT_FALSE(end.problem);
  EXPECT_EQ(end.walk, 1);
  EXPECT_THAT(ids(), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8));
}

TEST_F(ListWalkTest, AListThatChangesTwiceIsNotWholeButKept) {
  page(1, 2, {1, 2, 3});
  page(1, 2, {2, 3, 4});
  page(1, 2, {2, 3, 4});
  page(1, 2, {3, 4, 5});
  page(2, 2, {5});

  const ListEnd end = walk();

  expect_problem(end, 1, "the list changed while it was read, twice");
  EXPECT_THAT(ids(), ElementsAre(1, 2, 3, 4, 5));
}

TEST_F(ListWalkTest, AnEmptyPageThatWasPromisedIsAskedForAgain) {
  page(1, 2, {1, 2, 3});
  page(2, 2, {});
  page(2, 2, {4});

  EXPECT_FALSE(walk().problem);

  EXPECT_THAT(ids(), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(clock_.slept, ElementsAre(kSecondLook));
}

TEST_F(ListWalkTest, AnEmptyPageThatStaysEmptyIsAProblem) {
  page(1, 3, {1, 2, 3});
  page(2, 3, {});
  page(3, 3, {7});

  const ListEnd end = walk();

  expect_problem(end, 2, "GitHub says that there is more, and sends page 2 empty");
  EXPECT_THAT(ids(), ElementsAre(1, 2, 3, 7));
}

TEST_F(ListWalkTest, AnEmptyListIsBelievedTheSecondTime) {
  bare_page(1, {});

  EXPECT_FALSE(walk().problem);

  EXPECT_EQ(requests_, 2U);
  EXPECT_THAT(clock_.slept, ElementsAre(kSecondLook));
}

TEST_F(ListWalkTest, AListThatIsEmptyOnceIsRead) {
  bare_page(1, {});
  bare_page(1, {1});

  EXPECT_FALSE(walk().problem);

  EXPECT_THAT(ids(), ElementsAre(1));
}

TEST_F(ListWalkTest, AFullPageWithoutLinksIsAskedForItsNext) {
  bare_page(1, {1, 2, 3});
  bare_page(2, {4, 5, 6});
  bare_page(3, {7});

  EXPECT_FALSE(walk().problem);

  EXPECT_THAT(ids(), ElementsAre(1, 2, 3, 4, 5, 6, 7));
  EXPECT_EQ(requests_, 4U);
}

TEST_F(ListWalkTest, AFullPageThatIsTheLastCostsOneRequest) {
  bare_page(1, {1, 2, 3});
  bare_page(2, {});

  EXPECT_FALSE(walk().problem);

  EXPECT_THAT(ids(), ElementsAre(1, 2, 3));
  EXPECT_EQ(requests_, 2U);
  EXPECT_THAT(clock_.slept, IsEmpty());
}

TEST_F(ListWalkTest, WhatWasReadBeforeAFailingPageIsKept) {
  page(1, 4, {1, 2, 3});
  page(2, 4, {4, 5, 6});
  http_.answer(page_url(3), 403, R"({"message":"no"})");
  page(4, 4, {10});

  const ListEnd end = walk();

  expect_problem(end, 3, "GET https://api.github.com/list: the token from T is not allowed to do this");
  EXPECT_THAT(ids(), ElementsAre(1, 2, 3, 4, 5, 6, 10));
}

TEST_F(ListWalkTest, APageThatFailsOnceIsReadLater) {
  page(1, 2, {1, 2, 3});
  http_.answer(page_url(2), 200, "<html>Sign in</html>", {{"Content-Type", "text/html"}});
  page(2, 2, {4});

  EXPECT_FALSE(walk().problem);

  EXPECT_THAT(ids(), ElementsAre(1, 2, 3, 4));
}

TEST_F(ListWalkTest, ThrowsWhereNothingCame) {
  http_.answer(kList, 403, R"({"message":"no"})");

  try {
    walk();
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::forbidden);
  }
}

TEST_F(ListWalkTest, RefusesAnObjectWhereAListIsExpected) {
  http_.answer(kList, 200, R"({"repositories":[]})");

  try {
    walk();
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::corrupt);
    EXPECT_THAT(error.message(), HasSubstr("an object where a list"));
  }
}

TEST_F(ListWalkTest, SendsNothingToAPageElsewhere) {
  for (const char* elsewhere : {"https://evil.example.com/list?page=2", "http://api.github.com/list?page=2",
                                "https://api.github.com:8443/list", "//evil.example.com/"}) {
    ScriptedHttp http;
    http.answer(kList, 200, items({1}), {{"Link", std::string("<") + elsewhere + R"(>; rel="next")"}});

    const ListEnd end = walk(http);

    expect_problem(end, 2, Url::parse(kList).resolve(elsewhere).origin());
    EXPECT_EQ(end.problem->error.kind(), ErrorKind::invalid);
    EXPECT_THAT(http.requests, SizeIs(1)) << elsewhere;
    EXPECT_THAT(ids(), ElementsAre(1));
  }
}

TEST_F(ListWalkTest, PagesThatGoRoundInACircleHaveAnEnd) {
  http_.answer(page_url(1), 200, items({1}), {{"Link", "<" + page_url(2) + ">; rel=next"}});
  http_.answer(page_url(2), 200, items({2}), {{"Link", "<" + page_url(1) + ">; rel=next"}});

  const ListEnd end = walk();

  expect_problem(end, 3, "page 3 brings only what came before it");
  EXPECT_EQ(requests_, 6U);
  EXPECT_THAT(ids(), ElementsAre(1, 2));
}

// Items that are known by nothing cannot show that they came before.
TEST_F(ListWalkTest, PagesOfNamelessItemsThatLeadBackHaveAnEnd) {
  http_.answer(page_url(1), 200, "[{}]", {{"Link", "<" + page_url(2) + ">; rel=next"}});
  http_.answer(page_url(2), 200, "[{}]", {{"Link", "<" + page_url(3) + ">; rel=next"}});
  http_.answer(page_url(3), 200, "[{}]", {{"Link", "<" + page_url(2) + ">; rel=next"}});
  RestClient client(http_, clock_,
                    {.api_url = Url::parse(kApi),
                     .token = fixed_token(Secret("ghp_x", "T")),
                     .observer = {},
                     .retries = {.max_attempts = 3}});

  const ListEnd end =
      walk_list(client, {Url::parse(kList), ""}, {.item = [](std::string_view, UtcTime, int) {}}, {});

  expect_problem(end, 4, "the list leads from page 3 back to a page that was read before");
  EXPECT_THAT(http_.requests, SizeIs(6));
}

TEST_F(ListWalkTest, APageOfMoreItemsThanAnybodyAskedForIsRefused) {
  Ids many(1001);
  std::iota(many.begin(), many.end(), 1);
  bare_page(1, many);

  try {
    walk();
    FAIL() << "no Error was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::corrupt);
    EXPECT_THAT(error.message(), HasSubstr("a page of 1001 items, where a hundred at most are asked for"));
  }
}

// Each page has a next, and an item of its own.
class EndlessList final : public HttpClient {
 public:
  HttpResponse send(const HttpRequest& request, ByteSink*, const std::stop_token&) override {
    ++page_;
    return {.status = 200,
            .headers = {{"Link", fmt::format("<{}>; rel=\"next\"", page_url(page_ + 1))}},
            .body = items({page_}),
            .url = request.url};
  }

 private:
  int page_ = 0;
};

TEST_F(ListWalkTest, PagesWithoutEndHaveABound) {
  EndlessList http;

  const ListEnd end = walk(http);

  expect_problem(end, 2001, "the list has more than 2000 pages");
  EXPECT_EQ(requests_, 2000U);
  EXPECT_THAT(ids(), SizeIs(2000));
}

class CountedListTest : public ListWalkTest {
 protected:
  void counted_page(int number, int last, int total, const Ids& ids) {
    const Headers headers = last == 1 ? Headers{} : links(number < last ? number + 1 : 0, last);
    http_.answer(page_url(number), 200, fmt::format(R"({{"total_count":{},"things":{}}})", total, items(ids)),
                 headers);
  }
};

TEST_F(CountedListTest, IsWholeWhereTheCountAgrees) {
  counted_page(1, 3, 7, {1, 2, 3});
  counted_page(2, 3, 7, {4, 5, 6});
  counted_page(3, 3, 7, {7});

  EXPECT_FALSE(walk("things").problem);

  EXPECT_EQ(requests_, 3U);
}

TEST_F(CountedListTest, IsReadAgainWhereTheCountChanges) {
  counted_page(1, 2, 4, {1, 2, 3});
  counted_page(2, 2, 3, {});
  counted_page(1, 1, 3, {2, 3, 4});
  counted_page(2, 2, 3, {});

  const ListEnd end = walk("things");

  EXPECT_FALSE(end.problem);
  EXPECT_THAT(ids(), ElementsAre(2, 3, 4));
}

TEST_F(CountedListTest, IsNotWholeWhereTheCountDiffers) {
  counted_page(1, 1, 4, {1, 2});

  const ListEnd end = walk("things");

  expect_problem(end, 1, "GitHub counts 4 and lists 2");
  EXPECT_THAT(ids(), ElementsAre(1, 2));
}

TEST_F(CountedListTest, AnHonestlyEmptyOneIsWhole) {
  counted_page(1, 1, 0, {});

  EXPECT_FALSE(walk("things").problem);

  EXPECT_EQ(requests_, 2U);
}

}  // namespace
}  // namespace hubkeep
