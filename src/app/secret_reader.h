// Reads a secret of AWS Secrets Manager: what load_settings() is given for it.
#pragma once

#include <string>

#include "aws/environment.h"
#include "base/secret.h"

namespace hubkeep {

/// Throws Error as get_secret_value() does.
Secret read_aws_secret(const AwsEnvironment& environment, const std::string& id);

}  // namespace hubkeep
