// What `hubkeep doctor` prints: a table for people, and the same for programs.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "doctor/examine_place.h"

namespace hubkeep {

/// "does without", as it stands in the table; in JSON with '_' for each blank.
std::string_view word_of(PlaceVerdict verdict);

/// A row, with its end of line: verdict, thing and text, broken at 80 columns. Pure, as are all here.
std::string describe(const PlaceFinding& finding);

/// The last lines: whether a vault can be kept there, and what was left behind.
std::string describe_end(const DoctorReport& report);

nlohmann::ordered_json to_json(const DoctorReport& report);

}  // namespace hubkeep
