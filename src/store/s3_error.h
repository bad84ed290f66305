// What an S3 server's refusal means: one pure function decides, for every status and code.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "http/http_client.h"

namespace hubkeep {

/// An answer that is no success, as far as it explains itself. HEAD's answers carry nothing but the status.
struct S3Refusal {
  int status = 0;
  std::string code;  // "NoSuchKey"
  std::string message;
  std::string region;  // where the bucket is, when the server says so
  std::string request_id;
};

/// Reads status, headers and the XML body: <Error><Code>…</Code><Message>…</Message>…</Error>
S3Refusal read_refusal(const HttpResponse& response);

/// The same for the body of a 200: nothing unless its root is <Error>.
bool holds_refusal(const HttpResponse& response);

/// "s3:PutObject on arn:aws:s3:::bucket/key"
struct S3Action {
  std::string_view name;
  std::string resource;
};

constexpr std::string_view kPut = "s3:PutObject";
constexpr std::string_view kPutLocked = "s3:PutObject with s3:PutObjectRetention";
constexpr std::string_view kExtendLock = "s3:PutObjectRetention";

/// transient: worth another try; not_found; unauthorized: keys, token or clock; forbidden: the keys are good
/// but may not do this; cold: to be thawed first; invalid: all else that the user must mend.
Error classify_refusal(const S3Refusal& refusal, const S3Action& action);

}  // namespace hubkeep
