#include "e2e/resolver_faults.h"

#include <fmt/format.h>

#include <fstream>

namespace hubkeep {

sim::Environment resolver_environment(const std::filesystem::path& log,
                                      const std::vector<LookUpFault>& faults) {
  std::string text;
  for (const auto& fault : faults) text += fmt::format("{} {} {}\n", fault.host, fault.times, fault.error);
  return {{"LD_PRELOAD", HUBKEEP_RESOLVER_FAULTS}, {"RESOLVER_LOG", log.string()}, {"RESOLVER_FAULTS", text}};
}

std::size_t failed_look_ups(const std::filesystem::path& log, const std::string& host) {
  std::ifstream lines(log);
  std::size_t count = 0;
  for (std::string name, result; lines >> name >> result;)
    count += name == host && result == "failed" ? 1 : 0;
  return count;
}

}  // namespace hubkeep
