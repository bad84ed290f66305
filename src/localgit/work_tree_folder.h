// A folder into which a work tree is written: each step downwards is taken without following symbolic links,
// so that nothing in a tree can lead out of it.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
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

  /// What is known of a regular file; nothing where none is there.
  std::optional<FileFacts> look_at(const std::string& path);
  /// Hands over a regular file's content, and returns whether there is one.
  bool read_file(const std::string& path, ByteSink& sink);
  /// Puts other content in place of a regular file, which keeps its mode: all of it, or nothing is changed.
  /// Until it is whole it stands in the folder .git, which has to be there. It is as old as two seconds: no
  /// index that is written from now on takes it for one that may have changed since (git,
  /// Documentation/technical/racy-git.txt).
  FileFacts replace_file(const std::string& path, const std::function<void(ByteSink&)>& fill);

  /// Whether the last failure is the disk's and not that of one name: nothing else can be written either.
  bool disk_failed() const { return disk_failed_; }

 private:
  /// Goes to the folder that `path` is to be in, and makes what is missing. Returns the name in it.
  std::string enter_folder_of(const std::string& path);
  /// The same, but it makes none: nothing where one is missing or leads elsewhere.
  std::optional<std::string> find_folder_of(const std::string& path);
  void leave_unless_above(std::string_view folder);
  void descend(std::string_view folder);
  FileDescriptor open_file(const std::string& path);
  void check(bool succeeded);

  const std::filesystem::path path_;  // for messages
  FileDescriptor root_;
  FileDescriptor current_;
  std::string current_path_;  // "", or with a '/' at its end
  bool disk_failed_ = false;
};

}  // namespace hubkeep
