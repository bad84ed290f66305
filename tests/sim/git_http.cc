#include "sim/git_http.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "sim/body_filters.h"
#include "sim/cgi.h"
#include "sim/gists_api.h"

namespace hubkeep::sim {

namespace {

constexpr std::string_view kWikiSuffix = ".wiki";
constexpr std::string_view kGists = "gist";  // "/gist/{id}.git", where another host's is "/{id}.git"

struct Target {
  Repository repository;
  std::filesystem::path path;     // empty: a wiki without a page
  std::string git_name;           // the repository's name now, with ".wiki" for a wiki
  std::optional<Gist> gist = {};  // whose "repository" has a name and an owner only for the address
};

/// Whoever knows the id may read it: what is not public stands in no list, and is no secret else.
std::optional<Target> find_gist(const World& world, const std::string& id) {
  auto gist = world.find_gist(id);
  if (!gist) return std::nullopt;
  Repository repository;
  repository.owner = kGists;
  repository.name = id;
  return Target{std::move(repository), gist->path, id, std::move(gist)};
}

bool may_push(const World& world, const Target& target, const Token& token) {
  if (!target.gist) return world.can_write(token, target.repository);
  return equals_ignoring_case(token.login, target.gist->owner) && gist_access_of(token) == GistAccess::all;
}

std::optional<Target> find_target(const World& world, const GitRequest& request) {
  if (request.owner == kGists) return find_gist(world, request.name);
  if (auto repository = world.find_repository(request.owner, request.name)) {
    return Target{*repository, repository->path, repository->name};
  }
  std::string_view name = request.name;
  if (!name.ends_with(kWikiSuffix)) return std::nullopt;
  name.remove_suffix(kWikiSuffix.size());
  auto repository = world.find_repository(request.owner, name);
  if (!repository) return std::nullopt;
  return Target{*repository, repository->wiki_path, repository->name + std::string(kWikiSuffix)};
}

HttpResponse ask_for_credentials(const std::string& text) {
  HttpResponse response = text_response(401, text);
  response.headers.emplace_back("WWW-Authenticate", "Basic realm=\"GitHub\"");
  return response;
}

std::optional<HttpResponse> refuse(const World& world, const GitRequest& request, const Caller& caller,
                                   const std::optional<Target>& target) {
  if (caller.token_present && !caller.token) {
    return ask_for_credentials("Invalid username or token. Password authentication is not supported.\n");
  }
  if (!target || !world.can_read(caller.token, target->repository) || target->path.empty()) {
    if (!caller.token) return ask_for_credentials("Repository not found.");
    return text_response(404, "Repository not found.");
  }
  const Repository& repository = target->repository;
  if (repository.block == Block::dmca) {
    return text_response(451, "Repository unavailable due to DMCA takedown.\n");
  }
  if (repository.block == Block::terms_of_service || repository.disabled) {
    return text_response(403, "Access to this repository has been disabled by GitHub staff.\n");
  }
  if (request.service != "git-receive-pack") return std::nullopt;
  if (!caller.token) return ask_for_credentials("No anonymous write access.");
  if (repository.archived) {
    return text_response(403, "This repository was archived so it is read-only.");
  }
  if (may_push(world, *target, *caller.token)) return std::nullopt;
  return text_response(
      403, fmt::format("Permission to {}.git denied to {}.", repository.full_name(), caller.token->login));
}

/// True when the name in the URL is one that the repository had before.
bool has_moved(const GitRequest& request, const Target& target) {
  return !equals_ignoring_case(request.owner + "/" + request.name,
                               target.repository.owner + "/" + target.git_name);
}

HttpResponse redirect(const GitHttpOptions& options, const HttpRequest& request,
                      const GitRequest& git_request, const Target& target) {
  HttpResponse response = text_response(301, "");
  response.headers.emplace_back(
      "Location", fmt::format("{}/{}/{}.git/{}{}{}", options.origin, target.repository.owner, target.git_name,
                              git_request.rest, request.query.empty() ? "" : "?", request.query));
  return response;
}

BodySource with_preamble(BodySource body, const std::string& service) {
  std::string preamble = packet(fmt::format("# service={}\n", service)) + "0000";
  return [body = std::move(body), preamble]() mutable {
    return preamble.empty() ? body() : std::exchange(preamble, "");
  };
}

/// The capability "fetch=shallow wait-for-done filter" without its first value.
HttpResponse without_shallow(HttpResponse response) {
  constexpr std::string_view kFetch = "fetch=";
  constexpr std::string_view kShallow = "shallow";
  std::string body;
  for (std::string piece = response.stream(); !piece.empty(); piece = response.stream()) body += piece;
  const auto begin = body.find(kFetch);
  if (begin != std::string::npos) {
    const auto end = body.find('\n', begin);
    std::string line = body.substr(begin, end - begin);
    line.erase(line.find(kShallow), kShallow.size());
    body.replace(begin - 4, 4 + end - begin + 1, packet(line + "\n"));
  }
  response.stream = source_of(std::move(body));
  return response;
}

HttpResponse empty_answer() {
  HttpResponse response;
  response.headers.emplace_back("Content-Type", "application/x-git-upload-pack-result");
  return response;
}

/// pushed_at moves before the client can see that its push has ended.
BodySource noting_push(BodySource body, World& world, const Target& target) {
  const std::string gist = target.gist ? target.gist->id : "";
  return [body = std::move(body), &world, id = target.repository.id, gist, ended = false]() mutable {
    std::string piece = body();
    if (piece.empty() && !std::exchange(ended, true)) {
      try {
        gist.empty() ? world.pushed(id) : world.gist_pushed(gist);
      } catch (const Error&) {
        return piece;  // the repository was removed meanwhile
      }
    }
    return piece;
  };
}

}  // namespace

HttpResponse answer_git(World& world, const GitHttpOptions& options, const HttpRequest& request,
                        const GitRequest& git_request, const Caller& caller) {
  std::optional<Target> target = find_target(world, git_request);
  if (auto refusal = refuse(world, git_request, caller, target)) return *refusal;
  if (has_moved(git_request, *target)) return redirect(options, request, git_request, *target);
  bool known_service = git_request.service == "git-upload-pack" || git_request.service == "git-receive-pack";
  if (git_request.command == GitCommand::none || !known_service) {
    return text_response(
        403, "Please upgrade your git client.\nGitHub.com no longer supports git over dumb-http.\n");
  }

  if (git_request.has_depth && !options.features.shallow) return empty_answer();

  CgiRequest cgi;
  cgi.repository = target->path;
  cgi.path = git_request.rest;
  cgi.home = world.root();
  cgi.user = caller.token ? caller.token->login : "";
  cgi.filters = options.features.filter;
  HttpResponse response = run_http_backend(cgi, request);
  bool version_2 = header_value(request.headers, "Git-Protocol").find("version=2") != std::string::npos;
  bool info = git_request.command == GitCommand::info_refs && git_request.service == "git-upload-pack";
  if (!options.features.shallow && version_2 && info && response.status == 200)
    response = without_shallow(std::move(response));
  if (options.service_preamble && version_2 && info && response.status == 200) {
    response.stream = with_preamble(std::move(response.stream), git_request.service);
  }
  if (git_request.command == GitCommand::receive_pack) {
    response.stream = noting_push(std::move(response.stream), world, *target);
  }
  return response;
}

}  // namespace hubkeep::sim
