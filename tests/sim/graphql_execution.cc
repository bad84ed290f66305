#include "sim/graphql_execution.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "sim/http_message.h"

namespace hubkeep::sim {

using nlohmann::json;
using nlohmann::ordered_json;

namespace {

constexpr std::int64_t kMostPerPage = 100;
constexpr std::string_view kCursorPrefix = "cursor:v2:";

std::string cursor_of(const std::string& key) {
  return base64_encode(std::string(kCursorPrefix) + key);
}

json location(const Selection& field) {
  return json::array({{{"line", field.line}, {"column", field.column}}});
}

const GraphValue* find_field(const GraphFields& fields, std::string_view name) {
  const auto found =
      std::find_if(fields.begin(), fields.end(), [&](const auto& each) { return each.first == name; });
  return found == fields.end() ? nullptr : &found->second;
}

[[noreturn]] void refuse_all(const Selection& field, std::string_view type, std::string message) {
  json error = graph_error(type, std::move(message));
  error["locations"] = location(field);
  throw GraphRefusal{json::array({std::move(error)})};
}

[[noreturn]] void refuse_unknown_field(const Selection& field, std::string_view type) {
  throw GraphRefusal{json::array(
      {{{"message", fmt::format("Field '{}' doesn't exist on type '{}'", field.name, type)},
        {"path", {"query", field.key}},
        {"locations", location(field)},
        {"extensions", {{"code", "undefinedField"}, {"typeName", type}, {"fieldName", field.name}}}}})};
}

struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// The place of the first node behind that cursor, or of the first that is not before it.
std::size_t place_of(const GraphConnection& connection, const Selection& field, const std::string& cursor,
                     bool behind) {
  const std::string text = base64_decode(cursor);
  if (!text.starts_with(kCursorPrefix))
    refuse_all(field, "INVALID_CURSOR_ARGUMENTS",
               fmt::format("`{}` does not appear to be a valid cursor.", cursor));
  const std::string key = text.substr(kCursorPrefix.size());
  const auto is_before = [&](std::size_t i) {
    const std::string other = connection.key(i);
    if (other == key) return behind;
    return connection.is_descending ? other > key : other < key;
  };
  Range left{0, connection.count};  // to be looked at
  while (left.begin < left.end) {
    const std::size_t middle = left.begin + (left.end - left.begin) / 2;
    if (is_before(middle))
      left.begin = middle + 1;
    else
      left.end = middle;
  }
  return left.begin;
}

/// Of `first` and `last`; nothing where neither is given.
std::optional<std::size_t> page_size(const Selection& field) {
  for (const char* name : {"first", "last"}) {
    const json given = field.arguments.value(name, json());
    if (!given.is_number_integer()) continue;
    const auto count = given.get<std::int64_t>();
    if (count < 0)
      refuse_all(field, "INVALID_PAGINATION",
                 fmt::format("`{}` on the `{}` connection cannot be less than zero.", name, field.name));
    if (count > kMostPerPage)
      refuse_all(
          field, "EXCESSIVE_PAGINATION",
          fmt::format("Requesting {} records on the `{}` connection exceeds the `{}` limit of {} records.",
                      count, field.name, name, kMostPerPage));
    return static_cast<std::size_t>(count);
  }
  return std::nullopt;
}

Range range_of(const GraphConnection& connection, const Selection& field) {
  Range out{0, connection.count};
  const json after = field.arguments.value("after", json());
  const json before = field.arguments.value("before", json());
  if (after.is_string()) out.begin = place_of(connection, field, after, true);
  if (before.is_string()) out.end = std::max(out.begin, place_of(connection, field, before, false));
  const std::size_t size = page_size(field).value_or(0);
  if (field.arguments.value("first", json()).is_null())
    out.begin = out.end - std::min(size, out.end - out.begin);
  else
    out.end = std::min(out.end, out.begin + size);
  return out;
}

GraphObject page_info(const GraphConnection& connection, Range range) {
  const bool is_empty = range.begin == range.end;
  return {"PageInfo",
          {{"hasNextPage", range.end < connection.count},
           {"hasPreviousPage", range.begin > 0},
           {"startCursor", is_empty ? GraphValue() : cursor_of(connection.key(range.begin))},
           {"endCursor", is_empty ? GraphValue() : cursor_of(connection.key(range.end - 1))}}};
}

GraphConnection with_keys(GraphConnection connection) {
  if (!connection.key) connection.key = [](std::size_t i) { return fmt::format("{:010}", i); };
  return connection;
}

}  // namespace

json graph_error(std::string_view type, std::string message) {
  return {{"type", type}, {"message", std::move(message)}};
}

GraphValue GraphExecution::refuse(const Selection& field, json error) {
  error["path"] = path_;
  error["locations"] = location(field);
  errors_.push_back(std::move(error));
  return nullptr;
}

GraphValue GraphExecution::forbid(const Selection& field) {
  const bool is_app = token() && token()->kind == TokenKind::installation;
  json error = graph_error("FORBIDDEN", is_app ? "Resource not accessible by integration"
                                               : "Resource not accessible by personal access token");
  error["extensions"] = {{"saml_failure", false}};
  return refuse(field, std::move(error));
}

void GraphExecution::collect_into(Collected& out, const std::vector<Selection>& selections,
                                  std::string_view type) {
  for (const Selection& each : selections) {
    if (each.name.empty()) {
      if (is_a(type, each.on_type)) collect_into(out, each.selections, type);
      continue;
    }
    const auto same =
        std::find_if(out.begin(), out.end(), [&](const Selection* other) { return other->key == each.key; });
    if (same == out.end()) {
      out.push_back(&each);
    } else if (!each.selections.empty()) {
      Selection& merged = merged_.emplace_back(**same);
      merged.selections.insert(merged.selections.end(), each.selections.begin(), each.selections.end());
      *same = &merged;
    }
  }
}

/// The fields that an object of that type is asked for, in their order.
const GraphExecution::Collected& GraphExecution::collect(const std::vector<Selection>& selections,
                                                         std::string_view type) {
  const auto [entry, is_new] = collected_.try_emplace({&selections, std::string(type)});
  if (is_new) collect_into(entry->second, selections, type);
  return entry->second;
}

ordered_json GraphExecution::select(const std::vector<Selection>& selections, const GraphObject& object) {
  ordered_json out = ordered_json::object();
  for (const Selection* field : collect(selections, object.type)) {
    if (field->name == "__typename") {
      out[field->key] = object.type;
      continue;
    }
    const GraphValue* value = find_field(object.fields, field->name);
    if (value == nullptr) refuse_unknown_field(*field, object.type);
    path_.push_back(field->key);
    out[field->key] = complete(*value, *field);
    path_.erase(path_.size() - 1);
  }
  return out;
}

ordered_json GraphExecution::complete(const GraphValue& value, const Selection& field) {
  if (const auto* function = std::get_if<GraphFunction>(&value.value))
    return complete((*function)({field, *this}), field);
  if (const auto* object = std::get_if<std::shared_ptr<const GraphObject>>(&value.value))
    return select(field.selections, **object);
  if (const auto* values = std::get_if<GraphValue::List>(&value.value)) return list(*values, field);
  if (const auto* connection = std::get_if<std::shared_ptr<const GraphConnection>>(&value.value))
    return page(with_keys(**connection), field);
  return std::get<json>(value.value);
}

/// GitHub counts no nodes here but the time that they take: pages of 100 pull requests with connections of
/// their own come as nulls, each with an error, pages of 50 come whole.
bool GraphExecution::is_too_much(const GraphValue::List& values, const Selection& field) const {
  if (!has_connections(field.selections)) return false;
  const auto pulls = std::count_if(values.begin(), values.end(), [](const GraphValue& each) {
    const auto* object = std::get_if<std::shared_ptr<const GraphObject>>(&each.value);
    return object != nullptr && (*object)->type == "PullRequest";
  });
  return static_cast<std::size_t>(pulls) > scene_.most_pull_requests;
}

GraphValue GraphExecution::too_much(const Selection& field) {
  return refuse(field, graph_error("RESOURCE_LIMITS_EXCEEDED", "Resource limits for this query exceeded."));
}

ordered_json GraphExecution::list(const GraphValue::List& values, const Selection& field) {
  const bool none = is_too_much(values, field);
  ordered_json out = ordered_json::array();
  for (const GraphValue& each : values) {
    path_.push_back(out.size());
    out.push_back(complete(none ? too_much(field) : each, field));
    path_.erase(path_.size() - 1);
  }
  return out;
}

ordered_json GraphExecution::page(const GraphConnection& connection, const Selection& field) {
  const std::string type = connection.of + "Connection";
  const std::string edge_type = connection.of + "Edge";
  const auto& asked = collect(field.selections, type);
  const bool is_read = std::any_of(asked.begin(), asked.end(), [](const Selection* each) {
    return each->name == "nodes" || each->name == "edges" || each->name == "pageInfo";
  });
  if (is_read && !page_size(field))
    refuse_all(
        field, "MISSING_PAGINATION_BOUNDARIES",
        fmt::format("You must provide a `first` or `last` value to properly paginate the `{}` connection.",
                    field.name));
  const Range range = range_of(connection, field);
  GraphObject object{type, connection.more};
  append(object.fields,
         {{"totalCount", connection.count},
          {"pageInfo", on_demand([&] { return page_info(connection, range); })},
          {"nodes", on_demand([&] {
             GraphValue::List nodes;
             for (std::size_t i = range.begin; i < range.end; ++i) nodes.push_back(connection.node(i));
             return nodes;
           })},
          {"edges", on_demand([&] {
             GraphValue::List edges;
             for (std::size_t i = range.begin; i < range.end; ++i)
               edges.push_back(GraphObject{
                   edge_type, {{"cursor", cursor_of(connection.key(i))}, {"node", connection.node(i)}}});
             return edges;
           })}});
  return select(field.selections, object);
}

}  // namespace hubkeep::sim
