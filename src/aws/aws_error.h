// What AWS's services say when they refuse, as hubkeep's errors.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "http/http_client.h"

namespace hubkeep {

struct AwsRefusal {
  int status = 0;
  std::string code;     // "ExpiredToken"; may be empty
  std::string message;  // the service's words; may be empty
};

/// unauthorized: these credentials are not good (any more); forbidden: good, but not for this; transient:
/// overload and failures of theirs; not_found; invalid: our request. The code decides, the status where the
/// code is not known.
ErrorKind classify_refusal(int status, std::string_view code);

/// Code and message of an error's body, XML or JSON as STS, SSO, S3 and the others write it; nothing of it is
/// required. The header x-amzn-ErrorType, where there is one, has the code. A redirect that has no words of
/// its own gets some.
AwsRefusal parse_refusal(const HttpResponse& response);

/// "ACTION: message (ExpiredToken, HTTP 400)", safe to print.
Error refusal_error(std::string_view action, const AwsRefusal& refusal);

}  // namespace hubkeep
