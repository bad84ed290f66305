// AWS Secrets Manager: GetSecretValue.
#pragma once

#include <stop_token>
#include <string>

#include "aws/context.h"
#include "base/secret.h"

namespace hubkeep {

/// The text of a secret in its current version. `id`: its name or ARN; an ARN says its region, else it is the
/// one of AWS's configuration. Throws Error, with the id in it: unauthorized (no credentials), forbidden,
/// not_found, invalid (no text in it; no region), transient.
Secret get_secret_value(const AwsContext& context, const std::string& id, const std::stop_token& stop);

}  // namespace hubkeep
