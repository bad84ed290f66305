// An Error as JSON, wherever a result, a report or a batch names one: {"kind": "corrupt", "message": "…"}
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "base/error.h"

namespace hubkeep {

nlohmann::ordered_json to_json(const Error& error);
/// nlohmann::json's exceptions are thrown for what is missing or of another type.
Error error_from_json(const nlohmann::ordered_json& json);

}  // namespace hubkeep
