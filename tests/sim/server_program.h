// A server of the distribution's, such as nginx, that runs on loopback for the time of a test.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/child_process.h"
#include "sim/file_descriptor.h"

namespace hubkeep::sim {

/// Where a program is: in PATH, /usr/sbin or /sbin. Nothing when it is not installed.
std::optional<std::filesystem::path> find_program(const std::string& name);
/// A port of loopback that was free a moment ago, for programs that must be told one. None that the kernel
/// chooses for a connection or another server meanwhile: tests run beside each other.
int free_port();
bool accepts_connections(int port);

/// Killed with its children at the end.
class ServerProgram {
 public:
  /// Starts the program, which must stay in the foreground, and returns when `is_ready`. Throws
  /// Error(internal) with what the program says when that takes more than ten seconds.
  ServerProgram(std::vector<std::string> argv, const std::function<bool()>& is_ready);

 private:
  FileDescriptor in_;
  FileDescriptor output_;
  ChildProcess process_;
};

}  // namespace hubkeep::sim
