#include "report/backup_json.h"

#include <nlohmann/json.hpp>

#include "vault/manifest.h"

namespace hubkeep {

std::string to_json_text(const RunSummary& summary) {
  nlohmann::ordered_json json = {{"run", summary.run.str()},
                                 {"started", format_time(summary.started)},
                                 {"finished", format_time(summary.finished)},
                                 {"stopped", summary.stopped},
                                 {"api_requests", summary.api_requests},
                                 {"stale_removed", summary.stale_removed},
                                 {"problems", summary.run_problems},
                                 {"missed", nlohmann::ordered_json::array()},
                                 {"repositories", nlohmann::ordered_json::array()}};
  for (const AbsenceAlarm& alarm : summary.alarms)
    json["missed"].push_back(
        {{"since", format_time(alarm.since)}, {"repositories", alarm.repositories}, {"reason", alarm.text}});
  for (const auto& outcome : summary.outcomes) json["repositories"].push_back(to_json(outcome));
  return format_json_to_print(json) + "\n";
}

}  // namespace hubkeep
