// An answer is what a state machine decides by, so it must arrive: every list in it is cut at a fixed number
// and every text at a fixed length, and what is left out is counted. See
// LambdaAnswer.StaysSmallWhereMuchIsDamaged and StaysSmallWhateverErrorsSay.
#include "lambda/answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <numeric>

#include "base/text.h"
#include "report/verify_json.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

// Lambda takes an answer of 6 MB, and Step Functions hands on 256 KiB of it: what is longer would be none at
// all. The others stand in the run's report and in the log.
constexpr std::size_t kNamedFailures = 20;
constexpr std::size_t kNamedDamages = 10;  // of each of them
constexpr std::size_t kNamedSnapshots = 10;
constexpr std::size_t kLongestText = 1000;
constexpr std::size_t kLongestDetail = 200;

std::string camel_case(std::string_view words) {
  std::string text;
  bool begins = true;
  for (const char c : words) {
    if (c == '_') {
      begins = true;
      continue;
    }
    text += begins ? static_cast<char>(c - 'a' + 'A') : c;
    begins = false;
  }
  return text;
}

std::string shown(const std::string& text, std::size_t longest = kLongestText) {
  std::string safe = printable(text);
  return safe.size() <= longest ? safe : safe.substr(0, longest) + "...";
}

// Cuts a list, and returns how much of it is left out.
std::size_t cut(Json& list, std::size_t most) {
  if (list.size() <= most) return 0;
  const std::size_t left_out = list.size() - most;
  list.erase(list.begin() + static_cast<std::ptrdiff_t>(most), list.end());
  return left_out;
}

Json failures_of(const RunSummary& summary) {
  Json failures = Json::array();
  for (const Outcome& outcome : summary.outcomes) {
    if (!outcome.error || failures.size() == kNamedFailures) continue;
    failures.push_back({{"repository", outcome.repository},
                        {"kind", to_string(outcome.error->kind())},
                        {"error", shown(outcome.error->message())}});
  }
  return failures;
}

Json problems_of(const std::vector<std::string>& lines) {
  Json problems = Json::array();
  for (const std::string& line : lines) problems.push_back(shown(line));
  if (const std::size_t left_out = cut(problems, kNamedFailures))
    problems.push_back(fmt::format("and {} more", left_out));
  return problems;
}

Json problems_of(const RunSummary& summary) {
  std::vector<std::string> lines = summary.run_problems;
  for (const AbsenceAlarm& alarm : summary.alarms)
    lines.push_back(fmt::format("{}: {}", some_of(alarm.repositories), alarm.text));
  for (const Outcome& outcome : summary.outcomes)
    if (!outcome.left_out.empty())
      lines.push_back(fmt::format("{}: {}", outcome.repository, describe(outcome.left_out)));
  return problems_of(lines);
}

Json problems_of(const RunsVerdict& runs) {
  std::vector<std::string> lines = runs.problems;
  for (const FailingRepository& repository : runs.never_saved)
    lines.push_back(describe_never_saved(repository));
  return problems_of(lines);
}

Json damage_of(const Damage& damage) {
  Json json = to_json(damage);
  json["detail"] = shown(damage.detail, kLongestDetail);
  if (const std::size_t left_out = cut(json["snapshots"], kNamedSnapshots))
    json["snapshots_left_out"] = left_out;
  return json;
}

// What was accepted comes last: it is no news.
Json damaged_repository_of(const Verdict& verdict) {
  Verdict head = verdict;
  head.damages.clear();
  Json json = to_json(head);
  json["good"] = verdict.is_good();
  std::vector<Damage> damages;
  for (const bool accepted : {false, true})
    std::copy_if(verdict.damages.begin(), verdict.damages.end(), std::back_inserter(damages),
                 [&](const Damage& damage) { return damage.accepted == accepted; });
  const auto named = std::min(damages.size(), kNamedDamages);
  for (std::size_t i = 0; i < named; ++i) json["damages"].push_back(damage_of(damages[i]));
  if (damages.size() > named) json["damages_left_out"] = damages.size() - named;
  if (verdict.error) json["error"]["message"] = shown(verdict.error->message());
  return json;
}

Json damaged_of(const VerifySummary& summary) {
  Json damaged = Json::array();
  for (const Verdict& verdict : summary.verdicts)
    if (!verdict.is_good() && damaged.size() < kNamedFailures)
      damaged.push_back(damaged_repository_of(verdict));
  for (const StateVerdict& verdict : summary.states)
    for (const Damage& damage : verdict.damages)
      if (!damage.accepted)
        damaged.push_back(
            {{"state", damage.key}, {"kind", to_string(damage.kind)}, {"detail", shown(damage.detail)}});
  for (const Damage& damage : summary.zips.damages)
    if (!damage.accepted)
      damaged.push_back(
          {{"zip", damage.key}, {"kind", to_string(damage.kind)}, {"detail", shown(damage.detail)}});
  if (const auto& error = summary.zips.error)
    damaged.push_back(
        {{"zip", nullptr}, {"kind", to_string(error->kind())}, {"detail", shown(error->message())}});
  cut(damaged, kNamedFailures);
  return damaged;
}

}  // namespace

Json answer_of(LambdaAction action, const RunSummary& summary) {
  const std::size_t left = summary.count(OutcomeKind::not_done);
  Json answer = {{"action", to_string(action)},
                 {"status", left > 0            ? "CONTINUE"
                            : summary.is_good() ? "DONE"
                                                : "INCOMPLETE"},
                 {"run", summary.run.str()},
                 {"vault", summary.vault}};
  for (const OutcomeKind kind :
       {OutcomeKind::saved, OutcomeKind::unchanged, OutcomeKind::gone, OutcomeKind::failed})
    answer[std::string(to_string(kind))] = summary.count(kind);
  answer["left"] = left;
  const FileCounts files = summary.files();
  answer["files_saved"] = files.saved;
  answer["files_newly_lacking"] = files.newly_lacking;
  const DocumentCounts documents = summary.documents();
  answer["documents_saved"] = documents.saved;
  answer["documents_gone"] = documents.newly_gone;
  answer["documents_unexplained"] = documents.unexplained;
  answer["losses"] =
      std::accumulate(summary.losses.begin(), summary.losses.end(), std::size_t{0},
                      [](std::size_t sum, const OpenLosses& losses) { return sum + losses.losses.size(); });
  answer["failures"] = failures_of(summary);
  answer["problems"] = problems_of(summary);
  return answer;
}

Json answer_of(const SharedPlan& plan, const S3Location& vault) {
  return {
      {"action", to_string(LambdaAction::plan)}, {"run", plan.run.str()},           {"bucket", vault.bucket},
      {"key", vault.prefix + plan.key},          {"concurrency", plan.concurrency}, {"batches", plan.batches},
      {"repositories", plan.repositories},       {"unchanged", plan.unchanged}};
}

Json answer_of(const LambdaEvent& event, const BatchSummary& summary) {
  Json answer = {{"action", to_string(event.action)},
                 {"status", summary.is_done ? "DONE" : "CONTINUE"},
                 {"run", event.run.str()},
                 {"attempt", summary.attempt + 1},
                 {"batch", summary.left}};
  if (event.share > 0) answer["share"] = event.share;
  for (int share = 1; share <= summary.shares; ++share) answer["shares"].push_back(share);
  return answer;
}

Json answer_of(const LambdaEvent& event, const VerifySummary& summary) {
  const bool gained = summary.verified_up_to != event.after;
  Json answer = {{"action", to_string(event.action)},
                 {"status", summary.stopped     ? "CONTINUE"
                            : summary.is_good() ? "DONE"
                                                : "INCOMPLETE"},
                 {"verified", summary.verdicts.size()},
                 {"zips", summary.zips.zips},
                 {"identity", summary.identity ? Json(*summary.identity) : Json(nullptr)},
                 {"readme", summary.readme ? Json(*summary.readme) : Json(nullptr)},
                 {"catalog", summary.catalog ? Json(*summary.catalog) : Json(nullptr)},
                 {"damaged", damaged_of(summary)},
                 {"problems", problems_of(summary.runs)}};
  if (!event.repositories.empty()) answer["repositories"] = event.repositories;
  if (!event.read_data_subset.empty()) answer["read_data_subset"] = event.read_data_subset;
  if (event.deep) answer["deep"] = true;
  if (!summary.stopped) return answer;
  answer["after"] = summary.verified_up_to;
  answer["attempt"] = gained ? 1 : event.attempt + 1;
  return answer;
}

Json answer_of(const DrillReport& report) {
  const DrillTotals totals = report.totals();
  std::vector<std::string> too_large = report.too_large;
  Json failures = Json::array();
  for (const DrillOutcome& outcome : report.outcomes) {
    if (outcome.result == DrillResult::too_large) too_large.push_back(outcome.repository);
    if (outcome.is_good() || outcome.result == DrillResult::not_done || failures.size() == kNamedFailures)
      continue;
    failures.push_back({{"repository", outcome.repository},
                        {"result", to_string(outcome.result)},
                        {"fsck", to_string(outcome.fsck)},
                        {"unexplained", outcome.differences.unexplained},
                        {"error", outcome.error ? Json(shown(outcome.error->message())) : Json(nullptr)}});
  }
  return {{"action", to_string(LambdaAction::drill)},
          {"status", report.is_good() ? "DONE" : "INCOMPLETE"},
          {"drill", report.drill.str()},
          {"key", drill_key(report.drill)},
          {"seed", report.seed},
          {"restored", totals.restored},
          {"seconds", std::chrono::duration<double>(totals.restoring).count()},
          {"bytes", totals.bytes},
          {"unexplained", totals.unexplained},
          {"not_done", totals.not_done},
          {"too_large", problems_of(too_large)},
          {"failures", failures}};
}

LambdaFailure failure_of(const Error& error) {
  return {.type = "Hubkeep." + camel_case(to_string(error.kind())), .message = shown(error.message())};
}

}  // namespace hubkeep
