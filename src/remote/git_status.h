// What an HTTP status means that a git server answers with.
#pragma once

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

}  // namespace hubkeep
