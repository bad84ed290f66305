// A lock that is a file: whoever makes it (O_EXCL) holds it, until it is removed. For file systems without
// flock(), or whose flock() ends at this machine.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/file_descriptor.h"

namespace hubkeep {

constexpr std::string_view kLockFileName = "lock.held";  // in kTemporaryFolder

/// Of a lock whose holder cannot be asked, by the clock of the file system.
constexpr std::chrono::seconds kLockLease{180};
/// What a holder may take of it. The rest is for clocks that differ, and for a rename that hangs.
constexpr std::chrono::seconds kLongestHold{60};

/// Removes its file in the end. One thread.
class LockFile {
 public:
  LockFile(LockFile&&) noexcept = default;
  LockFile& operator=(LockFile&&) = delete;
  ~LockFile();

  /// Whether it is as it was: nobody took it for a dead process's, and it is not time to.
  bool is_held() const;

 private:
  friend class LockFileWaiter;
  LockFile(FileDescriptor folder, std::string name, std::string content, std::chrono::nanoseconds since);

  FileDescriptor folder_;
  std::string name_;
  std::string content_;
  std::chrono::nanoseconds since_;  // boot
};

/// Looks at a lock again and again, until it can be had.
class LockFileWaiter {
 public:
  /// `folder` outlives it.
  LockFileWaiter(int folder, std::string name) : folder_(folder), name_(std::move(name)) {}

  /// Takes it, or removes what a dead process has left of it. Nothing where somebody holds it, and where
  /// error() is not 0.
  std::optional<LockFile> look();
  /// Why it could not be made, which is final.
  int error() const { return error_; }
  /// Who held it at the last look, for messages: "process 12 on nas".
  std::string holder() const;

 private:
  struct Seen {
    std::string content;
    std::int64_t modified = 0;  // nanoseconds
    friend bool operator==(const Seen&, const Seen&) = default;
  };

  std::optional<LockFile> make();
  void hear_of_failure(int error_number);
  std::optional<Seen> see() const;
  bool is_left_over(const Seen& seen);
  void remove_left_over(const Seen& seen);

  const int folder_;
  const std::string name_;
  std::optional<Seen> seen_;
  int looks_ = 0;             // at what was seen
  int passing_failures_ = 0;  // one after the other
  int error_ = 0;
};

}  // namespace hubkeep
