#include "report/metrics.h"

#include <nlohmann/json.hpp>

#include "run/run_summary.h"
#include "verify/verify_vault.h"

namespace hubkeep {

std::vector<Metric> metrics_of(const RunSummary& summary) {
  ByteCount received = 0;
  for (const Outcome& outcome : summary.outcomes) received += outcome.bytes_received;
  const std::uint64_t requests = summary.api_requests + summary.git_requests();
  const std::size_t failed = summary.count(OutcomeKind::failed);
  const std::size_t left = summary.count(OutcomeKind::not_done);
  std::size_t missed = 0;
  for (const AbsenceAlarm& alarm : summary.alarms) missed += alarm.repositories.size();
  std::size_t lost = 0;
  for (const OpenLosses& losses : summary.losses) lost += losses.losses.size();
  const FileCounts files = summary.files();
  const DocumentCounts documents = summary.documents();
  return {{"RepositoriesDone", "Count", static_cast<double>(summary.outcomes.size() - failed - left)},
          {"RepositoriesFailed", "Count", static_cast<double>(failed)},
          {"RepositoriesMissed", "Count", static_cast<double>(missed)},
          {"VaultLosses", "Count", static_cast<double>(lost)},
          {"Bytes", "Bytes", static_cast<double>(received)},
          {"FilesSaved", "Count", static_cast<double>(files.saved)},
          {"FilesNewlyLacking", "Count", static_cast<double>(files.newly_lacking)},
          {"DocumentsSaved", "Count", static_cast<double>(documents.saved)},
          {"DocumentsGone", "Count", static_cast<double>(documents.newly_gone)},
          {"DocumentsUnexplained", "Count", static_cast<double>(documents.unexplained)},
          {"Requests", "Count", static_cast<double>(requests)},
          {"Seconds", "Seconds", static_cast<double>((summary.finished - summary.started).count())}};
}

std::vector<Metric> metrics_of(const VerifySummary& summary) {
  std::size_t damaged = (summary.catalog ? 1U : 0U) + (summary.zips.is_good() ? 0U : 1U) +
                        summary.runs.problems.size() + summary.runs.never_saved.size();
  for (const StateVerdict& verdict : summary.states) damaged += verdict.is_good() ? 0 : 1;
  for (const Verdict& verdict : summary.verdicts) damaged += verdict.is_good() ? 0 : 1;
  return {{"RepositoriesVerified", "Count", static_cast<double>(summary.verdicts.size())},
          {"RepositoriesDamaged", "Count", static_cast<double>(damaged)}};
}

std::string metrics_line(const std::vector<Metric>& metrics, const std::string& function_name, UtcTime now) {
  using Json = nlohmann::ordered_json;
  Json definitions = Json::array();
  for (const Metric& metric : metrics) definitions.push_back({{"Name", metric.name}, {"Unit", metric.unit}});
  const Json dimensions = Json::array({Json::array({"FunctionName"})});
  const Json directive = {{"Namespace", "hubkeep"}, {"Dimensions", dimensions}, {"Metrics", definitions}};
  const auto milliseconds = std::chrono::milliseconds(now.time_since_epoch()).count();
  Json line = {{"_aws", {{"Timestamp", milliseconds}, {"CloudWatchMetrics", Json::array({directive})}}},
               {"FunctionName", function_name}};
  for (const Metric& metric : metrics) line[metric.name] = metric.value;
  return line.dump();
}

}  // namespace hubkeep
