#include "github/json_slices.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"

namespace hubkeep {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Optional;

TEST(ArrayItems, AreTheExactTextOfEach) {
  const std::string text = " [ {\"z\": 1.50, \"a\":\t[1, 2]} ,\n\"a,]\\\"}\", -1e2,true , null,[],{ } ] ";
  ASSERT_TRUE(is_json(text));

  EXPECT_THAT(array_items(text), Optional(ElementsAre("{\"z\": 1.50, \"a\":\t[1, 2]}", "\"a,]\\\"}\"", "-1e2",
                                                      "true", "null", "[]", "{ }")));
}

TEST(ArrayItems, LieInTheTextItself) {
  const std::string text = R"([{"id":1},{"id":2}])";

  const auto items = array_items(text).value();

  EXPECT_EQ(items[0].data(), text.data() + 1);
  EXPECT_EQ(items[1].data(), text.data() + 10);
}

TEST(ArrayItems, BracketsAndQuotesInStringsAreText) {
  EXPECT_THAT(array_items(R"([{"a":"]}"},"\\",["\"]"]])"),
              Optional(ElementsAre(R"({"a":"]}"})", R"("\\")", R"(["\"]"])")));
}

TEST(ArrayItems, OfAnEmptyArrayAreNone) {
  EXPECT_THAT(array_items("[ ]"), Optional(IsEmpty()));
  EXPECT_THAT(array_items("\xEF\xBB\xBF[]"), Optional(IsEmpty()));
}

TEST(ArrayItems, AreNothingOfAnythingElse) {
  for (const char* text : {"{}", R"({"a":[1]})", "1", "\"[1]\"", "null", ""})
    EXPECT_EQ(array_items(text), std::nullopt) << text;
}

// It is asked only about what is JSON; but a mistake there must not hang or read elsewhere.
TEST(ArrayItems, OfWhatIsNoJsonHaveAnEnd) {
  for (const char* text : {"[", "[}", "[,", "[1", "[\"", "[\"\\", "[{", "[{\"a\":]", "[]]"})
    EXPECT_LE(array_items(text).value().size(), 1U) << text;
}

TEST(ObjectMember, IsTheExactTextOfItsValue) {
  const std::string text = R"( {"total_count": 2, "b":{"things":[0]}, "things" : [ {"id":1} , 2 ] })";
  ASSERT_TRUE(is_json(text));

  EXPECT_EQ(object_member(text, "things"), R"([ {"id":1} , 2 ])");
  EXPECT_EQ(object_member(text, "total_count"), "2");
  EXPECT_EQ(object_member(text, "thing"), std::nullopt);
  EXPECT_EQ(object_member("{}", "things"), std::nullopt);
  EXPECT_EQ(object_member("[]", "things"), std::nullopt);
}

TEST(ObjectMember, IsFoundAsTheParserFindsIt) {
  const std::string text = R"({"id":1,"\u0069d":2,"a\"":3})";

  EXPECT_EQ(object_member(text, "id"), "2");
  EXPECT_EQ(object_member(text, "a\""), "3");
  EXPECT_EQ(parse_json(text).at("id"), 2);
}

TEST(KindOfJson, IsNamed) {
  const std::pair<const char*, const char*> cases[] = {
      {" {}", "an object"},   {"[]", "a list"}, {"\"\"", "a string"}, {"true", "a boolean"},
      {"false", "a boolean"}, {"null", "null"}, {"-1", "a number"}};

  for (const auto& [text, kind] : cases) EXPECT_EQ(kind_of_json(text), kind);
}

}  // namespace
}  // namespace hubkeep
