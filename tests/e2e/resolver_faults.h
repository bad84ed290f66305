// What goes wrong with hubkeep's look-ups of names, to order: e2e/shim/resolver_faults.cc does it inside of
// the program, which itself knows nothing of it.
#pragma once

#include <netdb.h>

#include <filesystem>
#include <string>
#include <vector>

#include "sim/child_process.h"

namespace hubkeep {

/// The first `times` look-ups of that name fail with `error`, or all.
struct LookUpFault {
  static constexpr int kForever = -1;

  std::string host;
  int times = 1;
  int error = EAI_AGAIN;  // as of getaddrinfo(3)
};

/// The variables that make a program take every name below hubkeep.test for this machine, write its look-ups
/// of those into `log`, and suffer the faults.
sim::Environment resolver_environment(const std::filesystem::path& log,
                                      const std::vector<LookUpFault>& faults);

/// How many look-ups of that name have failed.
std::size_t failed_look_ups(const std::filesystem::path& log, const std::string& host);

}  // namespace hubkeep
