// What was done to an issue or a pull request, in words.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace hubkeep {

/// "added the label 'bug'", of a node of `timelineItems`. One that this version has no words for is named by
/// its type: "automatic base change failed".
std::string describe_event(const nlohmann::ordered_json& event);

}  // namespace hubkeep
