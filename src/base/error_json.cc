#include "base/error_json.h"

#include <nlohmann/json.hpp>

namespace hubkeep {

nlohmann::ordered_json to_json(const Error& error) {
  return {{"kind", to_string(error.kind())}, {"message", error.message()}};
}

Error error_from_json(const nlohmann::ordered_json& json) {
  return {parse_error_kind(json.at("kind").get_ref<const std::string&>()), json.at("message")};
}

}  // namespace hubkeep
