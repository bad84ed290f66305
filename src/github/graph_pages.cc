#include "github/graph_pages.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

// Of a question that can be asked in smaller pieces, before that is done.
constexpr int kMostAttempts = 2;
// Of the rest of one list: more would be a list without an end.
constexpr int kMostPages = 10'000;
constexpr std::size_t kLongestMessage = 300;

const Json& at(const Json& value, std::string_view name) {
  static const Json kNull;
  const auto found = value.is_object() ? value.find(name) : value.end();
  return found == value.end() ? kNull : *found;
}

std::string text_at(const Json& value, std::string_view name) {
  const Json& text = at(value, name);
  return text.is_string() ? text.get<std::string>() : "";
}

bool is_too_much(const Error& error) {
  return error.kind() == ErrorKind::transient || error.kind() == ErrorKind::corrupt;
}

bool has_more(const Json& list) {
  const Json& more = at(at(list, "pageInfo"), "hasNextPage");
  return more.is_boolean() && more.get<bool>();
}

// The first error that is not about an object that was asked for by its id.
GraphRefusal refusal_of(const Json& answer) {
  const Json& errors = at(answer, "errors");
  if (!errors.is_array() || errors.empty()) return {"NOT_FOUND", "GitHub sends nothing"};
  return {printable(text_at(errors.front(), "type").substr(0, kLongestMessage)),
          printable(text_at(errors.front(), "message").substr(0, kLongestMessage))};
}

// Of an object in a list of another.
std::string type_within(const std::string& type, const std::string& list) {
  return type == "Discussion" && list == "comments" ? "DiscussionComment" : "";
}

}  // namespace

bool GraphPageSize::shrink() {
  good_ = 0;
  if (now_ == 1) return false;
  now_ = std::max(1, now_ / 2);
  return true;
}

void GraphPageSize::note_success() {
  if (now_ == most_ || ++good_ < kGoodOnes) return;
  good_ = 0;
  now_ = std::min(most_, now_ * 2);
}

Json GraphReader::ask(GraphOperation operation, const nlohmann::json& variables) {
  const GraphQuery query{
      .query = graph_query(operation), .variables = variables.dump(), .most_attempts = kMostAttempts};
  const ApiAnswer answer = api_.graphql(query, stop_);
  listener_(answer);
  if (answer.is_cut_short())
    throw Error(ErrorKind::transient, "GitHub does not come to the end of a GraphQL query in its time");
  return parse_ordered_json(answer.body());
}

GraphPage GraphReader::page(GraphOperation operation, nlohmann::json variables,
                            const std::vector<std::string>& path, const std::string& after,
                            GraphPageSize& size) {
  if (!after.empty()) variables["after"] = after;
  while (true) {
    variables["first"] = size.now();
    try {
      const Json answer = ask(operation, variables);
      const Json* list = &at(answer, "data");
      for (const std::string& name : path) list = &at(*list, name);
      const Json& nodes = at(*list, "nodes");
      if (!nodes.is_array()) return {.nodes = {}, .cursor = {}, .refusal = refusal_of(answer)};
      size.note_success();
      GraphPage page{.nodes = {nodes.begin(), nodes.end()},
                     .cursor = text_at(at(*list, "pageInfo"), "endCursor"),
                     .has_more = has_more(*list)};
      if (const Json& total = at(*list, "totalCount"); total.is_number_unsigned())
        page.total = total.get<std::uint64_t>();
      if (page.has_more && (page.cursor.empty() || page.cursor == after))
        throw Error(ErrorKind::corrupt, "a page of GitHub's GraphQL API leads back to itself");
      return page;
    } catch (const Error& error) {
      if (!is_too_much(error) || !size.shrink()) throw;
    }
  }
}

std::vector<Json> GraphReader::nodes(GraphOperation operation, nlohmann::json variables,
                                     const std::vector<std::string>& ids, GraphPageSize& size) {
  std::vector<Json> all;
  while (all.size() < ids.size()) {
    const auto begin = ids.begin() + static_cast<std::ptrdiff_t>(all.size());
    const std::size_t count = std::min(static_cast<std::size_t>(size.now()), ids.size() - all.size());
    variables["ids"] = std::vector<std::string>(begin, begin + static_cast<std::ptrdiff_t>(count));
    try {
      const Json answer = ask(operation, variables);
      const Json& nodes = at(at(answer, "data"), "nodes");
      if (!nodes.is_array() || nodes.size() != count)
        throw Error(ErrorKind::corrupt, "GitHub's GraphQL API answers for other objects than were asked for");
      size.note_success();
      all.insert(all.end(), nodes.begin(), nodes.end());
    } catch (const Error& error) {
      if (!is_too_much(error) || !size.shrink()) throw;
    }
  }
  return all;
}

void GraphReader::complete(Json& object, const std::string& type) {
  const std::string id = text_at(object, "id");
  for (auto& [name, value] : object.items()) {
    if (!value.is_object() || !value.contains("nodes")) continue;
    complete_list(value, id, type, name);
    const std::string inner = type_within(type, name);
    if (inner.empty()) continue;
    for (Json& node : value["nodes"])
      if (node.is_object()) complete(node, inner);
  }
}

void GraphReader::complete_list(Json& list, const std::string& id, const std::string& type,
                                const std::string& name) {
  std::string cursor = text_at(at(list, "pageInfo"), "endCursor");
  bool is_long = has_more(list);
  list.erase("pageInfo");
  const std::string query = is_long ? graph_rest_query(type, name) : "";
  for (int page = 0; is_long; ++page) {
    if (query.empty() || id.empty() || page == kMostPages)
      throw Error(ErrorKind::corrupt, fmt::format("the rest of {} of a {} cannot be asked for", name, type));
    const ApiAnswer answer = api_.graphql(
        {.query = query, .variables = nlohmann::json{{"id", id}, {"after", cursor}}.dump()}, stop_);
    listener_(answer);
    const Json more = at(at(at(parse_ordered_json(answer.body()), "data"), "node"), name);
    const Json& nodes = at(more, "nodes");
    const std::string next = text_at(at(more, "pageInfo"), "endCursor");
    is_long = has_more(more);
    if (!nodes.is_array() || (is_long && (next.empty() || next == cursor)))
      throw Error(ErrorKind::transient,
                  fmt::format("GitHub does not give the rest of {} of a {}", name, type));
    for (const Json& node : nodes) list["nodes"].push_back(node);
    cursor = next;
  }
}

}  // namespace hubkeep
