// Where GitHub's token may travel: the one rule that REST, pagination and git all ask.
#pragma once

#include <string>
#include <vector>

#include "http/url.h"

namespace hubkeep {

/// The host of git that belongs to an API: the API's host without a leading "api.", with the same port when
/// that is not the scheme's own. github.com for api.github.com, SUB.ghe.com for api.SUB.ghe.com, H for a
/// server at H/api/v3. It is also the host's name in the vault.
std::string git_host(const Url& api);

/// Other names of the API's host that the user has named, each "host[:port]" as Url::host_and_port() gives
/// it.
using ApiAliases = std::vector<std::string>;

/// An API, and by which other names it goes.
struct GitHubPlaces {
  Url api;
  ApiAliases aliases = {};
  bool has_token = false;
  bool lacks_private_attachments = false;  // tokens of that kind get none
};

/// Whether `target` is one of them, and the way there is no less safe than that to the API.
bool is_alias(const Url& target, const Url& api, const ApiAliases& aliases);

/// Whether a request to `target` may carry the token that was given for the API at `api`: the same host and
/// port, the git host that belongs to it, that host's of gists (gist.github.com), or an alias, and never http
/// where the API is https.
bool may_send_token(const Url& target, const Url& api, const ApiAliases& aliases = {});

}  // namespace hubkeep
