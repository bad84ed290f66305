// Which region the user works in.
#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "aws/context.h"
#include "aws/shared_config.h"

namespace hubkeep {

/// AWS_REGION, AWS_DEFAULT_REGION, the profile's; nothing when none is set.
std::optional<std::string> configured_region(const AwsEnvironment& environment, const IniSettings& profile);

/// configured_region(), else that of the EC2 instance; nothing when there is none. Throws Error as
/// load_shared_config() and current_profile().
std::optional<std::string> find_region(const AwsContext& context, const std::stop_token& stop);

}  // namespace hubkeep
