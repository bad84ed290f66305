// Documents of GitHub are read as they come: a member may be missing, null, or of another type than it was.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace hubkeep {

/// Null where there is none.
inline const nlohmann::ordered_json& at(const nlohmann::ordered_json& value, std::string_view name) {
  static const nlohmann::ordered_json kNull;
  const auto found = value.is_object() ? value.find(name) : value.end();
  return found == value.end() ? kNull : *found;
}

/// A text, or a number as it is written; else empty.
inline std::string text_at(const nlohmann::ordered_json& value, std::string_view name) {
  const auto& text = at(value, name);
  return text.is_string() ? text.get<std::string>() : text.is_number() ? text.dump() : "";
}

inline bool is_true(const nlohmann::ordered_json& value, std::string_view name) {
  const auto& flag = at(value, name);
  return flag.is_boolean() && flag.get<bool>();
}

/// Of REST's "user" and GraphQL's "author"; "ghost" for an account that was deleted, as GitHub has it.
inline std::string login_at(const nlohmann::ordered_json& value, std::string_view name) {
  const std::string login = text_at(at(value, name), "login");
  return login.empty() ? "ghost" : login;
}

}  // namespace hubkeep
