// A request's signature, put together anew from what has come.
#pragma once

#include <optional>

#include "sim/http_message.h"

namespace hubkeep {

/// What a server says that finds x-amz-* headers that are not signed, or, where it `checks_all`, another
/// signature. The key is that of test_credentials().
std::optional<sim::HttpResponse> refusal_of_signature(const sim::HttpRequest& request, bool checks_all);

}  // namespace hubkeep
