// The part of the GraphQL language that queries are written in: operations with variables, fields with
// arguments, fragments with and without a name, @include and @skip (GraphQL, October 2021, section 2).
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace hubkeep::sim {

struct Selection {
  std::string name;                                     // of the field; "" for a fragment
  std::string key;                                      // what the answer calls it: the alias, else the name
  std::string on_type;                                  // of a fragment; "": whatever type there is
  nlohmann::json arguments = nlohmann::json::object();  // with the variables' values; an enum's as a string
  std::vector<Selection> selections;
  int line = 1;
  int column = 1;
};

/// The selections of the operation of that name, or of the only one. Fragments that have a name stand where
/// they are spread, what @include and @skip leave out does not stand there at all. Throws Error(invalid) for
/// what is no query, and for variables that are not of their types.
std::vector<Selection> parse_query_document(std::string_view text, const nlohmann::json& variables,
                                            std::string_view operation = "");

/// "Issues" of "query Issues { … }"; "" for one without a name, and for what is no query.
std::string operation_name_in(std::string_view text);

}  // namespace hubkeep::sim
