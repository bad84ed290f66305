#include "report/backup_json.h"

#include <nlohmann/json.hpp>

#include "vault/manifest.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const OpenLosses& losses) {
  Json json = {{"repository", losses.repository}, {"id", losses.id}, {"objects", Json::array()}};
  for (const Loss& loss : losses.losses) json["objects"].push_back(to_json(loss));
  return json;
}

Json to_json(const LostForGood& lost) {
  return {{"repository", lost.repository},
          {"id", lost.id},
          {"whole_again", lost.is_whole_again},
          {"newest_restorable", lost.newest_restorable ? Json(lost.newest_restorable->str()) : Json(nullptr)},
          {"objects", lost.objects}};
}

}  // namespace

std::string to_json_text(const RunSummary& summary) {
  nlohmann::ordered_json json = {{"run", summary.run.str()},
                                 {"vault", summary.vault},
                                 {"vault_is_new", summary.vault_is_new},
                                 {"started", format_time(summary.started)},
                                 {"finished", format_time(summary.finished)},
                                 {"stopped", summary.stopped},
                                 {"api_requests", summary.api_requests},
                                 {"stale_removed", summary.leftovers.removed},
                                 {"stale_removed_bytes", summary.leftovers.removed_bytes},
                                 {"left_over", summary.leftovers.left},
                                 {"left_over_bytes", summary.leftovers.bytes},
                                 {"problems", summary.run_problems},
                                 {"missed", nlohmann::ordered_json::array()},
                                 {"losses", nlohmann::ordered_json::array()},
                                 {"lost_for_good", nlohmann::ordered_json::array()},
                                 {"repositories", nlohmann::ordered_json::array()}};
  for (const AbsenceAlarm& alarm : summary.alarms)
    json["missed"].push_back(
        {{"since", format_time(alarm.since)}, {"repositories", alarm.repositories}, {"reason", alarm.text}});
  for (const auto& losses : summary.losses) json["losses"].push_back(to_json(losses));
  for (const auto& lost : summary.lost_for_good) json["lost_for_good"].push_back(to_json(lost));
  for (const auto& outcome : summary.outcomes) json["repositories"].push_back(to_json(outcome));
  return format_json_to_print(json) + "\n";
}

}  // namespace hubkeep
