#include "github/api.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/json.h"
#include "github/json_slices.h"
#include "github/link_header.h"

namespace hubkeep {

ApiAnswer::ApiAnswer(HttpResponse response, UtcTime date, bool is_cut_short)
    : response_(std::make_shared<const HttpResponse>(std::move(response))),
      date_(date),
      is_cut_short_(is_cut_short) {}

std::string ApiAnswer::etag() const {
  return header("ETag").value_or("");
}

std::optional<Url> ApiAnswer::link(std::string_view relation) const {
  const auto target = find_link(header("Link").value_or(""), relation);
  return target ? std::optional(response_->url.resolve(*target)) : std::nullopt;
}

nlohmann::json ApiAnswer::json() const {
  return parse_json(body());
}

std::vector<std::string_view> ApiAnswer::items(std::string_view member) const {
  const auto within = member.empty() ? std::nullopt : object_member(body(), member);
  const std::string_view list = within.value_or(body());
  auto items = array_items(list);
  if (!items)
    throw Error(ErrorKind::corrupt,
                fmt::format("GitHub sent {} where a list was expected", kind_of_json(list)));
  return *std::move(items);
}

std::optional<Url> graphql_url(const Url& api) {
  constexpr std::string_view kRestPath = "/api/v3";
  std::string_view path = api.path;
  while (path.ends_with('/')) path.remove_suffix(1);
  Url url = api;
  url.query.clear();
  if (path.empty() && api.host.starts_with("api.")) {
    url.path = "/graphql";
  } else if (path.ends_with(kRestPath)) {
    url.path = std::string(path.substr(0, path.size() - kRestPath.size())) + "/api/graphql";
  } else {
    return std::nullopt;
  }
  return url;
}

}  // namespace hubkeep
