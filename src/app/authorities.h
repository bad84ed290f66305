// Whom to trust. GitHub, the store and AWS's other services each have authorities of their own; a file that
// is named for one of them stands there instead of the system's, and elsewhere at most besides them.
#pragma once

#include "app/settings.h"
#include "aws/environment.h"
#include "http/authorities.h"

namespace hubkeep {

/// --ca-file, else the system's.
Authorities github_authorities(const Settings& settings);

/// Of the server that has the bucket: --s3-ca-file, else aws_authorities(), else the system's and, besides
/// them, --ca-file: one flag was for both before there were two. Throws Error as aws_authorities() does.
Authorities store_authorities(const Settings& settings);

/// Of the services that AWS's keys come from: aws_authorities(), else the system's and, besides them, what is
/// given for the store, which may have such a service of its own. Throws Error as aws_authorities() does.
Authorities credentials_authorities(const Settings& settings);

/// As AWS's own tools do: AWS_CA_BUNDLE, else ca_bundle of the profile, else the system's. Throws Error as
/// load_shared_config() and current_profile() do.
Authorities aws_authorities(const AwsEnvironment& environment);

}  // namespace hubkeep
