#include "localgit/conversion.h"

#include <gmock/gmock.h>

#include "base/text.h"

namespace hubkeep {
namespace {

using testing::HasSubstr;
using State = Attribute::State;

const Attribute kSet{State::set, {}};
const Attribute kUnset{State::unset, {}};

Attribute value(const std::string& text) {
  return {State::value, text};
}

std::string converted(const std::string& content, const FileAttributes& attributes) {
  return convert_to_work_tree(content, conversion_by(attributes), "0123abcd").content;
}

TEST(Conversion, MakesCrlfOnlyWhereItIsAskedFor) {
  const std::string text = "one\ntwo\r\nthree\n";
  const std::string all = "one\r\ntwo\r\nthree\r\n";
  const auto crlf = value("crlf");

  EXPECT_EQ(converted(text, {}), text);
  EXPECT_EQ(converted(text, {.text = kSet}), text);
  EXPECT_EQ(converted(text, {.text = value("auto")}), text);
  EXPECT_EQ(converted(text, {.text = kSet, .eol = value("lf")}), text);
  EXPECT_EQ(converted(text, {.eol = crlf}), all);
  EXPECT_EQ(converted(text, {.text = kSet, .eol = crlf}), all);
  EXPECT_EQ(converted(text, {.text = value("input"), .eol = crlf}), all);
  EXPECT_EQ(converted(text, {.text = kUnset, .eol = crlf}), text);
  EXPECT_EQ(converted(text, {.text = value("unknown"), .crlf = kUnset, .eol = crlf}), text);
  EXPECT_EQ(converted(text, {.crlf = kUnset, .eol = crlf}), text);
  EXPECT_EQ(converted("\n\n", {.eol = crlf}), "\r\n\r\n");
}

TEST(Conversion, LeavesWhatLooksBinaryToItself) {
  const FileAttributes automatic{.text = value("auto"), .eol = value("crlf")};

  EXPECT_EQ(converted("one\ntwo\n", automatic), "one\r\ntwo\r\n");
  for (const std::string& binary : {std::string("a\0b\n", 4), std::string("a\rb\n"), std::string("a\r\nb\n"),
                                    std::string("\x01\n"), std::string(127, 'a') + "\x7f\n"}) {
    EXPECT_EQ(converted(binary, automatic), binary) << printable(binary);
  }
  EXPECT_EQ(converted(std::string(128, 'a') + "\x7f\n", automatic), std::string(128, 'a') + "\x7f\r\n");
  EXPECT_EQ(converted("a\n\032", automatic), "a\r\n\032");
}

TEST(Conversion, ExpandsIdent) {
  const FileAttributes ident{.ident = kSet};
  const std::string expanded = "$Id: 0123abcd $";

  EXPECT_EQ(converted("$Id$\n$Id$ $Id: old $", ident), expanded + "\n" + expanded + " " + expanded);
  for (const std::string left : {"$Id", "$Ident$", "$Id: a b $", "$Id: a\nb $", "Id$", "$ Id$", "$Id: x"})
    EXPECT_EQ(converted(left, ident), left);
  EXPECT_EQ(converted("$Id$", {.ident = kUnset}), "$Id$");
}

TEST(Conversion, Encodes) {
  const auto encoded = [](const std::string& content, const std::string& encoding) {
    return to_hex(converted(content, {.encoding = value(encoding)}));
  };

  EXPECT_EQ(encoded("\xc3\xbc\n", "UTF-16LE"), "fc000a00");
  EXPECT_EQ(encoded("\xc3\xbc\n", "UTF-16BE"), "00fc000a");
  EXPECT_EQ(encoded("\xc3\xbc\n", "UTF-16LE-BOM"), "fffefc000a00");
  EXPECT_EQ(encoded("\xc3\xbc\n", "utf16be-bom"), "feff00fc000a");
  EXPECT_EQ(encoded("\xc3\xbc\n", "ISO-8859-1"), "fc0a");
  EXPECT_EQ(encoded("\xc3\xbc\n", "latin-1"), "fc0a");
  EXPECT_EQ(encoded("\xc3\xbc\n", "utf8"), "c3bc0a");
  EXPECT_EQ(encoded("", "UTF-16LE-BOM"), "");
  EXPECT_EQ(to_hex(converted("a\n", {.eol = value("crlf"), .encoding = value("UTF-16LE")})), "61000d000a00");
  EXPECT_EQ(converted(std::string(10'000, 'a'), {.encoding = value("UTF-32LE")}).size(), 40'000U);
}

TEST(Conversion, SaysWhatItCannotEncodeAndLeavesItAsItIs) {
  for (const auto& [content, encoding] :
       {std::pair{"\xe6\x97\xa5", "ISO-8859-1"}, std::pair{"\xff\xfe", "UTF-16LE"},
        std::pair{"a", "no-such-encoding"}}) {
    const auto result = convert_to_work_tree(content, conversion_by({.encoding = value(encoding)}), "");
    EXPECT_EQ(result.content, content);
    EXPECT_THAT(result.problem, HasSubstr(std::string("cannot be converted to ") + encoding));
  }
  EXPECT_THAT(conversion_by({.encoding = kSet}).problem, HasSubstr("names an unknown encoding"));
}

}  // namespace
}  // namespace hubkeep
