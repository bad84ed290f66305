// The metadata service of an EC2 instance, version 2: a token by PUT, then everything by GET.
// Specification: docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html
#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "aws/context.h"
#include "aws/source_result.h"

namespace hubkeep {

/// Those of the instance's role. Not configured: switched off by AWS_EC2_METADATA_DISABLED, nobody answers
/// (no EC2 instance), or there is no role. Throws Error: corrupt, invalid
/// (AWS_EC2_METADATA_SERVICE_ENDPOINT), unauthorized (the role may not be used), transient when the service
/// fails after it has given a token, cancelled.
SourceResult instance_credentials(const AwsContext& context, const std::stop_token& stop);

/// Nothing when it cannot be asked.
std::optional<std::string> instance_region(const AwsContext& context, const std::stop_token& stop);

}  // namespace hubkeep
