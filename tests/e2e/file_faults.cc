#include "e2e/file_faults.h"

#include <fnmatch.h>

#include <fstream>

namespace hubkeep {

sim::Environment file_fault_environment(const std::filesystem::path& root, const std::filesystem::path& log,
                                        const FileFault& fault) {
  return {{"LD_PRELOAD", HUBKEEP_FILE_FAULTS},       {"FILE_FAULT_ROOT", root.string()},
          {"FILE_FAULT_LOG", log.string()},          {"FILE_FAULT_OBJECT", fault.object},
          {"FILE_FAULT_OPERATION", fault.operation}, {"FILE_FAULT_CALL", fault.call},
          {"FILE_FAULT_ACTION", fault.action},       {"FILE_FAULT_ARGUMENT", fault.argument}};
}

sim::Environment lacking_environment(const std::filesystem::path& root, const std::filesystem::path& log,
                                     const Lacking& lacking, const FileFault& fault) {
  sim::Environment environment = file_fault_environment(root, log, fault);
  std::string& calls = environment["FILE_FAULT_LACKING"];
  for (const auto& [operation, number] : lacking.calls)
    calls += operation + "=" + std::to_string(number) + " ";
  environment["FILE_FAULT_TYPE"] = lacking.type;
  if (lacking.pauses) environment["FILE_FAULT_PAUSES"] = "1";
  return environment;
}

std::vector<FileCall> read_file_calls(const std::filesystem::path& log, const std::string& object) {
  std::ifstream lines(log);
  std::vector<FileCall> calls;
  FileCall call;
  for (std::string result; lines >> call.operation >> result >> call.object && lines.ignore() &&
                           std::getline(lines, call.path);) {
    call.succeeded = result == "ok";
    if (::fnmatch(object.c_str(), call.object.c_str(), 0) == 0) calls.push_back(call);
  }
  return calls;
}

}  // namespace hubkeep
