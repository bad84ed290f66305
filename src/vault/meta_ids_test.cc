#include "vault/meta_ids.h"

#include <gmock/gmock.h>

namespace hubkeep {
namespace {

using testing::ElementsAre;

TEST(MetaIds, CountsThemAsTheyCome) {
  MetaIds ids;

  EXPECT_EQ(ids.add("issue", "7"), 0U);
  EXPECT_EQ(ids.add("comment", "7"), 1U);
  EXPECT_EQ(ids.add("issue", "7"), 0U);
  EXPECT_EQ(ids.find("comment", "7"), 1U);
  EXPECT_EQ(ids.find("label", "7"), std::nullopt);
  EXPECT_EQ(ids.find("issue", "8"), std::nullopt);
}

TEST(MetaIds, KeepsIdsApartThatAreTheSameNumber) {
  MetaIds ids;
  const std::vector<std::string> texts = {"7",
                                          "07",
                                          "+7",
                                          "7 ",
                                          "",
                                          "18446744073709551615",
                                          "9223372036854775808",
                                          "0",
                                          "00",
                                          "-1",
                                          "x",
                                          "9223372036854775807"};
  for (const std::string& text : texts) ids.add("issue", text);

  ASSERT_EQ(ids.size(), texts.size());
  for (MetaIds::Number number = 0; number < texts.size(); ++number) {
    EXPECT_EQ(ids.id_of(number), texts[number]);
    EXPECT_EQ(ids.find("issue", texts[number]), number);
  }
}

TEST(MetaIds, FindsAThousandOfEachKind) {
  MetaIds ids;
  for (int i = 0; i < 1000; ++i)
    for (const char* kind : {"issue", "project"})
      ids.add(kind, (kind[0] == 'p' ? "node" : "") + std::to_string(i));

  EXPECT_EQ(ids.size(), 2000U);
  EXPECT_EQ(ids.find("issue", "999"), 1998U);
  EXPECT_EQ(ids.find("project", "node999"), 1999U);
  EXPECT_EQ(ids.find("project", "999"), std::nullopt);
}

TEST(MetaIds, SortsByKindAndNumbersBeforeTexts) {
  MetaIds ids;
  for (const char* id : {"b", "10", "9", "a"}) ids.add("issue", id);
  ids.add("comment", "11");

  EXPECT_THAT(ids.sorted(), ElementsAre(4, 2, 1, 3, 0));
}

}  // namespace
}  // namespace hubkeep
