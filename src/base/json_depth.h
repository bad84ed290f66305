// JSON from outside, before it is parsed: the parser takes seventy bytes for every bracket, and what prints
// or copies its result calls itself once a level.
#pragma once

#include <string_view>

namespace hubkeep {

constexpr int kMaxJsonDepth = 64;  // neither GitHub nor the vault's format comes near it

/// Whether arrays and objects of the text nest deeper than kMaxJsonDepth. Says nothing else of it.
bool is_nested_too_deep(std::string_view json);

/// Throws Error(corrupt) when they do.
void check_json_depth(std::string_view json);

}  // namespace hubkeep
