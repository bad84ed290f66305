#include "report/copy_progress.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "report/copy_json.h"

namespace hubkeep {

void CopyProgress::finished(const CopyOutcome& outcome) {
  const bool news = outcome.snapshots > 0 || outcome.objects > 0;
  log_.finished(describe(outcome),
                !outcome.is_good() ? NewsValue::bad
                : news             ? NewsValue::news
                                   : NewsValue::none,
                to_json(outcome));
}

std::string describe(const CopyOutcome& outcome) {
  std::string text = printable(outcome.repository) + ": ";
  if (outcome.error) {
    text += "failed: " + printable(outcome.error->message());
  } else if (outcome.snapshots == 0 && outcome.objects == 0 && outcome.problems.empty()) {
    return text + "nothing is missing";
  } else {
    text += fmt::format("{}, {}, {} copied", count_of(outcome.snapshots, "snapshot"),
                        count_of(outcome.objects, "object"), human_size(outcome.bytes));
  }
  for (const std::string& problem : outcome.problems) text += "\n  " + printable(problem);
  return text;
}

std::string describe(const CopySummary& summary) {
  CopyOutcome sum;
  std::size_t bad = 0;
  for (const CopyOutcome& outcome : summary.outcomes) {
    sum.snapshots += outcome.snapshots;
    sum.objects += outcome.objects;
    sum.bytes += outcome.bytes;
    bad += outcome.is_good() ? 0 : 1;
  }
  std::string text = fmt::format(
      "{} looked at; {}, {}, {} copied", count_of(summary.outcomes.size(), "repository", "repositories"),
      count_of(sum.snapshots, "snapshot"), count_of(sum.objects, "object"), human_size(sum.bytes));
  if (summary.zips.zips > 0)
    text += fmt::format("; {}, {}", count_of(static_cast<std::uint64_t>(summary.zips.zips), "zip"),
                        human_size(summary.zips.bytes));
  if (bad > 0)
    text += fmt::format("; {} not copied completely",
                        bad == 1 ? "1 repository is" : fmt::format("{} repositories are", bad));
  if (summary.stopped) text += "\nstopped: what is finished is kept, the next copy goes on from there";
  for (const std::string& problem : summary.problems) text += "\n" + printable(problem);
  return text;
}

}  // namespace hubkeep
