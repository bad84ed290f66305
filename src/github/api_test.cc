#include "github/api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace hubkeep {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

ApiAnswer answer_of(std::string body, Headers headers = {}) {
  return {{.status = 200,
           .headers = std::move(headers),
           .body = std::move(body),
           .url = Url::parse("https://api.github.com/list?per_page=2")},
          UtcTime()};
}

std::string message_of_items(const std::string& body, std::string_view member = {}) {
  try {
    answer_of(body).items(member);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::corrupt);
    return error.message();
  }
  return "no error";
}

TEST(ApiAnswer, ItemsAreOfTheListThatItIs) {
  EXPECT_THAT(answer_of("[{\"id\":1}, 2]").items(), ElementsAre("{\"id\":1}", "2"));
  EXPECT_THAT(answer_of("[]").items("things"), IsEmpty()) << "whatever the list would be called";
}

TEST(ApiAnswer, ItemsAreOfTheListThatIsNamed) {
  const ApiAnswer answer = answer_of(R"({"total_count":2,"labels":["x"],"things":[{"id":1},{"id":2}]})");

  EXPECT_THAT(answer.items("things"), ElementsAre(R"({"id":1})", R"({"id":2})"));
}

TEST(ApiAnswer, OfNoListHasNoItems) {
  EXPECT_EQ(message_of_items(R"({"things":[]})"), "GitHub sent an object where a list was expected");
  EXPECT_EQ(message_of_items(R"({"things":[]})", "others"),
            "GitHub sent an object where a list was expected");
  EXPECT_EQ(message_of_items(R"({"things":null})", "things"), "GitHub sent null where a list was expected");
  EXPECT_EQ(message_of_items("3"), "GitHub sent a number where a list was expected");
}

// A short text lies within its string, and moves with it.
TEST(ApiAnswer, ItemsStayGoodWhenItIsMovedOrCopied) {
  std::optional<ApiAnswer> first = answer_of("[1,22]");
  const auto items = first->items();

  const ApiAnswer copy = *first;
  const ApiAnswer moved = std::move(*first);
  first.reset();

  EXPECT_THAT(items, ElementsAre("1", "22"));
  EXPECT_EQ(copy.body().data(), moved.body().data());
}

TEST(ApiAnswer, LinksAreResolved) {
  const ApiAnswer answer =
      answer_of("[]", {{"link", "</list?page=2>; rel=\"next\", <?page=9>; rel=\"last\""}});

  EXPECT_EQ(answer.next().value().str(), "https://api.github.com/list?page=2");
  EXPECT_EQ(answer.link("last").value().str(), "https://api.github.com/list?page=9");
  EXPECT_EQ(answer.link("prev"), std::nullopt);
}

TEST(GraphQlUrl, BelongsToTheAddressOfRest) {
  const auto of = [](const char* api) {
    const auto url = graphql_url(Url::parse(api));
    return url ? url->str() : "";
  };

  EXPECT_EQ(of("https://api.github.com"), "https://api.github.com/graphql");
  EXPECT_EQ(of("https://api.github.com/"), "https://api.github.com/graphql");
  EXPECT_EQ(of("https://api.octo.ghe.com"), "https://api.octo.ghe.com/graphql");
  EXPECT_EQ(of("https://ghe.example.com:8443/api/v3/"), "https://ghe.example.com:8443/api/graphql");
  EXPECT_EQ(of("https://ghe.example.com"), "");
}

}  // namespace
}  // namespace hubkeep
