// Metrics of CloudWatch in its embedded format: a line of JSON in the log, of which CloudWatch makes metrics.
// Specification: docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/
// CloudWatch_Embedded_Metric_Format_Specification.html
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"

namespace hubkeep {

struct RunSummary;
struct VerifySummary;

struct Metric {
  std::string name;  // "RepositoriesFailed"
  std::string unit;  // "Count", "Bytes", "Seconds"
  double value = 0;
};

std::vector<Metric> metrics_of(const RunSummary& summary);
std::vector<Metric> metrics_of(const VerifySummary& summary);

/// One line, in the namespace "hubkeep" with the one dimension FunctionName: every further one would be a
/// metric that costs by itself. Pure.
std::string metrics_line(const std::vector<Metric>& metrics, const std::string& function_name, UtcTime now);

}  // namespace hubkeep
