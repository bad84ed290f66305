#include "sim/gists_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "sim/git_worker.h"

namespace hubkeep::sim {

using nlohmann::json;

namespace {

constexpr std::size_t kMostContent = 1024 * 1024;  // GitHub: "Truncation" of REST API endpoints for gists
constexpr std::size_t kMostFiles = 300;

enum class GistDetail { listed, full };

json owner_json(const std::string& login, const ApiCall& call) {
  return simple_user_json(call.world.find_account(login).value_or(Account{}), call.addresses);
}

json file_json(const std::string& name, const std::string& content, const std::string& raw_url,
               GistDetail detail) {
  json out = {{"filename", name},
              {"type", "text/plain"},
              {"language", "Text"},
              {"raw_url", fmt::format("{}/{}", raw_url, name)},
              {"size", content.size()}};
  if (detail == GistDetail::listed) return out;
  const bool is_text = is_utf8(content);
  out["truncated"] = content.size() > kMostContent;
  out["encoding"] = is_text ? "utf-8" : "base64";
  out["content"] = is_text ? content.substr(0, kMostContent) : "";
  return out;
}

/// Newest first.
json history_json(const Gist& gist, const std::string& url, const ApiCall& call) {
  json out = json::array();
  const std::string log = git(gist.path, {"log", "--format=%H %ct", "HEAD"});
  for (std::string_view line : split(log, '\n')) {
    const auto parts = split(line, ' ');
    const UtcTime time{std::chrono::seconds(number_or_zero(parts.back()))};
    out.push_back({{"user", owner_json(gist.owner, call)},
                   {"version", parts.front()},
                   {"committed_at", format_time(time)},
                   {"change_status", json::object()},
                   {"url", fmt::format("{}/{}", url, parts.front())}});
  }
  return out;
}

json gist_json(const Gist& gist, const ApiCall& call, GistDetail detail) {
  const std::string url = fmt::format("{}/gists/{}", call.addresses.api, gist.id);
  const std::string git_url = fmt::format("{}/gist/{}.git", call.addresses.origin, gist.id);
  const std::string web = fmt::format("{}/gist/{}/{}", call.addresses.origin, gist.owner, gist.id);
  json files = json::object();
  for (const auto& [name, content] : gist.files) {
    if (files.size() < kMostFiles) files[name] = file_json(name, content, web + "/raw", detail);
  }
  json out = {{"url", url},
              {"forks_url", url + "/forks"},
              {"commits_url", url + "/commits"},
              {"comments_url", url + "/comments"},
              {"id", gist.id},
              {"node_id", "G_kwDO" + gist.id},
              {"git_pull_url", git_url},
              {"git_push_url", git_url},
              {"html_url", web},
              {"files", std::move(files)},
              {"public", gist.is_public},
              {"created_at", format_time(gist.created_at)},
              {"updated_at", format_time(gist.updated_at)},
              {"description", gist.description ? json(*gist.description) : json(nullptr)},
              {"comments", gist.comments.size()},
              {"comments_enabled", true},
              {"user", nullptr},
              {"owner", owner_json(gist.owner, call)},
              {"truncated", gist.files.size() > kMostFiles}};
  if (detail == GistDetail::listed) return out;
  out["forks"] = json::array();
  out["history"] = history_json(gist, url, call);
  return out;
}

json comment_json(const GistComment& comment, const Gist& gist, const ApiCall& call) {
  return {{"id", comment.id},
          {"node_id", fmt::format("GC_kwDO{:08x}", comment.id)},
          {"url", fmt::format("{}/gists/{}/comments/{}", call.addresses.api, gist.id, comment.id)},
          {"body", comment.body},
          {"user", owner_json(comment.user, call)},
          {"created_at", format_time(comment.created_at)},
          {"updated_at", format_time(comment.updated_at)},
          {"author_association", equals_ignoring_case(comment.user, gist.owner) ? "OWNER" : "NONE"}};
}

/// Those that `is_listed` takes, newest first, and none from before the parameter `since`.
template <typename IsListed>
HttpResponse list_of_gists(const ApiCall& call, const std::string& url, IsListed&& is_listed) {
  auto query = parse_query(call.request.query);
  const auto since = parse_time(query["since"]);
  std::vector<Gist> all = call.world.gists();
  std::erase_if(all,
                [&](const Gist& gist) { return !is_listed(gist) || (since && gist.updated_at < *since); });
  return list_response(call, all.size(), call.addresses.api + url,
                       [&](std::size_t i) { return gist_json(all[i], call, GistDetail::listed); });
}

HttpResponse own_gists(const ApiCall& call) {
  const auto& viewer = call.caller.token;
  const bool all = gist_access_of(viewer) == GistAccess::all;
  return list_of_gists(call, "/gists", [&](const Gist& gist) {
    return (gist.is_public || all) && (!viewer || equals_ignoring_case(gist.owner, viewer->login));
  });
}

HttpResponse starred_gists(const ApiCall& call) {
  const auto& viewer = call.caller.token;
  if (!viewer) return api_error(401, "Requires authentication");
  const bool all = gist_access_of(viewer) == GistAccess::all;
  return list_of_gists(call, "/gists/starred", [&](const Gist& gist) {
    return (gist.is_public || all) && call.world.has_starred_gist(viewer->login, gist.id);
  });
}

HttpResponse gists_of(const ApiCall& call, const std::optional<Account>& account) {
  if (!account) return api_error(404, "Not Found");
  return list_of_gists(call, fmt::format("/user/{}/gists", account->id), [&](const Gist& gist) {
    return gist.is_public && equals_ignoring_case(gist.owner, account->login);
  });
}

HttpResponse comments_of(const ApiCall& call, const Gist& gist) {
  return list_response(call, gist.comments.size(),
                       fmt::format("{}/gists/{}/comments", call.addresses.api, gist.id),
                       [&](std::size_t i) { return comment_json(gist.comments[i], gist, call); });
}

bool is_path_of_gists(const Segments& path) {
  if (path.front() == "gists") return path.size() <= 3;
  return path.size() == 3 && path[2] == "gists" && (path[0] == "users" || path[0] == "user");
}

}  // namespace

GistAccess gist_access_of(const std::optional<Token>& viewer) {
  if (!viewer) return GistAccess::public_ones;
  if (viewer->kind == TokenKind::installation) return GistAccess::refused;
  if (viewer->kind == TokenKind::fine_grained) return viewer->gists;
  return viewer->scopes.contains("gist") ? GistAccess::all : GistAccess::public_ones;
}

std::optional<HttpResponse> answer_gists(const ApiCall& call, const Segments& path) {
  if (!is_path_of_gists(path)) return std::nullopt;
  if (gist_access_of(call.caller.token) == GistAccess::refused) {
    const bool is_app = call.caller.token->kind == TokenKind::installation;
    return api_error(403, is_app ? "Resource not accessible by integration"
                                 : "Resource not accessible by personal access token");
  }
  if (path[0] == "users") return gists_of(call, call.world.find_account(path[1]));
  if (path[0] == "user") return gists_of(call, call.world.find_account(number_or_zero(path[1])));
  if (path.size() == 1) return own_gists(call);
  if (path.size() == 2 && path[1] == "starred") return starred_gists(call);
  const auto gist = call.world.find_gist(path[1]);
  if (!gist) return api_error(404, "Not Found");
  if (path.size() == 2) return json_response(200, gist_json(*gist, call, GistDetail::full));
  return path[2] == "comments" ? comments_of(call, *gist) : api_error(404, "Not Found");
}

}  // namespace hubkeep::sim
