#include "github/release_list.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "github/rest_client.h"
#include "http/scripted_http.h"

namespace hubkeep {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ReleaseList : public ::testing::Test {
 protected:
  ReleaseListEnd list(ReleaseQuestion question = {.repository = 7}) {
    RestClient client(http_, clock_,
                      {.api_url = Url::parse("https://api.github.com"), .token = fixed_token({})});
    const ReleaseReader reader{.begin = [this] { items_.clear(); },
                               .item = [this](std::string_view item) { items_.emplace_back(item); }};
    return list_releases(client, question, reader, {});
  }
  static std::string url(int per_page, int page = 0) {
    return fmt::format("https://api.github.com/repositories/7/releases?per_page={}{}", per_page,
                       page > 0 ? fmt::format("&page={}", page) : "");
  }
  static std::string releases(int first, int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += fmt::format("{}{{\"id\":{}}}", i == 0 ? "" : ",", first + i);
    return "[" + text + "]";
  }
  void page(int per_page, int number, int pages, const std::string& body) {
    const std::string link = fmt::format("<{}>; rel=\"next\", <{}>; rel=\"last\"", url(per_page, number + 1),
                                         url(per_page, pages));
    http_.answer(url(per_page, number == 1 ? 0 : number), 200, body,
                 number < pages ? Headers{{"Link", link}} : Headers{{"Link", "<x>; rel=\"prev\""}});
  }

  ScriptedHttp http_;
  ManualClock clock_;
  std::vector<std::string> items_;
};

TEST_F(ReleaseList, OfOnePageCostsOneRequestAndHasAnETag) {
  http_.answer(url(100), 200, R"([{"id": 2, "x":1.0}, {"id":1}])", {{"ETag", "\"a\""}});

  const ReleaseListEnd end = list();

  EXPECT_THAT(items_, ElementsAre(R"({"id": 2, "x":1.0})", R"({"id":1})"));
  EXPECT_EQ(end.etag, "\"a\"");
  EXPECT_EQ(end.requests, 1U);
  EXPECT_FALSE(end.is_unchanged || end.is_cut_by_limit);
}

TEST_F(ReleaseList, ThatIsWhatItsETagNamesIsUnchanged) {
  http_.answer(url(100), 304, "");

  const ReleaseListEnd end = list({.repository = 7, .etag = "\"a\""});

  EXPECT_TRUE(end.is_unchanged);
  EXPECT_THAT(items_, IsEmpty());
}

TEST_F(ReleaseList, OfSeveralPagesIsReadToItsEndAndHasNoETag) {
  page(100, 1, 2, releases(1, 100));
  page(100, 2, 2, releases(101, 3));

  const ReleaseListEnd end = list();

  EXPECT_EQ(end.etag, "");
  std::set<std::string> different(items_.begin(), items_.end());
  EXPECT_THAT(different, SizeIs(103));
}

TEST_F(ReleaseList, IsReadInSmallerPagesWhereOneIsTooLarge) {
  http_.fail(url(100), Error(ErrorKind::corrupt, "more than 8 MiB"));
  http_.answer(url(20), 200, releases(1, 2));

  EXPECT_EQ(list().per_page, 20);

  EXPECT_THAT(items_, SizeIs(2));
  EXPECT_EQ(list({.repository = 7, .per_page = 20}).per_page, 20);
  EXPECT_EQ(http_.urls().back(), url(20));
}

TEST_F(ReleaseList, SaysWhereGitHubListsNoMore) {
  for (int number = 1; number <= 100; ++number) page(100, number, 101, releases(100 * (number - 1) + 1, 100));
  http_.answer(url(100, 101), 422, R"({"message":"Only the first 10000 results are available."})");

  EXPECT_TRUE(list().is_cut_by_limit);
}

TEST_F(ReleaseList, ThatEndsEarlyIsNotTakenForWhole) {
  page(100, 1, 3, releases(1, 100));
  page(100, 2, 3, releases(101, 100));
  http_.answer(url(100, 3), 422, "{}");

  EXPECT_THROW(list(), Error);
}

// The first page and the last are read twice: that makes no 10,000 of 9,800.
TEST_F(ReleaseList, OfWhichPagesAreReadTwiceIsNotLongerForThat) {
  for (int number = 2; number <= 98; ++number) page(100, number, 98, releases(100 * number, 100));
  for (int id = 1; id <= 5; ++id) page(100, 1, 98, releases(id, 100));

  EXPECT_THROW(list(), Error);
}

TEST_F(ReleaseList, OfWhichNobodyMayKnowNamesThePermission) {
  http_.answer(url(100), 403, "{}", {{"X-Accepted-GitHub-Permissions", "contents=read"}});

  try {
    list();
    ADD_FAILURE() << "no Error";
  } catch (const Error& error) {
    EXPECT_EQ(error.permission(), "contents=read");
  }
}

}  // namespace
}  // namespace hubkeep
