// `git fsck` on a restored repository, and what its answer means.
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "drill/drill_record.h"

namespace hubkeep {

struct FsckAnswer {
  FsckResult result = FsckResult::not_run;
  std::vector<std::string> lines = {};  // printable: what it said, the first of it
};

/// Reads what git fsck says as it comes: that may be a line for each of millions of objects, and little of it
/// is kept. Many old histories have objects that git would not write today: "error in commit …:
/// missingEmail". GitHub has them just so, and whoever clones gets them; they are told, and are no problem.
class FsckReader {
 public:
  void read(std::string_view bytes);
  /// When all is read.
  FsckAnswer judge(int exit_code);
  /// The beginning and the end of all that was read, where git says why it gave up.
  std::string excerpt() const { return begin_ + "\n" + end_; }

 private:
  void take_line();

  std::string line_;  // the one that is being read, as far as it is kept
  std::vector<std::string> lines_;
  std::size_t count_ = 0;
  bool is_all_form_ = true;
  std::string begin_;
  std::string end_;
};

/// `git fsck --full`, which reads every object and follows every link. `not_run` where there is no git.
/// Throws Error: cancelled, internal (the machine is to blame).
FsckAnswer run_fsck(const std::filesystem::path& repository, const std::stop_token& stop);

}  // namespace hubkeep
