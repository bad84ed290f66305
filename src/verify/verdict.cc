#include "verify/verdict.h"

#include <algorithm>

namespace hubkeep {

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
    case DamageKind::index:
      return "index";
  }
  return "content";
}

bool Verdict::is_good() const {
  return !error && std::all_of(damages.begin(), damages.end(), [](const auto& d) { return d.accepted; });
}

}  // namespace hubkeep
