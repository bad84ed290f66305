#include "report/restore_json.h"

#include <nlohmann/json.hpp>

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const RestoreOutcome& outcome) {
  if (outcome.error) return {{"repository", outcome.repository}, {"error", outcome.error->message()}};
  Json result = {{"repository", outcome.repository},
                 {"snapshot", outcome.snapshot.str()},
                 {"git", outcome.git.word()},
                 {"folder", outcome.folder.string()}};
  if (outcome.was_there) result["was_there"] = true;
  for (const LeftOutRef& ref : outcome.left_out) result["left_out"].push_back(hubkeep::to_json(ref));
  if (!outcome.files.notice.empty()) result["note"] = outcome.files.notice;
  if (outcome.files.count == 0) return result;
  Json files = Json::array();
  for (const NotWritten& file : outcome.files.named)
    files.push_back({{"path", file.path}, {"why", file.why}});
  result["not_written"] = {{"count", outcome.files.count}, {"files", std::move(files)}};
  return result;
}

}  // namespace

Json to_json(const RestoreSummary& summary) {
  Json restored = Json::array();
  for (const RestoreOutcome& outcome : summary.outcomes) restored.push_back(to_json(outcome));
  return {{"restored", std::move(restored)}};
}

}  // namespace hubkeep
