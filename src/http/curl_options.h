// How the HTTP client behaves, whatever it is asked for.
#pragma once

#include <chrono>
#include <string>

namespace hubkeep {

struct CurlOptions {
  std::string user_agent;
  /// PEM file of certificate authorities, as curl's --cacert: in place of the system's bundle. Empty: the
  /// system's.
  std::string ca_file;
  std::chrono::seconds connect_timeout{30};
  std::chrono::seconds stall_timeout{600};  // see StallWatch; 0: waits for ever
  bool use_proxy = true;                    // off for addresses of this machine's own link
};

}  // namespace hubkeep
