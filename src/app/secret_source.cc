#include "app/secret_source.h"

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"

namespace hubkeep {

Environment parse_secret(const Secret& text) {
  const auto json = parse_json_or_discard(text.reveal());
  if (!json.is_object())
    throw Error(ErrorKind::invalid, R"(it is no JSON object of settings such as {"TOKEN_GITHUB": "…"})");
  Environment variables;
  for (const auto& [key, value] : json.items()) {
    if (value.is_null()) continue;
    if (value.is_structured())
      throw Error(ErrorKind::invalid, "its key " + printable(key) + " holds no text but an object or a list");
    variables.emplace(key, value.is_string() ? value.get<std::string>() : value.dump());
  }
  return variables;
}

}  // namespace hubkeep
