#include "github/token_scope.h"

#include <algorithm>

namespace hubkeep {
namespace {

bool is_less_safe(const Url& target, const Url& api) {
  return api.scheme == "https" && target.scheme != "https";
}

}  // namespace

std::string git_host(const Url& api) {
  constexpr std::string_view kApiLabel = "api.";
  const std::string host = api.host_and_port();
  return host.starts_with(kApiLabel) ? host.substr(kApiLabel.size()) : host;
}

bool is_alias(const Url& target, const Url& api, const ApiAliases& aliases) {
  if (is_less_safe(target, api)) return false;
  return std::find(aliases.begin(), aliases.end(), target.host_and_port()) != aliases.end();
}

bool may_send_token(const Url& target, const Url& api, const ApiAliases& aliases) {
  if (is_less_safe(target, api)) return false;
  const std::string host = target.host_and_port();
  const std::string git = git_host(api);
  return host == api.host_and_port() || host == git || host == "gist." + git ||
         is_alias(target, api, aliases);
}

}  // namespace hubkeep
