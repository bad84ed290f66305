// Waiting because a server asks for it.
#pragma once

#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/error.h"

namespace hubkeep {

/// Throws Error(rate_limited) when `stop` is requested meanwhile: whoever was stopped did no work that took
/// too long.
inline void wait_as_asked(Clock& clock, std::chrono::milliseconds duration, const std::stop_token& stop,
                          const std::string& reason) {
  try {
    clock.sleep(duration, stop);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::cancelled) throw;
    throw Error(ErrorKind::rate_limited, "stopped while waiting: " + reason);
  }
}

}  // namespace hubkeep
