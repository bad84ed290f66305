// A program started without a shell. It gets the three descriptors named here and no others.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "sim/file_descriptor.h"

namespace hubkeep::sim {

using Environment = std::map<std::string, std::string>;

struct ChildOptions {
  std::vector<std::string> argv;
  std::filesystem::path cwd;
  Environment env;                  // set on top of this process' own environment
  bool inherit_environment = true;  // or, when false, `env` is all there is
};

/// Killed with all of its own children when it is destroyed before its end was waited for.
class ChildProcess {
 public:
  /// Throws Error(internal) when the program cannot be started.
  ChildProcess(const ChildOptions& options, const FileDescriptor& in, const FileDescriptor& out,
               const FileDescriptor& err);
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess();

  /// Sends a signal to the program alone, not to its children. Not after wait().
  void signal(int number);
  /// The exit code, 128 + signal when it was killed.
  int wait();

 private:
  pid_t pid_ = -1;
};

}  // namespace hubkeep::sim
