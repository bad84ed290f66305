#include "report/metrics.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "run/run_summary.h"
#include "verify/verify_vault.h"

namespace hubkeep {
namespace {

TEST(MetricsLine, IsCloudWatchsEmbeddedFormat) {
  RunSummary summary;
  summary.started = UtcTime{std::chrono::seconds(1'800'000'000)};
  summary.finished = summary.started + std::chrono::seconds(30);
  summary.api_requests = 3;
  summary.outcomes = {
      {.repository = "acme/site", .kind = OutcomeKind::saved, .requests = 2, .bytes_received = 100},
      {.repository = "acme/api", .kind = OutcomeKind::unchanged},
      {.repository = "acme/x", .kind = OutcomeKind::failed},
      {.repository = "acme/y", .kind = OutcomeKind::not_done}};
  summary.outcomes.front().parts = {{.part = "lfs", .files = {.saved = 3, .newly_lacking = 1}},
                                    {.part = "releases", .files = {.saved = 1}}};
  summary.alarms = {
      {.since = summary.started, .repositories = {"acme/z", "acme/zz"}, .text = "went at once"}};
  summary.losses = {{.losses = std::vector<Loss>(1)},
                    {.repository = "acme/site", .losses = std::vector<Loss>(2)}};

  const std::string line = metrics_line(metrics_of(summary), "backup", summary.finished);

  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_EQ(nlohmann::json::parse(line), nlohmann::json::parse(R"({
    "_aws": {"Timestamp": 1800000030000, "CloudWatchMetrics": [{
      "Namespace": "hubkeep", "Dimensions": [["FunctionName"]],
      "Metrics": [{"Name": "RepositoriesDone", "Unit": "Count"}, {"Name": "RepositoriesFailed", "Unit": "Count"},
                  {"Name": "RepositoriesMissed", "Unit": "Count"},
                  {"Name": "VaultLosses", "Unit": "Count"},
                  {"Name": "Bytes", "Unit": "Bytes"}, {"Name": "FilesSaved", "Unit": "Count"},
                  {"Name": "FilesNewlyLacking", "Unit": "Count"}, {"Name": "DocumentsSaved", "Unit": "Count"},
                  {"Name": "DocumentsGone", "Unit": "Count"}, {"Name": "DocumentsUnexplained", "Unit": "Count"},
                  {"Name": "Requests", "Unit": "Count"},
                  {"Name": "Seconds", "Unit": "Seconds"}]}]},
    "FunctionName": "backup", "RepositoriesDone": 2.0, "RepositoriesFailed": 1.0, "RepositoriesMissed": 2.0,
    "VaultLosses": 3.0, "Bytes": 100.0, "FilesSaved": 4.0, "FilesNewlyLacking": 1.0, "DocumentsSaved": 0.0,
    "DocumentsGone": 0.0, "DocumentsUnexplained": 0.0, "Requests": 5.0,
    "Seconds": 30.0})"));
}

TEST(Metrics, CountWhatWasNeverSavedAsDamaged) {
  VerifySummary summary;
  summary.runs.problems = {"no run has ever completed into this vault"};
  summary.runs.never_saved.resize(2);

  EXPECT_EQ(metrics_of(summary).back().value, 3);
}

TEST(Metrics, CountDamagedZipsAndStatesAsTheCatalogIsCounted) {
  VerifySummary summary{.catalog = "is missing", .verdicts = {{.repository = "acme/site"}}};
  summary.zips.damages = std::vector<Damage>(7);
  summary.states = {{.host = "github.com", .damages = {{.key = "state/github.com.jsonl.zst"}}}};

  const auto metrics = metrics_of(summary);

  EXPECT_EQ(metrics.at(0).value, 1);
  EXPECT_EQ(metrics.at(1).name, "RepositoriesDamaged");
  EXPECT_EQ(metrics.at(1).value, 3);
}

}  // namespace
}  // namespace hubkeep
