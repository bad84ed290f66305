#include "aws/xml.h"

#include <gtest/gtest.h>

#include <string>

namespace hubkeep {
namespace {

std::string nested(int depth) {
  std::string text;
  for (int i = 0; i < depth; ++i) text += "<a>";
  text += "x";
  for (int i = 0; i < depth; ++i) text += "</a>";
  return text;
}

TEST(Xml, IsReadAsDeepAsAnyAnswerIs) {
  pugi::xml_document document;

  ASSERT_TRUE(load_xml(document, nested(kMaxXmlDepth - 1)));

  EXPECT_STREQ(document.document_element().name(), "a");
}

TEST(Xml, ThatIsNestedTooDeepIsNone) {
  pugi::xml_document document;

  EXPECT_FALSE(load_xml(document, nested(kMaxXmlDepth + 1)));
  EXPECT_FALSE(document.document_element());
  EXPECT_FALSE(load_xml(document, nested(1'000'000)));
  EXPECT_FALSE(document.document_element());
}

TEST(Xml, ThatIsCutIsNotWhole) {
  pugi::xml_document document;

  EXPECT_FALSE(load_xml(document, "<a><b>x</b>"));
  EXPECT_STREQ(document.child("a").child_value("b"), "x");
}

}  // namespace
}  // namespace hubkeep
