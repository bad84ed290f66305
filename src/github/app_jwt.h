// How a GitHub App proves who it is: a JSON Web Token (RFC 7519) that it signs itself; see
// https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "crypto/rs256.h"
#include "github/token_source.h"

namespace hubkeep {

/// `app`: the App's client id, or its number.
std::string app_jwt(const std::string& app, const Rs256Key& key, UtcTime now);

/// A source of such tokens, a new one for each request. Keeps a reference to `clock`.
std::shared_ptr<TokenSource> app_jwt_source(std::string app, Rs256Key key, Clock& clock);

/// "GitHub App 12345"
std::string describe_app(const std::string& app);

}  // namespace hubkeep
