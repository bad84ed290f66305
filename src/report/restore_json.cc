#include "report/restore_json.h"

#include <nlohmann/json.hpp>

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const CheckOutReport& report) {
  Json files = Json::array();
  for (const NotWritten& file : report.named) files.push_back({{"path", file.path}, {"why", file.why}});
  return {{"count", report.count}, {"files", std::move(files)}};
}

Json to_json(const PartRestored& part) {
  Json result = {{"part", part.part}, {"folder", part.folder.string()}, {"files", part.files}};
  if (part.fetched > 0) result["fetched"] = part.fetched;
  if (part.written > 0) result["written"] = part.written;
  if (part.error) result["error"] = part.error->message();
  if (part.lacks.count > 0) result["not_written"] = to_json(part.lacks);
  if (part.never_had.count > 0) result["not_in_vault"] = to_json(part.never_had);
  return result;
}

Json to_json(const RestoreOutcome& outcome) {
  if (outcome.error) return {{"repository", outcome.repository}, {"error", outcome.error->message()}};
  Json result = {{"repository", outcome.repository}, {"snapshot", outcome.snapshot.str()}};
  if (outcome.has_history) {
    result["git"] = outcome.git.word();
    result["folder"] = outcome.folder.string();
  }
  if (outcome.was_there) result["was_there"] = true;
  for (const LeftOutRef& ref : outcome.left_out) result["left_out"].push_back(hubkeep::to_json(ref));
  if (!outcome.files.notice.empty()) result["note"] = outcome.files.notice;
  if (outcome.files.count > 0) result["not_written"] = to_json(outcome.files);
  for (const PartRestored& part : outcome.parts) result["parts"].push_back(to_json(part));
  return result;
}

}  // namespace

Json to_json(const RestoreSummary& summary) {
  Json restored = Json::array();
  for (const RestoreOutcome& outcome : summary.outcomes) restored.push_back(to_json(outcome));
  return {{"restored", std::move(restored)}};
}

}  // namespace hubkeep
