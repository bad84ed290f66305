// The trees of HEAD, read by libgit2, and its files, written by hubkeep without git: each file's failure is
// noted beside its name. SHA-1.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "git/attributes.h"
#include "git/object_links.h"
#include "localgit/check_out_report.h"
#include "localgit/conversion.h"
#include "localgit/index_file.h"
#include "localgit/libgit2_handle.h"
#include "localgit/whole_blobs.h"
#include "localgit/work_tree_folder.h"
#include "localgit/work_tree_limits.h"
#include "localgit/work_tree_plan.h"

namespace hubkeep {

/// One work tree. Keeps references to `report` and `stop`. One thread.
class Libgit2CheckOut {
 public:
  /// Throws Error(internal) where the repository cannot be opened.
  Libgit2CheckOut(const std::filesystem::path& folder, CheckOutReport& report, const std::stop_token& stop);

  /// Tells `met` of each tag, commit and tree on the way. Throws Error(cancelled).
  std::vector<PlannedEntry> plan(const Oid& head, const WorkTreeLimits& limits,
                                 const std::function<void(const Oid&)>& met);
  /// Writes files where nothing is, by the attributes of the index's .gitattributes, and returns what they
  /// have become, in the order of `entries`; zeros for what could not be written. Throws Error: cancelled,
  /// internal (the disk is full or fails).
  std::vector<FileFacts> write(const std::vector<PlannedEntry>& entries);
  /// Notes what git will stumble over in .gitmodules, which is a file of the work tree.
  void look_at_gitmodules();

 private:
  template <typename Action>
  void reporting(const std::string& path, Action&& action);
  std::string read(const Oid& oid, std::optional<ObjectType> type) const;
  std::pair<ObjectType, std::size_t> type_and_size(const Oid& oid) const;
  FileFacts write_one(const PlannedEntry& entry);
  FileFacts write_file(const PlannedEntry& entry);
  Conversion conversion_of(const std::string& path);
  std::optional<std::string> read_attributes(const std::string& folder) const;

  CheckOutReport& report_;
  const std::stop_token& stop_;
  RepositoryHandle repository_;
  OdbHandle odb_;
  WholeBlobs blobs_;
  const std::filesystem::path work_tree_;
  WorkTreeFolder folder_;
  std::map<std::string, Oid> attribute_files_;  // by their paths
  Attributes attributes_{[this](const std::string& folder) { return read_attributes(folder); }};
};

}  // namespace hubkeep
