// Credentials as JSON: one shape that the metadata services and credential_process share.
//   {"AccessKeyId": "…", "SecretAccessKey": "…", "Token" or "SessionToken": "…", "Expiration":
//   "2026-11-23T18:45:01Z"}
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "aws/credentials.h"

namespace hubkeep {

/// `origin` names the source in messages. Throws Error(corrupt) when it is no such JSON; the message repeats
/// none of it.
Credentials parse_credentials_json(std::string_view json, const std::string& origin);

/// ISO 8601 as AWS's services and tools write it: with or without fractions of a second, "Z", "UTC" or an
/// offset. Nothing for other texts.
std::optional<UtcTime> parse_aws_time(std::string_view text);

}  // namespace hubkeep
