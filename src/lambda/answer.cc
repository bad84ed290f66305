#include "lambda/answer.h"

#include <algorithm>

#include "base/text.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

// The others stand in the run's report and in the log.
constexpr std::size_t kNamedFailures = 20;

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

Json failures_of(const RunSummary& summary) {
  Json failures = Json::array();
  for (const Outcome& outcome : summary.outcomes) {
    if (!outcome.error || failures.size() == kNamedFailures) continue;
    failures.push_back({{"repository", outcome.repository},
                        {"kind", to_string(outcome.error->kind())},
                        {"error", printable(outcome.error->message())}});
  }
  return failures;
}

Json damaged_of(const VerifySummary& summary) {
  Json damaged = Json::array();
  for (const Verdict& verdict : summary.verdicts)
    if (!verdict.is_good()) damaged.push_back(to_json(verdict));
  for (const Damage& damage : summary.zips.damages)
    damaged.push_back(
        {{"zip", damage.key}, {"kind", to_string(damage.kind)}, {"detail", printable(damage.detail)}});
  if (const auto& error = summary.zips.error)
    damaged.push_back(
        {{"zip", nullptr}, {"kind", to_string(error->kind())}, {"detail", printable(error->message())}});
  if (damaged.size() > kNamedFailures)
    damaged.erase(damaged.begin() + static_cast<std::ptrdiff_t>(kNamedFailures), damaged.end());
  return damaged;
}

}  // namespace

Json answer_of(LambdaAction action, const RunSummary& summary) {
  const std::size_t failed = summary.count(OutcomeKind::failed);
  const std::size_t left = summary.count(OutcomeKind::not_done);
  const bool good = failed == 0 && summary.run_problems.empty();
  Json answer = {{"action", to_string(action)},
                 {"status", left > 0 ? "CONTINUE"
                            : good   ? "DONE"
                                     : "INCOMPLETE"},
                 {"run", summary.run.str()}};
  for (const OutcomeKind kind : {OutcomeKind::saved, OutcomeKind::unchanged, OutcomeKind::gone,
                                 OutcomeKind::not_selected, OutcomeKind::failed})
    answer[std::string(to_string(kind))] = summary.count(kind);
  answer["left"] = left;
  answer["failures"] = failures_of(summary);
  answer["problems"] = summary.run_problems;
  return answer;
}

Json answer_of(const SharedPlan& plan, const S3Location& vault) {
  return {
      {"action", to_string(LambdaAction::plan)}, {"run", plan.run.str()},           {"bucket", vault.bucket},
      {"key", vault.prefix + plan.key},          {"concurrency", plan.concurrency}, {"batches", plan.batches},
      {"repositories", plan.repositories},       {"unchanged", plan.unchanged}};
}

Json answer_of(const LambdaEvent& event, const BatchSummary& summary) {
  return {{"action", to_string(event.action)},
          {"status", summary.is_done ? "DONE" : "CONTINUE"},
          {"run", event.run.str()},
          {"attempt", summary.attempt + 1},
          {"batch", summary.left}};
}

Json answer_of(const LambdaEvent& event, const VerifySummary& summary) {
  const bool gained = summary.verified_up_to != event.after;
  Json answer = {{"action", to_string(event.action)},
                 {"status", summary.stopped     ? "CONTINUE"
                            : summary.is_good() ? "DONE"
                                                : "INCOMPLETE"},
                 {"verified", summary.verdicts.size()},
                 {"zips", summary.zips.zips},
                 {"catalog", summary.catalog ? Json(*summary.catalog) : Json(nullptr)},
                 {"damaged", damaged_of(summary)}};
  if (!event.repositories.empty()) answer["repositories"] = event.repositories;
  if (!event.read_data_subset.empty()) answer["read_data_subset"] = event.read_data_subset;
  if (!summary.stopped) return answer;
  answer["after"] = summary.verified_up_to;
  answer["attempt"] = gained ? 1 : event.attempt + 1;
  return answer;
}

LambdaFailure failure_of(const Error& error) {
  return {.type = "Hubkeep." + camel_case(to_string(error.kind())), .message = printable(error.message())};
}

}  // namespace hubkeep
