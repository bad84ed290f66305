// What asking one source of credentials comes to, when it is no error.
#pragma once

#include <string>
#include <variant>

#include "aws/credentials.h"

namespace hubkeep {

/// The user has not set this source up, or this machine does not have it: the next one is asked.
struct NotConfigured {
  std::string reason;
};

using SourceResult = std::variant<Credentials, NotConfigured>;

}  // namespace hubkeep
