#include "report/html.h"

#include <gmock/gmock.h>
namespace hubkeep {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(EscapeHtml, LeavesNothingThatABrowserWouldObey) {
  EXPECT_EQ(escape_html("a <b> & \"c\" 'd'"), "a &lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;");
  EXPECT_EQ(escape_html("</title><script>"), "&lt;/title&gt;&lt;script&gt;");
  EXPECT_EQ(escape_html("caf\xc3\xa9"), "caf\xc3\xa9");
}

// Bytes that are no text, controls, and what turns the direction of the text around it.
TEST(EscapeHtml, MakesTextPrintable) {
  EXPECT_EQ(escape_html("a\x01\xff"), "a\\x01\\xff");
  EXPECT_THAT(escape_html("\xe2\x80\xae gnp.exe"), Not(HasSubstr("\xe2\x80\xae")));
}

TEST(HtmlPage, HasALanguageATitleAndAWindow) {
  const std::string page = html_page("A & B", "<h1>x</h1>\n");

  for (const char* part :
       {"<!DOCTYPE html>\n<html lang=\"en\">", "<meta charset=\"utf-8\"/>", "<title>A &amp; B</title>",
        "width=device-width", "<main>\n<h1>x</h1>\n</main>", "prefers-color-scheme: dark"})
    EXPECT_THAT(page, HasSubstr(part));
}

TEST(HtmlPage, RunsNothingAndLoadsNothing) {
  const std::string page = html_page("x", "");

  EXPECT_THAT(page, HasSubstr("default-src 'none'; style-src 'unsafe-inline'"));
  for (const char* part : {"<script", "src=", "<link", "@import", "url(", "http:", "https:"})
    EXPECT_THAT(page, Not(HasSubstr(part)));
}

TEST(HtmlBars, AreAsWideAsTheirValues) {
  const std::string bars =
      html_bars("Times & more", {{"a<b", "2 s", 2}, {"c", "0.5 s", 0.5}, {"d", "0 s", 0}});

  for (const char* part : {"<figcaption>Times &amp; more</figcaption>", "<span>a&lt;b</span><span>2 s</span>",
                           "width=\"100.00\"", "width=\"25.00\"", "width=\"0.00\""})
    EXPECT_THAT(bars, HasSubstr(part));
  EXPECT_THAT(html_bars("x", {{"a", "0", 0}}), HasSubstr("width=\"0.00\""));
}

TEST(HtmlTables, NameTheirRowsAndColumns) {
  HtmlTable table("What <was>", {"Name", "Size & more"});
  table.add({"<b>x</b>", "1"});

  const std::string html = table.html();

  for (const char* part :
       {"<caption>What &lt;was&gt;</caption>", "<th scope=\"col\" role=\"columnheader\">Name</th>",
        "<th scope=\"row\" role=\"rowheader\"><b>x</b></th>",
        "<td role=\"cell\" data-label=\"Size &amp; more\">1</td>"})
    EXPECT_THAT(html, HasSubstr(part));
}

}  // namespace
}  // namespace hubkeep
