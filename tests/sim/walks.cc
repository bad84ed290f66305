#include "sim/walks.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace hubkeep::sim {

using nlohmann::json;

namespace {

constexpr std::size_t kMostByNumber = 10'000;  // GitHub: issues, page 100 of 100
constexpr std::size_t kMostComments = 40'000;  // GitHub: page 400 of 100
constexpr const char* kUseCursor =
    "Pagination with the page parameter is not supported for large datasets, please use cursor based "
    "pagination (after/before)";
constexpr const char* kLimited =
    "In order to keep the API fast for everyone, pagination is limited for this resource. Check the rel=last "
    "link relation in the Link response header to see how far back you can traverse.";

std::size_t size_parameter(const Query& query, const std::string& name, std::size_t otherwise) {
  const std::int64_t value = number_or_zero(parameter_of(query, name));
  return value > 0 ? static_cast<std::size_t>(value) : otherwise;
}

std::size_t per_page_of(const Query& query) {
  return std::min<std::size_t>(size_parameter(query, "per_page", 30), 100);
}

std::string url_of(const RepositoryView& view, const std::string& below) {
  return fmt::format("{}/repositories/{}/{}", view.call.addresses.api, view.repository.id, below);
}

/// The cursor names the last thing of the page before: what is updated meanwhile moves nothing.
std::string cursor_of(std::int64_t id) {
  return fmt::format("cursor:v2:{}", id);
}

std::size_t place_after(const Walk& walk, const std::string& cursor) {
  const std::int64_t id = number_or_zero(std::string_view(cursor).substr(cursor.rfind(':') + 1));
  for (std::size_t i = 0; i < walk.count; ++i) {
    if (walk.at(i) == id) return i + 1;
  }
  return walk.count;
}

std::string escaped(const std::string& value) {
  std::string out;
  for (const char c : value) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.';
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

json items_of(const Walk& walk, std::size_t begin, std::size_t end,
              const std::function<json(std::int64_t)>& item) {
  json body = json::array();
  for (std::size_t i = begin; i < end; ++i) body.push_back(item(walk.at(i)));
  return body;
}

}  // namespace

std::string parameter_of(const Query& query, const std::string& name, const std::string& otherwise) {
  const auto found = query.find(name);
  return found == query.end() || found->second.empty() ? otherwise : found->second;
}

Walk walk_by_update(const UpdateOrder& order, const Query& query, bool ascending) {
  const auto since = parse_time(parameter_of(query, "since"));
  const std::size_t first = since ? order.first_since(*since) : 0;
  const std::size_t count = order.entries().size() - first;
  return {count, [&order, first, count, ascending](std::size_t i) {
            return order.entries()[first + (ascending ? i : count - 1 - i)].id;
          }};
}

Walk walk_of(std::vector<std::int64_t> ids) {
  const std::size_t count = ids.size();
  return {count, [ids = std::move(ids)](std::size_t i) { return ids[i]; }};
}

HttpResponse capped_list(const RepositoryView& view, const Walk& walk, const std::string& below,
                         const std::function<json(std::int64_t)>& item) {
  const Query query = parse_query(view.call.request.query);
  if (size_parameter(query, "page", 1) * per_page_of(query) > kMostComments) return api_error(422, kLimited);
  const PageRange page = cut_range(std::min(walk.count, kMostComments), query, url_of(view, below));
  HttpResponse response = json_response(200, items_of(walk, page.begin, page.end, item));
  if (!page.link.empty()) response.headers.emplace_back("Link", page.link);
  return response;
}

HttpResponse cursor_list(const RepositoryView& view, const Walk& walk, const std::string& below,
                         const std::function<json(std::int64_t)>& item) {
  Query query = parse_query(view.call.request.query);
  const std::size_t per_page = per_page_of(query);
  const std::size_t page = size_parameter(query, "page", 1);
  const std::string after = parameter_of(query, "after");
  if (after.empty() && page * per_page >= kMostByNumber) return api_error(422, kUseCursor);
  const std::size_t begin =
      std::min(after.empty() ? (page - 1) * per_page : place_after(walk, after), walk.count);
  const std::size_t end = std::min(begin + per_page, walk.count);
  HttpResponse response = json_response(200, items_of(walk, begin, end, item));
  if (end == walk.count) return response;
  query["after"] = cursor_of(walk.at(end - 1));
  query["page"] = std::to_string(page + 1);
  std::string link = url_of(view, below);
  char separator = '?';
  for (const auto& [name, value] : query) {
    link += fmt::format("{}{}={}", separator, name, escaped(value));
    separator = '&';
  }
  response.headers.emplace_back("Link", fmt::format("<{}>; rel=\"next\"", link));
  return response;
}

}  // namespace hubkeep::sim
