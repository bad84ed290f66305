// Roles of the Security Token Service: credentials for an hour or so, in exchange for others or for a token
// that an identity provider has signed.
// Specification: docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "aws/context.h"
#include "aws/credentials.h"

namespace hubkeep {

struct Role {
  std::string arn;
  std::string session_name;
  std::optional<std::string> external_id;
  std::optional<std::string> duration_seconds;
};

struct StsEndpoint {
  Url url;
  std::string region;  // that its requests are signed for
};

/// Both: throw Error as refusal_error() makes it, and as HttpClient::send.
Credentials assume_role(const AwsContext& context, const StsEndpoint& endpoint, const Role& role,
                        const Credentials& source, const std::stop_token& stop);
Credentials assume_role_with_web_identity(const AwsContext& context, const StsEndpoint& endpoint,
                                          const Role& role, const Secret& token, const std::stop_token& stop);

}  // namespace hubkeep
