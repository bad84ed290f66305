// A program that runs beside us, without a shell: bytes in, its two outputs kept.
#pragma once

#include <sys/types.h>

#include <cstdio>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/byte_sink.h"

namespace hubkeep {

struct ProcessResult {
  int exit_code = 0;   // 128 and the signal's number when one ended it
  std::string output;  // at most the first 64 MiB of either
  std::string errors;
};

/// The program is looked up in PATH and gets our environment without what begins with "GIT_", and
/// `environment`
/// ("NAME=value") on top. It stands in a process group of its own, so that Ctrl-C reaches only us, and is
/// killed when the Subprocess is destroyed before wait(). One thread.
class Subprocess final : public ByteSink {
 public:
  /// Throws Error: not_found when there is no such program, internal.
  Subprocess(const std::vector<std::string>& arguments, const std::vector<std::string>& environment);
  ~Subprocess() override;

  /// To its standard input. What it does not read any more is dropped: wait() tells why.
  void write(std::string_view bytes) override;
  /// Ends its input and returns when it has ended. Called once. Throws Error(cancelled) on `stop`, which
  /// kills it.
  ProcessResult wait(const std::stop_token& stop);

 private:
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  using File = std::unique_ptr<std::FILE, CloseFile>;

  void spawn(const std::vector<std::string>& arguments, const std::vector<std::string>& environment,
             int input);
  static std::string content(std::FILE* file);

  File input_;
  File output_;
  File errors_;
  pid_t pid_ = -1;
};

/// Runs a program to its end with `input`.
ProcessResult run_process(const std::vector<std::string>& arguments,
                          const std::vector<std::string>& environment, std::string_view input,
                          const std::stop_token& stop);

}  // namespace hubkeep
