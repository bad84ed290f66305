#include "base/text.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace hubkeep {
namespace {

TEST(Printable, LeavesOrdinaryTextAlone) {
  EXPECT_EQ(printable("acme/site, Grüße, 漢字"), "acme/site, Grüße, 漢字");
}

TEST(Printable, EscapesWhatATerminalWouldObey) {
  EXPECT_EQ(printable("a\x1b[31mb"), "a\\x1b[31mb");
  EXPECT_EQ(printable("a\nb\r\t"), "a\\x0ab\\x0d\\x09");
  EXPECT_EQ(printable(std::string_view("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(printable("\xc2\x9b"), "\\xc2\\x9b");           // C1 control sequence introducer
  EXPECT_EQ(printable("\xe2\x80\xae"), "\\xe2\\x80\\xae");  // right-to-left override
}

TEST(Printable, EscapesBrokenUtf8) {
  EXPECT_EQ(printable("\xff"), "\\xff");
  EXPECT_EQ(printable("\xc0\xaf"), "\\xc0\\xaf");  // overlong slash
  EXPECT_EQ(printable("\xe2\x82"), "\\xe2\\x82");  // cut
}

TEST(Glob, MatchesWithoutRegardToCase) {
  struct Case {
    const char* pattern;
    const char* text;
    bool matches;
  };
  for (const Case& c :
       {Case{"acme/*", "Acme/Site", true}, Case{"*", "a/b", true}, Case{"*/site", "acme/site", true},
        Case{"acme/s?te", "acme/site", true}, Case{"acme/s?te", "acme/ste", false},
        Case{"acme", "acme/site", false}, Case{"*a*b*c", "xxaxxbxxcxx", false}, Case{"", "", true},
        Case{"a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false}}) {
    EXPECT_EQ(glob_matches(c.pattern, c.text), c.matches) << c.pattern << " on " << c.text;
  }
}

TEST(Utf8, IsToldFromOtherBytes) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("a\xc3\xa4\xf0\x9f\x98\x80"));
  EXPECT_FALSE(is_utf8("a\xe4"));
  EXPECT_FALSE(is_utf8("\xc3"));
}

TEST(Hex, GoesThereAndBack) {
  EXPECT_EQ(to_hex(std::string_view("\x00\xff\x10", 3)), "00ff10");
  EXPECT_EQ(from_hex("00FF10"), std::string("\x00\xff\x10", 3));
  EXPECT_THROW(from_hex("0"), Error);
  EXPECT_THROW(from_hex("0g"), Error);
}

TEST(HumanSize, PicksTheUnit) {
  EXPECT_EQ(human_size(1023), "1023 B");
  EXPECT_EQ(human_size(1536), "1.5 KiB");
  EXPECT_EQ(human_size(ByteCount{5} << 30), "5.0 GiB");
}

TEST(RandomHex, HasTheLengthAndDiffers) {
  EXPECT_EQ(random_hex(6).size(), 6U);
  EXPECT_NE(random_hex(16), random_hex(16));
}

TEST(Split, KeepsEmptyFields) {
  EXPECT_EQ(split("a,,b", ','), (std::vector<std::string_view>{"a", "", "b"}));
}

}  // namespace
}  // namespace hubkeep
