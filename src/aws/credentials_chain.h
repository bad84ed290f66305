// Where credentials come from, in AWS's order: the environment's keys, its web identity, the profile, the
// container's endpoint, the instance's role.
#pragma once

#include <memory>
#include <stop_token>

#include "aws/context.h"
#include "aws/credentials.h"

namespace hubkeep {

/// Asks one source after the other. The first that is set up decides: when it fails, its Error is the result,
/// for silently taking somebody else's credentials would surprise. Throws Error(unauthorized), which names
/// all sources, when none is set up.
Credentials find_credentials(const AwsContext& context, const std::stop_token& stop);

/// find_credentials(), kept and renewed. What `context` refers to must outlive it.
std::unique_ptr<CredentialsProvider> make_credentials_provider(AwsContext context);

}  // namespace hubkeep
