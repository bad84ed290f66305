#include "report/doctor_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace hubkeep {
namespace {

constexpr std::size_t kWidth = 80;
constexpr std::size_t kTextColumn = 15;  // two after the longest verdict

// Broken at blanks. A word that is longer than a line, such as a URL, stays whole.
std::string wrap(std::string_view text, std::size_t indent) {
  std::string out;
  std::size_t column = indent;
  for (const std::string_view word : split(text, ' ')) {
    const bool is_first = column == indent;
    if (!is_first && column + 1 + word.size() > kWidth) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (!is_first) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
  }
  return out;
}

std::string row(std::string_view left, std::string_view text) {
  return fmt::format("{:<{}}{}\n", left, kTextColumn, wrap(text, kTextColumn));
}

std::ptrdiff_t count_missing(const DoctorReport& report) {
  const auto& findings = report.store.findings;
  return std::count_if(findings.begin(), findings.end(),
                       [](const PlaceFinding& finding) { return finding.verdict == PlaceVerdict::missing; });
}

std::string conclusion(const DoctorReport& report) {
  if (report.stopped) return fmt::format("stopped before all was tried in {}", report.store.place);
  const auto missing = static_cast<std::uint64_t>(count_missing(report));
  if (missing == 0) return fmt::format("a vault can be kept in {}", report.store.place);
  return fmt::format("a vault cannot be kept in {}: {} it needs {} missing", report.store.place,
                     count_of(missing, "thing"), missing == 1 ? "is" : "are");
}

}  // namespace

std::string_view word_of(PlaceVerdict verdict) {
  switch (verdict) {
    case PlaceVerdict::ok:
      return "ok";
    case PlaceVerdict::without:
      return "does without";
    case PlaceVerdict::not_permitted:
      return "not permitted";
    case PlaceVerdict::not_tried:
      return "not tried";
    case PlaceVerdict::missing:
      return "missing";
  }
  return "";
}

std::string describe(const PlaceFinding& finding) {
  const std::string text = finding.text.empty() ? finding.thing : finding.thing + ": " + finding.text;
  return row(finding.verdict == PlaceVerdict::missing ? "MISSING" : word_of(finding.verdict), text);
}

std::string describe_end(const DoctorReport& report) {
  std::string text;
  for (const std::string& line : report.store.left_behind) text += row("left behind", line);
  return text + "\n" + wrap(conclusion(report), 0) + "\n";
}

nlohmann::ordered_json to_json(const DoctorReport& report) {
  auto findings = nlohmann::ordered_json::array();
  for (const PlaceFinding& finding : report.store.findings) {
    std::string verdict(word_of(finding.verdict));
    std::replace(verdict.begin(), verdict.end(), ' ', '_');
    findings.push_back({{"thing", finding.thing}, {"verdict", verdict}, {"text", finding.text}});
  }
  return {
      {"good", report.is_good()},
      {"stopped", report.stopped},
      {"store",
       {{"place", report.store.place}, {"findings", findings}, {"left_behind", report.store.left_behind}}}};
}

}  // namespace hubkeep
