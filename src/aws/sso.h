// IAM Identity Center (SSO): a token of the signed-in user against credentials of a role.
// Specification: docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_GetRoleCredentials.html
#pragma once

#include <stop_token>
#include <string>

#include "aws/context.h"
#include "aws/credentials.h"
#include "aws/shared_config.h"

namespace hubkeep {

/// Does the profile take its credentials from SSO?
bool is_sso_profile(const IniSettings& profile);

/// Throws Error: invalid (settings that are missing), unauthorized (not signed in: the message says what to
/// run), forbidden (this role is not the user's), corrupt, transient, cancelled.
Credentials sso_credentials(const AwsContext& context, const SharedConfig& config, const std::string& profile,
                            const std::stop_token& stop);

}  // namespace hubkeep
