// The folder that a store lives in, held open. Every step from it downwards is taken without following
// symbolic links, so that nothing that was put into the folder can lead out of it.
#pragma once

#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/file_descriptor.h"
#include "store/object_key.h"
#include "store/object_store.h"

namespace hubkeep {

constexpr std::string_view kLockName = "lock";  // of the file in kTemporaryFolder that lock() locks

/// "Folder" below is a path relative to the root, without a '/' at its end; empty for the root. Thread-safe.
class FolderRoot {
 public:
  /// Throws Error: not_found (but in mode create), forbidden (but in mode read, also when nothing can be
  /// written there), invalid (no folder).
  FolderRoot(std::string path, OpenMode mode);

  const std::string& path() const { return path_; }
  /// Where `key` is, for messages.
  std::string path_of(std::string_view key) const;

  /// The folder, or nothing where there is none. Throws Error(invalid) at a symbolic link.
  std::optional<FileDescriptor> find_folder(std::string_view folder) const;
  /// Makes what is missing of it; others may do the same at the same time.
  FileDescriptor make_folder(std::string_view folder) const;
  /// Returns when the folder itself, as seen from the root, would survive a loss of power.
  void make_durable(std::string_view folder);

  /// Where unfinished files are; made when it is missing.
  FileDescriptor temporary_folder() const { return make_folder(kTemporaryFolder); }
  /// Held until it is destroyed; excludes other threads and processes. Throws Error(transient) when another
  /// one holds it for a minute.
  FileDescriptor lock() const;

 private:
  /// One step down. An invalid descriptor, and errno, when it cannot be taken.
  FileDescriptor step(int parent, std::string_view component) const;
  FileDescriptor self() const;

  const std::string path_;
  FileDescriptor root_;
  std::mutex mutex_;
  std::set<std::string, std::less<>> durable_;  // guarded by mutex_
};

/// Makes the entries of a folder durable. File systems that cannot do that are left alone.
void sync_folder(int folder, std::string_view path);

}  // namespace hubkeep
