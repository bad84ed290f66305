// Where an answer sends its reader on to (RFC 9110 section 15.4).
#pragma once

#include <optional>

#include "http/http_client.h"

namespace hubkeep {

/// The target of a redirect; nothing for an answer that is none. Throws Error(invalid) when it leads from
/// https to http, or is no URL that hubkeep uses.
std::optional<Url> redirect_target(const HttpResponse& response);

}  // namespace hubkeep
