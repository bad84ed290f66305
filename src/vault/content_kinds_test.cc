#include "vault/content_kinds.h"

#include <gmock/gmock.h>

#include "base/error.h"

namespace hubkeep {
namespace {

using testing::HasSubstr;
using Words = std::vector<std::string>;

TEST(ContentKinds, AreChosenByWhatIsTakenAwayAndThenByWhatIsAdded) {
  const auto chosen = [](const Words& with, const Words& without) {
    return choose_kinds(default_kinds(), with, without);
  };

  EXPECT_EQ(chosen({}, {}), default_kinds());
  EXPECT_EQ(chosen({}, {"all"}), ContentKinds{});
  EXPECT_EQ(chosen({"lfs"}, {"all"}), ContentKinds{ContentKind::lfs});
  EXPECT_EQ(chosen({"all"}, {}), all_kinds());
  EXPECT_TRUE(chosen({"starred-gists"}, {}).contains(ContentKind::starred_gists));
  EXPECT_FALSE(chosen({}, {"wiki", "gists"}).contains(ContentKind::gists));
}

TEST(ContentKinds, HaveNamesThatAreReadBack) {
  for (const ContentKind kind : all_kinds())
    EXPECT_EQ(parse_kinds(Words{std::string(to_string(kind))}), ContentKinds{kind});
}

TEST(ContentKinds, OfOtherNamesAreRefusedWithTheNamesThatThereAre) {
  try {
    parse_kinds(Words{"wiki", "Wikis"});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::invalid);
    EXPECT_THAT(error.message(), HasSubstr("'Wikis' is not one of wiki, lfs, releases"));
  }
}

}  // namespace
}  // namespace hubkeep
