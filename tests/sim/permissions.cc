#include "sim/permissions.h"

#include <algorithm>

#include "base/text.h"

namespace hubkeep::sim {

namespace {

bool has_permissions(const std::optional<Token>& token) {
  return token && token->kind != TokenKind::classic;
}

/// `accepted`: "issues=read; pull_requests=read".
bool grants(const Token& token, std::string_view accepted) {
  if (!token.permissions) return true;
  const auto alternatives = split(accepted, ';');
  return std::any_of(alternatives.begin(), alternatives.end(), [&](std::string_view alternative) {
    alternative = trim(alternative);
    const auto equals = alternative.find('=');
    const std::string name(alternative.substr(0, equals));
    if (name == "metadata") return true;  // GitHub: each such token has it
    const auto found = token.permissions->find(name);
    if (found == token.permissions->end()) return false;
    return found->second == "write" || alternative.substr(equals + 1) == "read";
  });
}

HttpResponse not_granted(const ApiCall& call, std::string_view permission) {
  const bool app = call.caller.token->kind == TokenKind::installation;
  return with_permission(api_error(403, app ? "Resource not accessible by integration"
                                            : "Resource not accessible by personal access token"),
                         call, permission);
}

HttpResponse lacks_role(const ApiCall& call, const Need& need) {
  if (need.refusal == 403 && !call.caller.token) return api_error(401, "Requires authentication");
  return with_permission(api_error(need.refusal, std::string(need.message)), call, need.permission);
}

bool contains(const Logins& logins, const std::string& login) {
  return std::any_of(logins.begin(), logins.end(),
                     [&](const std::string& each) { return equals_ignoring_case(each, login); });
}

}  // namespace

std::optional<HttpResponse> refuse(const ApiCall& call, const Repository& repository, const Need& need) {
  const auto& token = call.caller.token;
  const bool open = need.role == Role::reader && !repository.is_private;
  if (has_permissions(token) && !open && !grants(*token, need.permission))
    return not_granted(call, need.permission);
  if (need.role == Role::reader) return std::nullopt;
  const bool app = token && token->kind == TokenKind::installation;
  const bool may = app                         ? call.world.reaches(token->installation, repository)
                   : need.role == Role::writer ? call.world.can_write(token, repository)
                                               : call.world.can_administer(token, repository);
  return may ? std::nullopt : std::optional(lacks_role(call, need));
}

std::optional<HttpResponse> refuse(const ApiCall& call, const Account& organization, const Need& need,
                                   std::string_view scope) {
  const auto& token = call.caller.token;
  if (!token) return lacks_role(call, need);
  if (has_permissions(token) && !grants(*token, need.permission)) return not_granted(call, need.permission);
  if (token->kind == TokenKind::classic && !token->scopes.contains(std::string(scope)))
    return lacks_role(call, need);
  if (token->kind == TokenKind::installation) {
    const auto installation = call.world.find_installation(token->installation);
    const bool here = installation && equals_ignoring_case(installation->account, organization.login);
    return here ? std::nullopt : std::optional(lacks_role(call, need));
  }
  const bool may =
      contains(need.role == Role::reader ? organization.members : organization.owners, token->login);
  return may ? std::nullopt : std::optional(lacks_role(call, need));
}

HttpResponse with_permission(HttpResponse response, const ApiCall& call, std::string_view permission) {
  if (has_permissions(call.caller.token))
    response.headers.emplace_back("X-Accepted-GitHub-Permissions", std::string(permission));
  return response;
}

}  // namespace hubkeep::sim
