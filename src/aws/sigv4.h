// AWS Signature Version 4, in the Authorization header.
//   Authorization: AWS4-HMAC-SHA256 Credential=ID/20261123/eu-west-1/s3/aws4_request, SignedHeaders=…,
//   Signature=…
// Specification: docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
#pragma once

#include <string>
#include <string_view>

#include "aws/credentials.h"
#include "base/clock.h"
#include "http/http_client.h"

namespace hubkeep {

struct SigningScope {
  std::string region;
  std::string service;
};

/// In place of the body's hash: TLS protects the body. S3 only.
inline constexpr std::string_view kUnsignedPayload = "UNSIGNED-PAYLOAD";

/// Signs `request` as it stands, with all of its headers; nothing in it may change afterwards. To send it
/// again, sign it again: what an earlier signature added is replaced. `payload_sha256` is the body's hash in
/// hexadecimal, or kUnsignedPayload. Adds x-amz-date, x-amz-security-token and, for S3, x-amz-content-sha256;
/// they and the Authorization are secret headers.
void sign(HttpRequest& request, const Credentials& credentials, const SigningScope& scope, UtcTime now,
          std::string_view payload_sha256);

/// The steps of it, for tests. The path of an S3 request is signed as it is sent; other services normalise it
/// and encode it once more.
std::string canonical_request(const HttpRequest& request, const SigningScope& scope,
                              std::string_view payload_sha256);
std::string string_to_sign(std::string_view canonical_request, const SigningScope& scope, UtcTime now);

}  // namespace hubkeep
