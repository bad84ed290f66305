#include "github/link_header.h"

#include <gtest/gtest.h>

namespace hubkeep {
namespace {

TEST(FindLink, IsTakenVerbatim) {
  const auto next =
      find_link(R"(<https://api.github.com/user/1/repos?page=1>; rel="prev", )"
                R"(<https://api.github.com/user/1/repos?after=Y3Vyc29y%3D,x&page=3>; rel="next", )"
                R"(<https://api.github.com/user/1/repos?page=9>; rel="last")",
                "next");

  EXPECT_EQ(next, "https://api.github.com/user/1/repos?after=Y3Vyc29y%3D,x&page=3");
}

TEST(FindLink, IsFoundInEveryLegalForm) {
  for (const char* header :
       {R"(<u>; rel="next")", "<u>;rel=next", R"(<u> ; Rel = "NEXT")", R"(<u>; rel="last next")",
        R"(<u>; title="a, b"; rel="next")", R"(<v>; rel=first,<u>; rel=next)"}) {
    EXPECT_EQ(find_link(header, "next"), "u") << header;
  }
}

TEST(FindLink, IsAbsentOtherwise) {
  for (const char* header : {"", "u", "<u>", "<u", R"(<u>; rel="prev")", R"(<u>; rel="nextish")",
                             R"(<u>; title="next")", R"(<u>; rel="prev", next)", ">; rel=next"}) {
    EXPECT_FALSE(find_link(header, "next").has_value()) << header;
  }
}

TEST(FindLink, TellsRelationsApart) {
  const char* header = R"(<n>; rel="next", <l>; rel="last")";

  EXPECT_EQ(find_link(header, "last"), "l");
  EXPECT_EQ(find_link(header, "next"), "n");
  EXPECT_FALSE(find_link(header, "prev").has_value());
}

}  // namespace
}  // namespace hubkeep
