#include "verify/verdict.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error_json.h"

namespace hubkeep {

using Json = nlohmann::ordered_json;

std::string_view to_string(DamageKind kind) {
  switch (kind) {
    case DamageKind::missing:
      return "missing";
    case DamageKind::size:
      return "size";
    case DamageKind::checksum:
      return "checksum";
    case DamageKind::content:
      return "content";
    case DamageKind::connectivity:
      return "connectivity";
  }
  return "content";
}

bool Verdict::is_good() const {
  return !error && std::all_of(damages.begin(), damages.end(), [](const auto& d) { return d.accepted; });
}

Json to_json(const Damage& damage) {
  Json snapshots = Json::array();
  for (const SnapshotId& snapshot : damage.snapshots) snapshots.push_back(snapshot.str());
  return {{"key", damage.key},
          {"kind", to_string(damage.kind)},
          {"detail", damage.detail},
          {"accepted", damage.accepted},
          {"snapshots", std::move(snapshots)}};
}

Json to_json(const Unnamed& unnamed) {
  if (!unnamed.what.empty()) return {{"key", unnamed.key}, {"is", unnamed.what}};
  return {{"key", unnamed.key}, {"size", unnamed.size}};
}

Json to_json(const Verdict& verdict) {
  Json json = {{"repository", verdict.repository},
               {"id", verdict.id},
               {"host", verdict.host},
               {"good", verdict.is_good()},
               {"snapshots", verdict.snapshots},
               {"restorable", verdict.restorable},
               {"newest_restorable",
                verdict.newest_restorable ? Json(verdict.newest_restorable->str()) : Json(nullptr)},
               {"objects", verdict.objects},
               {"bytes", verdict.bytes},
               {"checksums", verdict.checksums},
               {"objects_read", verdict.objects_read},
               {"bytes_read", verdict.bytes_read},
               {"cold", verdict.cold},
               {"damages", Json::array()},
               {"unnamed", Json::array()}};
  add_kind(json, verdict.id);
  if (verdict.removed > 0) json["removed"] = verdict.removed;
  if (verdict.not_proved > 0) json["not_proved"] = verdict.not_proved;
  if (verdict.proved) json["proved"] = *verdict.proved;
  for (const Damage& damage : verdict.damages) json["damages"].push_back(to_json(damage));
  for (const Unnamed& unnamed : verdict.unnamed) json["unnamed"].push_back(to_json(unnamed));
  if (verdict.error) json["error"] = to_json(*verdict.error);
  return json;
}

}  // namespace hubkeep
