// How the HTTP client behaves, whatever it is asked for.
#pragma once

#include <chrono>
#include <string>

#include "http/authorities.h"

namespace hubkeep {

struct CurlOptions {
  std::string user_agent;
  Authorities authorities;
  std::chrono::seconds connect_timeout{30};
  std::chrono::seconds stall_timeout{600};  // see StallWatch; 0: waits for ever
  bool use_proxy = true;                    // off for addresses of this machine's own link
};

}  // namespace hubkeep
