// The token that `aws sso login` leaves under ~/.aws/sso/cache, renewed where its file allows that.
// Specification: docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_CreateToken.html
#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "aws/context.h"
#include "base/secret.h"

namespace hubkeep {

struct SsoSession {
  std::optional<std::string> name;  // of the [sso-session]; without one, tokens cannot be renewed
  std::string start_url;
  Url oidc;                   // where tokens are renewed
  std::string login_command;  // what the user has to run when there is no good token
};

/// The file of a session's token.
std::string sso_token_file(const AwsEnvironment& environment, const SsoSession& session);

/// A token that is valid now; renewed, and its file replaced, when less than 15 minutes are left. Throws
/// Error: unauthorized (no token or an expired one: the message says what to run), corrupt, transient,
/// cancelled.
Secret sso_access_token(const AwsContext& context, const SsoSession& session, const std::stop_token& stop);

}  // namespace hubkeep
