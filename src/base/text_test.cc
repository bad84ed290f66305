#include "base/text.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <vector>

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

TEST(Printable, EscapesWhatNobodySeesOrWhatTurnsTheRest) {
  struct Case {
    const char* what;
    std::string text;
  };
  const std::vector<Case> cases = {{"soft hyphen", "\u00AD"},
                                   {"combining grapheme joiner", "\u034F"},
                                   {"Arabic letter mark", "\u061C"},
                                   {"Hangul filler", "\u3164"},
                                   {"Mongolian variation selector", "\u180B"},
                                   {"zero width space", "\u200B"},
                                   {"zero width non-joiner", "\u200C"},
                                   {"zero width joiner", "\u200D"},
                                   {"left-to-right mark", "\u200E"},
                                   {"right-to-left mark", "\u200F"},
                                   {"line separator", "\u2028"},
                                   {"paragraph separator", "\u2029"},
                                   {"left-to-right embedding", "\u202A"},
                                   {"right-to-left override", "\u202E"},
                                   {"word joiner", "\u2060"},
                                   {"invisible plus", "\u2064"},
                                   {"left-to-right isolate", "\u2066"},
                                   {"pop directional isolate", "\u2069"},
                                   {"variation selector", "\uFE0F"},
                                   {"zero width no-break space", "\uFEFF"},
                                   {"interlinear annotation", "\uFFF9"},
                                   {"private use", "\uE000"},
                                   {"noncharacter", "\uFDD0"},
                                   {"noncharacter at the end of a plane", "\U0001FFFE"},
                                   {"tag", "\U000E0041"},
                                   {"variation selector 17", "\U000E0100"},
                                   {"private use in plane 16", "\U0010FFFD"}};
  for (const Case& c : cases) {
    std::string escaped;
    for (const char byte : c.text) escaped += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));

    EXPECT_EQ(printable("a" + c.text + "b"), "a" + escaped + "b") << c.what;
  }
}

TEST(Printable, LeavesTheNeighboursOfWhatItEscapesAlone) {
  for (const std::string text :
       {"\u00A0", "\u00AC", "\u00AE", "\u061B", "\u061D", "\u200A", "\u2010", "\u2027", "\u202F", "\u205F",
        "\u2070", "\uD7FF", "\uFEFE", "\uFF00", "\uFFFD", "\U0001F600"})
    EXPECT_EQ(printable(text), text);
}

TEST(Printable, LeavesTheEndsOfLinesWhereThereAreMany) {
  EXPECT_EQ(printable_lines(""), "");
  EXPECT_EQ(printable_lines("a\x1b\n\nb\u200E\n"), "a\\x1b\n\nb\\xe2\\x80\\x8e\n");
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
