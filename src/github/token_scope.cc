#include "github/token_scope.h"

namespace hubkeep {

std::string git_host(const Url& api) {
  constexpr std::string_view kApiLabel = "api.";
  const std::string host = api.host_and_port();
  return host.starts_with(kApiLabel) ? host.substr(kApiLabel.size()) : host;
}

bool may_send_token(const Url& target, const Url& api) {
  if (api.scheme == "https" && target.scheme != "https") return false;
  const std::string host = target.host_and_port();
  return host == api.host_and_port() || host == git_host(api);
}

}  // namespace hubkeep
