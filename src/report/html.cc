#include "report/html.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace hubkeep {
namespace {

// Both schemes have a contrast of 7 to 1 at least for text (WCAG 2.1, 1.4.6), and say in words what they show
// in colours.
constexpr std::string_view kStyle = R"css(
:root { color-scheme: light dark; --text: #1b1f24; --quiet: #454c54; --page: #ffffff; --panel: #f2f4f7;
  --line: #c9ced6; --good: #0b5a26; --bad: #93000f; --bar: #2a5fb0; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e8ebef; --quiet: #b9c0c9; --page: #14171b; --panel: #1f242a; --line: #444c56;
    --good: #7ee2a0; --bad: #ffa9a6; --bar: #7fb0ff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1rem; background: var(--page); color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: .5rem 0; }
h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; }
.verdict { border-left: .4rem solid; padding: .5rem 1rem; background: var(--panel); }
.good { color: var(--good); } .bad { color: var(--bad); } .quiet { color: var(--quiet); font-weight: 400; }
.verdict p { color: var(--text); margin: .25rem 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: 1rem 0; }
dt { color: var(--quiet); } dd { margin: 0; }
table { border-collapse: collapse; width: 100%; }
caption, figcaption { text-align: left; font-weight: 600; padding: .25rem 0; }
th, td { border-bottom: 1px solid var(--line); padding: .35rem .45rem; text-align: left; vertical-align: top; }
tr > :not(:first-child) { white-space: nowrap; overflow-wrap: normal; }
tr > :first-child { min-width: 10rem; }
thead th { color: var(--quiet); font-weight: 600; }
figure { margin: 1rem 0; }
ol.bars { list-style: none; margin: 0; padding: 0; }
ol.bars li { display: grid; grid-template-columns: 1fr max-content; gap: 0 1rem; margin: .4rem 0; }
ol.bars svg { grid-column: 1 / -1; display: block; width: 100%; height: .7rem; background: var(--panel); }
ol.bars rect { fill: var(--bar); }
code { font: .9em/1.4 ui-monospace, monospace; }
@media (max-width: 70rem) {
  dl { grid-template-columns: 1fr; } dd { margin-bottom: .4rem; }
  table, caption, tbody, tr, td, th { display: block; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tbody tr { border: 1px solid var(--line); margin: .75rem 0; background: var(--panel); }
  tbody tr > * { border: 0; padding: .2rem .75rem; }
  tbody td { display: grid; grid-template-columns: 8rem 1fr; }
  tr > :not(:first-child) { white-space: normal; overflow-wrap: anywhere; }
  tbody td::before { content: attr(data-label); color: var(--quiet); } }
@media print { body { max-width: none; } }
)css";

}  // namespace

std::string escape_html(std::string_view text) {
  std::string escaped;
  for (const char c : printable(text)) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

// Should a name ever get past escape_html(), the policy still lets nothing run and nothing be loaded.
std::string html_page(std::string_view title, std::string_view body) {
  return fmt::format(
      R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>
<meta name="referrer" content="no-referrer"/>
<title>{}</title>
<style>{}</style>
</head>
<body>
<main>
{}</main>
</body>
</html>
)",
      escape_html(title), kStyle, body);
}

std::string html_bars(std::string_view caption, const std::vector<Bar>& bars) {
  double longest = 0;
  for (const Bar& bar : bars) longest = std::max(longest, bar.value);
  std::string html =
      fmt::format("<figure>\n<figcaption>{}</figcaption>\n<ol class=\"bars\">\n", escape_html(caption));
  for (const Bar& bar : bars) {
    // The value stands beside it in words: the bar itself is for the eye alone.
    const double width = longest > 0 ? std::clamp(bar.value / longest * 100, 0.0, 100.0) : 0;
    html += fmt::format(
        "<li><span>{}</span><span>{}</span><svg viewBox=\"0 0 100 1\" preserveAspectRatio=\"none\" "
        "aria-hidden=\"true\"><rect width=\"{:.2f}\" height=\"1\"/></svg></li>\n",
        escape_html(bar.label), escape_html(bar.value_text), width);
  }
  return html + "</ol>\n</figure>\n";
}

// The roles are those that the elements have anyway, and would lose where the styles make blocks of them.
HtmlTable::HtmlTable(std::string_view caption, std::vector<std::string> columns)
    : columns_(std::move(columns)) {
  html_ =
      fmt::format("<table role=\"table\">\n<caption>{}</caption>\n<thead role=\"rowgroup\"><tr role=\"row\">",
                  escape_html(caption));
  for (const std::string& column : columns_)
    html_ += fmt::format("<th scope=\"col\" role=\"columnheader\">{}</th>", escape_html(column));
  html_ += "</tr></thead>\n<tbody role=\"rowgroup\">\n";
}

void HtmlTable::add(const std::vector<std::string>& cells) {
  html_ += "<tr role=\"row\">";
  for (std::size_t i = 0; i < columns_.size(); ++i)
    html_ += i == 0 ? fmt::format("<th scope=\"row\" role=\"rowheader\">{}</th>", cells.at(i))
                    : fmt::format("<td role=\"cell\" data-label=\"{}\">{}</td>", escape_html(columns_[i]),
                                  cells.at(i));
  html_ += "</tr>\n";
}

std::string HtmlTable::html() const {
  return html_ + "</tbody>\n</table>\n";
}

}  // namespace hubkeep
