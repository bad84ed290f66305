// What is to be said of one object of a vault that was looked at.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "verify/verdict.h"

namespace hubkeep {

struct Checked {
  bool is_there = false;
  bool is_cold = false;
  bool is_read = false;
  bool has_checksum = false;  // that the store told, and that was compared
  ByteCount bytes_read = 0;
  /// Looked at and counted with another repository that shares it.
  bool is_counted = false;
  std::optional<DamageKind> damage;
  std::string detail;

  static Checked damaged(DamageKind kind, std::string detail) {
    Checked checked;
    checked.damage = kind;
    checked.detail = std::move(detail);
    return checked;
  }
};

}  // namespace hubkeep
