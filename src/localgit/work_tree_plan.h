// What a tree becomes in a folder: its entries by their paths, without those that cannot stand there.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "git/object_links.h"
#include "localgit/check_out_report.h"
#include "localgit/work_tree_limits.h"

namespace hubkeep {

struct PlannedEntry {
  std::string path;
  EntryMode mode = EntryMode::file;  // no folder
  Oid oid;
};

/// Takes entries in the order in which git reads them, and leaves out what git does not check out, what is
/// too long for Linux, and of entries that exclude each other (a name twice, a file and a folder of one name)
/// all but the last, which is the one that `git clone` leaves. What is left out is reported.
class WorkTreePlan {
 public:
  explicit WorkTreePlan(CheckOutReport& report) : report_(report) {}

  /// Whether it is worth while to look into the folder.
  bool takes_folder(const std::string& path);
  void add(PlannedEntry entry);
  /// What is left, sorted by path (bytes), as the index wants it. Called once, last. Throws Error: cancelled.
  std::vector<PlannedEntry> finish(const std::stop_token& stop);

 private:
  bool takes_path(const std::string& path, EntryMode mode);

  CheckOutReport& report_;
  std::vector<PlannedEntry> entries_;
};

/// Reads the raw content of a tree.
using ReadTree = std::function<std::string(const Oid& tree)>;

/// All of a tree and of those below it, without recursion. A tree that cannot be read is reported with its
/// path. Where a limit is reached, no further tree is opened, and HEAD is reported. Throws Error: cancelled.
std::vector<PlannedEntry> plan_work_tree(const Oid& tree, const ReadTree& read, CheckOutReport& report,
                                         const WorkTreeLimits& limits, const std::stop_token& stop);

}  // namespace hubkeep
