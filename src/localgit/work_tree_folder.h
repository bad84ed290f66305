// A folder into which a work tree is written: each step downwards is taken without following symbolic links,
// so that nothing in a tree can lead out of it.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "base/byte_sink.h"
#include "base/file_descriptor.h"
#include "localgit/index_file.h"

namespace hubkeep {

/// Paths are relative, without "." and "..". All throw Error(internal) with the system's reason alone: the
/// caller knows the path. What cannot be written whole is not left. One thread.
class WorkTreeFolder {
 public:
  explicit WorkTreeFolder(const std::filesystem::path& root);

  FileFacts write_file(const std::string& path, bool executable, const std::function<void(ByteSink&)>& fill);
  FileFacts write_link(const std::string& path, const std::string& target);
  FileFacts make_folder(const std::string& path);

  /// Whether the last failure is the disk's and not that of one name: nothing else can be written either.
  bool disk_failed() const { return disk_failed_; }

 private:
  /// Goes to the folder that `path` is to be in, and makes what is missing. Returns the name in it.
  std::string enter_folder_of(const std::string& path);
  void descend(std::string_view folder);
  void check(bool succeeded);

  const std::filesystem::path path_;  // for messages
  FileDescriptor root_;
  FileDescriptor current_;
  std::string current_path_;  // "", or with a '/' at its end
  bool disk_failed_ = false;
};

}  // namespace hubkeep
