#include "backup/part_backup.h"

#include <nlohmann/json.hpp>

namespace hubkeep {
namespace {

// Marked so by the last snapshot: its listing may be newer than what the part has.
bool has_failed(const CatalogEntry& known, std::string_view name) {
  return !known.newest.empty() && status_of(known.newest.front().parts, name) == PartStatus::failed;
}

}  // namespace

PartOutcome PartBackup::fetch_share(const PartBefore&, const Share&, RepositoryWork&) const {
  return {.part = PartName(name())};
}

void PartBackup::note_check(CatalogEntry& entry, UtcTime checked_at) const {
  entry.checked.insert_or_assign(PartName(name()), checked_at);
}

PartOutcome PartBackup::outcome_of(const Part&) const {
  return {.part = PartName(name())};
}

PartBackups parts_for(const PartBackups& parts, SubjectKind kind) {
  PartBackups fitting;
  for (const auto& part : parts)
    if (part->is_for(kind)) fitting.push_back(part);
  return fitting;
}

std::vector<DuePart> parts_due(const PartBackups& parts, const CatalogEntry* known, const Listing& listed,
                               const Recheck& recheck) {
  std::vector<DuePart> due;
  for (const auto& part : parts) {
    if (known == nullptr) {
      due.push_back({part.get(), ""});
      continue;
    }
    const Freshness freshness =
        has_failed(*known, part->name()) ? Freshness::incomplete : part->judge(*known, listed, recheck);
    if (freshness != Freshness::unchanged) due.push_back({part.get(), to_string(freshness)});
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
