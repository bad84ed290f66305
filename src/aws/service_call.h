// One call of an AWS service, tried again while it is only overloaded.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

#include "aws/aws_error.h"
#include "aws/context.h"

namespace hubkeep {

/// The answer's body. `make_request` is called for each of the three attempts, for a signature is good for
/// some minutes only. Throws Error: what refusal_error() makes of an answer that is not 200, with `action` in
/// front, and as HttpClient::send.
std::string call_service(HttpClient& http, Clock& clock, std::string_view action,
                         const std::function<HttpRequest()>& make_request, const std::stop_token& stop);

}  // namespace hubkeep
