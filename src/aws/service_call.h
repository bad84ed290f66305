// One call of an AWS service, tried again while it is only overloaded or out of reach.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

#include "aws/aws_error.h"
#include "aws/context.h"

namespace hubkeep {

/// The answer's body, by way of `http`, which is one of the context's. `make_request` is called for each
/// attempt, for a signature is good for some minutes only. No redirect is followed: bodies and answers hold
/// secrets, and AWS sends nobody elsewhere. Throws Error: what refusal_error() makes of an answer that is not
/// 200, with `action` in front, and as HttpClient::send.
std::string call_service(const AwsContext& context, HttpClient& http, std::string_view action,
                         const std::function<HttpRequest()>& make_request, const std::stop_token& stop);

}  // namespace hubkeep
