// What an HTTP status means that a git server answers with.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/error.h"
#include "github/token_source.h"
#include "http/http_client.h"

namespace hubkeep {

/// How a request was authenticated, for messages.
struct TokenUse {
  std::string origin;     // where the token came from; empty: none is set
  bool was_sent = false;  // false with a token when the server is not the API's own
  std::string api_host;
  TokenKind kind = TokenKind::personal;
};

/// The Error for any status but 2xx. Pure.
Error git_status_error(const HttpResponse& response, const TokenUse& token);

/// The seconds of a Retry-After header on 429 and 503 (RFC 9110 section 10.2.3, the form with seconds).
std::optional<std::chrono::seconds> retry_after(const HttpResponse& response);

}  // namespace hubkeep
