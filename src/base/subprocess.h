// A program that runs beside us, without a shell: bytes in, its two outputs kept. It gets no secret of ours,
// has so much time, and when it is killed, what it has started itself goes with it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/byte_sink.h"

namespace hubkeep {

struct ProcessResult {
  int exit_code = 0;  // 128 and the signal's number when one ended it
  std::string output;
  std::string errors;
};

/// Whether a variable of ours holds a secret: tokens, keys, and all that begins with HUBKEEP_.
bool may_hold_secret(std::string_view variable);
/// Whether a variable says no more than where programs and files are and which language is spoken.
bool is_plain(std::string_view variable);

struct ProcessPlan {
  std::vector<std::string> arguments;    // the program first, looked up in PATH
  std::vector<std::string> environment;  // "NAME=value", on top of what it inherits
  /// Which of our variables it inherits. Those that may hold a secret, and what begins with "GIT_", are never
  /// among them.
  bool (*inherits)(std::string_view variable) = is_plain;
  /// How long it may take to read what was written, and to end after its input has.
  std::chrono::milliseconds time_limit = std::chrono::hours(1);
  /// What it may write to either of its outputs: both are kept in memory.
  ByteCount output_limit = ByteCount{64} << 20;
  /// Where it is given, both outputs go there as they come, without a limit, and the result has neither. It
  /// is called on another thread until wait() returns, and must not throw.
  std::function<void(std::string_view bytes)> on_output = {};
};

/// Descriptors.
struct StandardFiles {
  int input;
  int output;
  int errors;
};

/// It stands in a process group of its own, so that Ctrl-C reaches only us; the group is killed on `stop`,
/// when its time is over, and when the Subprocess is destroyed before wait(). One thread.
class Subprocess final : public ByteSink {
 public:
  /// Throws Error: not_found when there is no such program, internal.
  Subprocess(const ProcessPlan& plan, std::stop_token stop);
  ~Subprocess() override;

  /// To its standard input. What it does not read any more is dropped: wait() tells why.
  void write(std::string_view bytes) override;
  /// Ends its input and returns when it has ended. Called once. Throws Error: cancelled on `stop`, internal
  /// when its time was over, or when it wrote more than it may.
  ProcessResult wait();

 private:
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  using File = std::unique_ptr<std::FILE, CloseFile>;

  void spawn(const ProcessPlan& plan, const StandardFiles& files);
  void kill_group() const;
  void expire();
  bool has_written_too_much() const;
  void await_end();
  static std::string content(std::FILE* file);
  void read_pipe();

  const std::string name_;
  const std::chrono::milliseconds time_limit_;
  const ByteCount output_limit_;
  const std::stop_token stop_;
  File input_;
  File output_;
  File errors_;
  const std::function<void(std::string_view)> on_output_;
  File pipe_;            // where both outputs come from, with on_output_
  std::jthread reader_;  // of pipe_
  pid_t pid_ = -1;
  bool expired_ = false;
  bool flooded_ = false;
  std::optional<std::stop_callback<std::function<void()>>> kill_on_stop_;
};

/// Runs a program to its end with `input`.
ProcessResult run_process(const ProcessPlan& plan, std::string_view input, const std::stop_token& stop);

}  // namespace hubkeep
