// The credentials that a profile describes: keys, a role, SSO or a program, and for a role whoever may take
// it. Specification: docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html
#pragma once

#include <stop_token>
#include <string>

#include "aws/context.h"
#include "aws/shared_config.h"
#include "aws/source_result.h"

namespace hubkeep {

/// Not configured: the profile has no such settings. Throws Error: invalid for settings that contradict each
/// other, go round in a circle or ask for MFA; else what the profile's source throws. Messages name the
/// profile.
SourceResult profile_credentials(const AwsContext& context, const SharedConfig& config,
                                 const std::string& profile, const std::stop_token& stop);

/// The role of AWS_ROLE_ARN for the token in AWS_WEB_IDENTITY_TOKEN_FILE, as Kubernetes sets them. Not
/// configured: without a token file.
SourceResult web_identity_credentials(const AwsContext& context, const SharedConfig& config,
                                      const std::stop_token& stop);

/// AWS_ACCESS_KEY_ID and its companions. Throws Error(invalid) when only one of the pair is set.
SourceResult environment_credentials(const AwsEnvironment& environment);

}  // namespace hubkeep
