// The credentials endpoint of a container: ECS, EKS Pod Identity, Greengrass.
// Specification: docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
#pragma once

#include <stop_token>

#include "aws/context.h"
#include "aws/source_result.h"

namespace hubkeep {

/// Not configured: neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor _FULL_URI is set. Three attempts.
/// Throws Error: invalid (an http address that is neither this machine nor one of AWS's own; a token file
/// that is not there), corrupt, and as refusal_error() makes it.
SourceResult container_credentials(const AwsContext& context, const std::stop_token& stop);

}  // namespace hubkeep
