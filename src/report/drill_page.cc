// From above: the verdict in a sentence, the facts of the drill, a row for each repository, then all that is
// to be said of some of them, and times and sizes as bars.
#include "report/drill_page.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "report/drill_progress.h"
#include "report/html.h"

namespace hubkeep {
namespace {

std::string in_tag(std::string_view tag, std::string_view text) {
  return fmt::format("<{0}>{1}</{0}>\n", tag, escape_html(text));
}

std::string marked(bool is_good, std::string_view text) {
  return fmt::format("<span class=\"{}\">{}</span>", is_good ? "good" : "bad", escape_html(text));
}

std::string headline(const DrillReport& report) {
  if (report.is_good()) return "Restore drill passed";
  return report.stopped ? "Restore drill stopped before its end" : "Restore drill failed";
}

bool any(const DrillReport& report, FsckResult result) {
  return std::any_of(report.outcomes.begin(), report.outcomes.end(), [&](const DrillOutcome& outcome) {
    return outcome.result == DrillResult::restored && outcome.fsck == result;
  });
}

std::string what_fsck_found(const DrillReport& report) {
  if (any(report, FsckResult::problems)) return "git fsck found damage.";
  if (!any(report, FsckResult::not_run)) return "git fsck found no damage.";
  return "git fsck was not run everywhere: the restore itself proved that nothing is missing.";
}

std::string what_differs(const DrillReport& report) {
  const std::uint64_t unexplained = report.totals().unexplained;
  if (unexplained > 0)
    return unexplained == 1 ? "1 difference is not explained."
                            : fmt::format("{} differences are not explained.", unexplained);
  if (!report.against_github) return "Refs, HEAD and objects are those of the snapshots.";
  return "Refs, HEAD and objects are those of the snapshots, and what is otherwise at GitHub now is "
         "explained.";
}

std::string verdict(const DrillReport& report) {
  const DrillTotals totals = report.totals();
  std::string html = fmt::format("<div class=\"verdict {}\">\n<h1>{}</h1>\n",
                                 report.is_good() ? "good" : "bad", escape_html(headline(report)));
  html += in_tag("p", fmt::format("{} of {} restored from the backup alone in {}: {}, {}.", totals.restored,
                                  count_of(report.outcomes.size(), "repository", "repositories"),
                                  describe_time(totals.restoring), human_size(totals.bytes),
                                  count_of(totals.objects, "object")));
  if (totals.restored > 0) html += in_tag("p", what_fsck_found(report) + " " + what_differs(report));
  if (totals.failed > 0)
    html += in_tag("p", count_of(totals.failed, "repository", "repositories") + " could not be restored.");
  return html + "</div>\n";
}

std::string how_chosen(const DrillReport& report) {
  if (report.count > 0)
    return fmt::format("{} of the vault's repositories, with seed {}", report.count, report.seed);
  const bool all = !report.outcomes.empty() && report.outcomes.front().chosen_as == ChosenAs::all;
  return all ? "all of them" : "named by a person";
}

std::string facts(const DrillReport& report) {
  std::string html = "<dl>\n";
  const auto add = [&](std::string_view name, std::string_view text) {
    html += fmt::format("<dt>{}</dt><dd>{}</dd>\n", escape_html(name), escape_html(text));
  };
  add("Drill", report.drill.str());
  add("Vault", fmt::format("{} in {}", report.vault, report.place));
  add("Started", format_time(report.started));
  add("Finished", format_time(report.finished));
  add("Chosen", how_chosen(report));
  add("Compared with GitHub", report.against_github ? "yes" : "no");
  add("Program", report.program);
  return html + "</dl>\n";
}

std::string_view reason(ChosenAs as) {
  switch (as) {
    case ChosenAs::largest:
      return "the largest";
    case ChosenAs::longest_not_drilled:
      return "not drilled for longest";
    case ChosenAs::random:
      return "by chance";
    case ChosenAs::named:
      return "named";
    case ChosenAs::all:
      return "all";
  }
  return "";
}

std::string result_of(const DrillOutcome& outcome) {
  switch (outcome.result) {
    case DrillResult::restored:
      return outcome.is_good() ? "good" : outcome.error ? "error" : "see below";
    case DrillResult::failed:
      return "failed";
    case DrillResult::too_large:
      return "too large for the disk";
    case DrillResult::not_done:
      return "not drilled";
  }
  return "";
}

std::string fsck_of(const DrillOutcome& outcome) {
  switch (outcome.fsck) {
    case FsckResult::ok:
      return marked(true, "no damage");
    case FsckResult::problems:
      return marked(false, "damage");
    case FsckResult::not_run:
      return "not run";
  }
  return "";
}

std::string differences_of(const DrillOutcome& outcome) {
  const auto& [explained, unexplained, named] = outcome.differences;
  if (unexplained > 0) return marked(false, fmt::format("{} not explained", unexplained));
  return explained > 0 ? fmt::format("{} explained", explained) : "none";
}

std::string table(const DrillReport& report) {
  HtmlTable table("What was drilled", {"Repository", "Result", "Snapshot", "Size", "Time", "Rate", "git fsck",
                                       "Objects", "Refs", "Differences"});
  for (const DrillOutcome& outcome : report.outcomes) {
    const std::string name =
        fmt::format("{}<br/><span class=\"quiet\">{}</span>", escape_html(outcome.repository),
                    escape_html(reason(outcome.chosen_as)));
    const std::string result = marked(outcome.is_good(), result_of(outcome));
    const std::string snapshot = fmt::format("<code>{}</code>", escape_html(outcome.snapshot.str()));
    if (outcome.result != DrillResult::restored) {
      table.add({name, result, snapshot, "-", "-", "-", "-", "-", "-", "-"});
      continue;
    }
    table.add({name, result, snapshot, human_size(outcome.bytes), describe_time(outcome.restoring),
               describe_rate(outcome), fsck_of(outcome), std::to_string(outcome.objects),
               std::to_string(outcome.refs), differences_of(outcome)});
  }
  return "<h2>Repositories</h2>\n" + table.html();
}

// What is to be said of one repository; empty: nothing.
std::string details(const DrillOutcome& outcome) {
  std::string items;
  const auto add = [&](const std::string& text) { items += in_tag("li", text); };
  if (outcome.error) add(outcome.error->message());
  for (const DrillDifference& difference : outcome.differences.named)
    add(describe(difference) +
        (difference.explanation.empty() ? ". Not explained" : ". Explained: " + difference.explanation));
  const std::uint64_t all = outcome.differences.explained + outcome.differences.unexplained;
  if (const std::uint64_t left = all - outcome.differences.named.size(); left > 0)
    add(fmt::format("and {}", count_of(left, "more difference")));
  for (const std::string& line : outcome.fsck_lines) add("git fsck: " + line);
  for (const std::string& note : outcome.notes) add(note);
  return items.empty() ? "" : in_tag("h3", outcome.repository) + "<ul>\n" + items + "</ul>\n";
}

std::string all_details(const DrillReport& report) {
  std::string html;
  for (const DrillOutcome& outcome : report.outcomes) html += details(outcome);
  if (!report.too_large.empty()) {
    std::string items;
    for (const std::string& name : report.too_large) items += in_tag("li", name);
    html += "<h3>Too large for the disk, and left out</h3>\n<ul>\n" + items + "</ul>\n";
  }
  return html.empty() ? "" : "<h2>Details</h2>\n" + html;
}

std::string charts(const DrillReport& report) {
  std::vector<Bar> times;
  std::vector<Bar> sizes;
  for (const DrillOutcome& outcome : report.outcomes) {
    if (outcome.result != DrillResult::restored) continue;
    times.push_back({outcome.repository, describe_time(outcome.restoring),
                     static_cast<double>(outcome.restoring.count())});
    sizes.push_back({outcome.repository, human_size(outcome.bytes), static_cast<double>(outcome.bytes)});
  }
  if (times.empty()) return "";
  return "<h2>Times and sizes</h2>\n" + html_bars("Time to restore", times) +
         html_bars("Read from the vault", sizes);
}

constexpr std::string_view kMethod =
    "<h2>How it was done</h2>\n"
    "<p>Each repository was restored as a mirror, with every ref and every object, from nothing but the "
    "vault, one after the other; the time is that from the first byte to a whole repository on the disk, "
    "every byte checked. Then git fsck looked at it, where git is installed, and it was removed. A mirror "
    "proves the history; no files were checked out. Releases, issues and Git LFS objects are not part of "
    "it.</p>\n";

}  // namespace

std::string drill_page(const DrillReport& report) {
  return html_page(fmt::format("{}, {}", headline(report), format_time(report.started)),
                   verdict(report) + facts(report) + table(report) + all_details(report) + charts(report) +
                       std::string(kMethod));
}

}  // namespace hubkeep
