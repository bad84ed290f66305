#include "report/drill_progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

std::string_view place_of(const DrillDifference& difference) {
  return difference.against == "github" ? "at GitHub" : "in the vault";
}

std::string_view describe(FsckResult result) {
  switch (result) {
    case FsckResult::ok:
      return "git fsck found no damage";
    case FsckResult::problems:
      return "git fsck found damage";
    case FsckResult::not_run:
      return "git fsck was not run";
  }
  return "";
}

// A line has room for some.
std::string shown_some(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 10;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kShown); ++i)
    text += (i == 0 ? "" : ", ") + printable(names[i]);
  return names.size() > kShown ? fmt::format("{} and {} more", text, names.size() - kShown) : text;
}

std::string describe_explained(const DrillOutcome& outcome) {
  if (!outcome.compared_with_github) return "";
  if (outcome.differences.explained + outcome.differences.unexplained == 0) return ", as at GitHub now";
  if (outcome.differences.explained == 0) return "";
  return fmt::format(", {} from GitHub now explained", count_of(outcome.differences.explained, "difference"));
}

}  // namespace

void DrillProgress::finished(const DrillOutcome& outcome) {
  const DrillReport alone{.drill = {},
                          .program = {},
                          .vault = {},
                          .place = {},
                          .started = {},
                          .finished = {},
                          .outcomes = {outcome}};
  log_.finished(describe(outcome), outcome.is_good() ? NewsValue::news : NewsValue::bad,
                to_json(alone).at("repositories").at(0));
}

std::string describe_time(std::chrono::milliseconds time) {
  constexpr std::chrono::minutes kLong{2};
  constexpr std::chrono::milliseconds kShort{100};
  if (time < kShort) return fmt::format("{} ms", time.count());
  if (time >= kLong) return describe_duration(std::chrono::duration_cast<std::chrono::seconds>(time));
  return fmt::format("{:.1f} s", std::chrono::duration<double>(time).count());
}

std::string describe_rate(const DrillOutcome& outcome) {
  if (outcome.bytes == 0) return "-";
  const auto time = std::max(outcome.restoring, std::chrono::milliseconds(1));
  return fmt::format("{:.1f} MB/s",
                     static_cast<double>(outcome.bytes) / 1e6 / std::chrono::duration<double>(time).count());
}

std::string describe(const DrillDifference& difference) {
  const auto shown = [](const std::string& text) { return text.empty() ? "nothing" : printable(text); };
  return fmt::format("{}: restored {}, {} {}", printable(difference.what), shown(difference.restored),
                     place_of(difference), shown(difference.there));
}

std::string describe(const DrillOutcome& outcome) {
  std::string text = printable(outcome.repository) + ": ";
  switch (outcome.result) {
    case DrillResult::restored:
      text +=
          fmt::format("restored in {} ({}, {}): {}, {}; {}{}", describe_time(outcome.restoring),
                      human_size(outcome.bytes), describe_rate(outcome), count_of(outcome.objects, "object"),
                      count_of(outcome.refs, "ref"), describe(outcome.fsck), describe_explained(outcome));
      break;
    case DrillResult::failed:
      text += "FAILED";
      break;
    case DrillResult::too_large:
      text += "too large for the disk";
      break;
    case DrillResult::not_done:
      text += "not drilled: stopped before";
      break;
  }
  if (outcome.error) text += "\n  " + printable(outcome.error->message());
  for (const DrillDifference& difference : outcome.differences.named)
    if (difference.explanation.empty()) text += "\n  NOT EXPLAINED: " + describe(difference);
  if (outcome.fsck == FsckResult::problems)
    for (const std::string& line : outcome.fsck_lines) text += "\n  git fsck: " + printable(line);
  for (const std::string& note : outcome.notes) text += "\n  " + printable(note);
  return text;
}

std::string describe(const DrillReport& report) {
  const DrillTotals totals = report.totals();
  std::string text = fmt::format(
      "drill {}: {} of {} restored by the vault alone in {}: {}, {}", report.drill.str(), totals.restored,
      count_of(report.outcomes.size(), "repository", "repositories"), describe_time(totals.restoring),
      human_size(totals.bytes), count_of(totals.objects, "object"));
  if (report.count > 0) text += fmt::format("\nchosen with --seed {}", report.seed);
  if (!report.too_large.empty())
    text += fmt::format("\ntoo large for the disk, and left out: {}", shown_some(report.too_large));
  if (totals.failed > 0)
    text += fmt::format("\n{} could not be restored", count_of(totals.failed, "repository", "repositories"));
  if (totals.unexplained > 0)
    text += fmt::format("\n{} not explained", totals.unexplained == 1
                                                  ? "1 difference is"
                                                  : fmt::format("{} differences are", totals.unexplained));
  if (report.stopped) text += "\nstopped before all was drilled";
  if (totals.restored == 0 && !report.stopped) text += "\nnothing was restored";
  if (report.is_good()) text += "\neverything that was drilled is good";
  return text;
}

}  // namespace hubkeep
