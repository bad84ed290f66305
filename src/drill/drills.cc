#include "drill/drills.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "vault/manifest.h"

namespace hubkeep {
namespace {

constexpr std::size_t kMostRead = 500;  // a request each: a drill a week for ten years

}  // namespace

std::map<SubjectKey, UtcTime> find_last_drilled(VaultObjects& objects, const Notice& notice,
                                                const std::stop_token& stop) {
  std::vector<SnapshotId> drills;
  objects.list_children("drills/", [&](std::string_view name) {
    if (const auto drill = drill_of(name)) drills.push_back(*drill);
    return true;
  });
  std::sort(drills.begin(), drills.end(), std::greater<>());
  std::map<SubjectKey, UtcTime> times;
  for (std::size_t i = 0; i < std::min(drills.size(), kMostRead); ++i) {
    const std::string key = drill_key(drills[i]);
    try {
      if (const auto stored = objects.read_if_there(key, stop))
        for (const SubjectKey& subject : restored_in(*stored)) times.emplace(subject, drills[i].time());
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::cancelled) throw;
      notice(fmt::format("{}: {}", key, error.message()));
    }
  }
  return times;
}

void keep_drill(VaultObjects& objects, const DrillReport& report) {
  RecordedWriter writer = objects.create("", "/" + drill_key(report.drill));
  writer.write(format_json_to_print(to_json(report)) + "\n");
  static_cast<void>(writer.commit());
}

}  // namespace hubkeep
