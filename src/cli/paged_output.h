// What is long goes through the user's pager, as git does it: on a terminal alone, and what fits on the
// screen is simply printed.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "app/environment_source.h"
#include "base/file_descriptor.h"

namespace hubkeep {

/// GIT_PAGER, PAGER or less, the first that is set; empty: none, since standard output is no terminal or one
/// that cannot move its cursor, or since the user wants none ("" or "cat"). Pure.
std::string pager_of(const Environment& environment, bool is_terminal);

/// Columns of the terminal that standard output is, or as COLUMNS says; 0 where it is none.
std::size_t terminal_width(const Environment& environment);

/// One at a time. A pager that does not start is no error: all is printed as it is.
class PagedOutput {
 public:
  PagedOutput(const std::string& pager, const Environment& environment);
  /// Waits until the user has read it.
  ~PagedOutput();
  PagedOutput(const PagedOutput&) = delete;
  PagedOutput& operator=(const PagedOutput&) = delete;

  /// As the print() of all commands.
  void print(std::string_view text);
  /// Nobody reads any more: the pager was left, or standard output is gone.
  bool is_lost() const;

 private:
  FileDescriptor input_;  // of the pager
  pid_t pager_ = -1;      // none where it is negative
  bool was_left_ = false;
};

}  // namespace hubkeep
