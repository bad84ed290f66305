// AWS's own variables are no settings of ours: they are handed on as they are. Those of a `.env` that was
// found in the current folder only as far as they name no file, no program and nobody to trust.
#pragma once

#include <string>
#include <vector>

#include "app/settings_sources.h"
#include "aws/environment.h"

namespace hubkeep {

/// What counts of both places. Keys, which belong together, are all taken from one of them.
AwsEnvironment aws_environment(const SettingSources& sources);

/// The same as if there were no `.env`.
AwsEnvironment users_aws_environment(const SettingSources& sources);

/// Whether the folder's `.env` has the keys that count.
bool has_folders_aws_keys(const SettingSources& sources);

/// The names in `.env` with which it leads AWS's services to another server, and which count.
std::vector<std::string> folders_aws_endpoints(const SettingSources& sources);

/// A line for each of AWS's variables in `.env` that is not obeyed.
std::vector<std::string> disobeyed_aws_variables(const SettingSources& sources);

}  // namespace hubkeep
