// The part of the GraphQL language that queries are written in: fields with arguments, and inline fragments
// (GraphQL, October 2021, section 2).
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace hubkeep::sim {

struct Selection {
  std::string name;                                     // of the field; "" for an inline fragment
  std::string key;                                      // what the answer calls it: the alias, else the name
  std::string on_type;                                  // of an inline fragment
  nlohmann::json arguments = nlohmann::json::object();  // with the variables' values; an enum's as a string
  std::vector<Selection> selections;
};

/// The selections of the only operation. Throws Error(invalid) for what is no query, and for fragments that
/// have a name.
std::vector<Selection> parse_query_document(std::string_view text, const nlohmann::json& variables);

}  // namespace hubkeep::sim
