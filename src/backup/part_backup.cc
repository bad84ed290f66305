#include "backup/part_backup.h"

#include <nlohmann/json.hpp>

namespace hubkeep {

PartOutcome PartBackup::outcome_of(const Part&) const {
  return {.part = PartName(name())};
}

std::vector<DuePart> parts_due(const PartBackups& parts, const CatalogEntry* known, const Listing& listed,
                               const Recheck& recheck) {
  std::vector<DuePart> due;
  for (const auto& part : parts) {
    const Freshness freshness = known ? part->judge(*known, listed, recheck) : Freshness::unknown;
    if (freshness != Freshness::unchanged) due.push_back({part.get(), freshness});
  }
  return due;
}

Part with_status(const std::optional<Part>& before, const PartStatus& status, const std::string& permission) {
  nlohmann::ordered_json json = before ? before->json() : nlohmann::ordered_json::object();
  json["status"] = status.word();
  json.erase("permission");
  if (!permission.empty()) json["permission"] = permission;
  return Part(std::move(json));
}

}  // namespace hubkeep
