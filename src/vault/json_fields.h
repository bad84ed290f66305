// Values that stand in several documents of a vault. Each throws Error(corrupt) for what is not one.
#pragma once

#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "vault/json_integer.h"
#include "vault/names.h"

namespace hubkeep {

inline UtcTime time_from_json(const nlohmann::ordered_json& json) {
  const auto time = parse_time(json.get_ref<const std::string&>());
  if (!time) throw Error(ErrorKind::corrupt, "not a time: " + printable(json.get<std::string>()));
  return *time;
}

inline SnapshotId snapshot_from_json(const nlohmann::ordered_json& json) {
  const auto id = SnapshotId::parse(json.get_ref<const std::string&>());
  if (!id) throw Error(ErrorKind::corrupt, "not a snapshot id: " + printable(json.get<std::string>()));
  return *id;
}

}  // namespace hubkeep
