#include "report/copy_json.h"

#include <nlohmann/json.hpp>

#include "base/error_json.h"

namespace hubkeep {

using Json = nlohmann::ordered_json;

Json to_json(const CopyOutcome& outcome) {
  Json json = {{"repository", outcome.repository}, {"id", outcome.id},       {"snapshots", outcome.snapshots},
               {"objects", outcome.objects},       {"bytes", outcome.bytes}, {"problems", outcome.problems}};
  add_kind(json, outcome.id);
  if (outcome.error) json["error"] = to_json(*outcome.error);
  return json;
}

Json to_json(const CopySummary& summary) {
  Json json = {{"good", summary.is_good()}, {"stopped", summary.stopped}, {"problems", summary.problems},
               {"zips", summary.zips.zips}, {"reports", summary.reports}, {"repositories", Json::array()}};
  for (const CopyOutcome& outcome : summary.outcomes) json["repositories"].push_back(to_json(outcome));
  return json;
}

}  // namespace hubkeep
