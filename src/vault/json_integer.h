// Numbers in the vault's JSON. nlohmann::json would cut 4294967297 down to 1, and make -1 or 1e30 whatever
// fits.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/error.h"
#include "base/text.h"

namespace hubkeep {

/// Throws Error(corrupt) for what is no integer, or none that an Integer holds.
template <typename Integer>
Integer integer_from_json(const nlohmann::ordered_json& json) {
  if (json.is_number_unsigned()) {
    const auto value = json.get<std::uint64_t>();
    if (std::in_range<Integer>(value)) return static_cast<Integer>(value);
  } else if (json.is_number_integer()) {
    const auto value = json.get<std::int64_t>();
    if (std::in_range<Integer>(value)) return static_cast<Integer>(value);
  }
  throw Error(ErrorKind::corrupt,
              "no whole number, or one out of range: " + printable(json.dump().substr(0, 80)));
}

}  // namespace hubkeep
