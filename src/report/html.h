// Pages for people: one file each, which needs no other, runs no script and loads nothing. What they say
// comes from outside in part (names of repositories and refs), so all text goes through escape_html().
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hubkeep {

/// Text as it may stand between tags and in quoted attributes, printable: no character of it means anything
/// to a browser, or turns the direction of the text around it.
std::string escape_html(std::string_view text);

/// A whole document with the styles that all pages share, light or dark as the reader has it. `title` is
/// text, `body` is HTML.
std::string html_page(std::string_view title, std::string_view body);

/// A row of a chart: `value` in any unit, and how it is written.
struct Bar {
  std::string label;
  std::string value_text;
  double value = 0;
};

/// A chart of horizontal bars, drawn as SVG, the longest of them as wide as there is room. `caption` is text.
std::string html_bars(std::string_view caption, const std::vector<Bar>& bars);

/// A table. Where the window is narrow, each row becomes a block, with the column's name before each cell.
class HtmlTable {
 public:
  /// The first column names the row. All are text.
  HtmlTable(std::string_view caption, std::vector<std::string> columns);
  /// As many cells as columns: HTML.
  void add(const std::vector<std::string>& cells);
  std::string html() const;

 private:
  std::vector<std::string> columns_;
  std::string html_;
};

}  // namespace hubkeep
