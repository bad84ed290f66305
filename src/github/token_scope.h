// Where GitHub's token may travel: the one rule that REST, pagination and git all ask.
#pragma once

#include <string>

#include "http/url.h"

namespace hubkeep {

/// The host of git that belongs to an API: the API's host without a leading "api.", with the same port when
/// that is not the scheme's own. github.com for api.github.com, SUB.ghe.com for api.SUB.ghe.com, H for a
/// server at H/api/v3. It is also the host's name in the vault.
std::string git_host(const Url& api);

/// Whether a request to `target` may carry the token that was given for the API at `api`: the same host and
/// port, or the git host that belongs to it, and never http where the API is https.
bool may_send_token(const Url& target, const Url& api);

}  // namespace hubkeep
