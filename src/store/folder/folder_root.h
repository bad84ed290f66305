// The folder that a store lives in, held open. Every step from it downwards is taken without following
// symbolic links, so that nothing that was put into the folder can lead out of it.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/file_descriptor.h"
#include "base/file_system.h"
#include "store/folder/lock_file.h"
#include "store/object_key.h"
#include "store/object_store.h"

namespace hubkeep {

constexpr std::string_view kLockName = "lock";  // of the file in kTemporaryFolder that flock() is for

/// Held until it is destroyed, by what there is: flock(), a lock file, or both.
struct FolderLock {
  FileDescriptor locked;
  std::optional<LockFile> file;

  /// To be called before something is changed. Throws Error(transient) where the lock was held for so long
  /// that another process may have taken it.
  void check() const;
};

/// "Folder" below is a path relative to the root, without a '/' at its end; empty for the root. Thread-safe.
class FolderRoot {
 public:
  /// Throws Error: not_found (but in mode create), forbidden (but in mode read, also when nothing can be
  /// written there), invalid (no folder). `notice` is told, once, where nothing keeps two runs apart.
  FolderRoot(std::string path, OpenMode mode, std::function<void(const std::string&)> notice);

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
  /// Excludes other threads, processes and machines, as far as the file system can. Throws Error(transient)
  /// when another one holds it for a minute, or one on another machine until its lease must be over.
  FolderLock lock();

  /// Whether this is a disk of this machine's own. Others may refuse names, and see to locks in their own
  /// way.
  bool is_local() const { return reach_ == LockReach::here; }

 private:
  /// One step down. An invalid descriptor, and errno, when it cannot be taken.
  FileDescriptor step(int parent, std::string_view component) const;
  FileDescriptor self() const;
  FileDescriptor lock_by_flock(int temporary_folder) const;
  std::optional<LockFile> make_lock_file(int temporary_folder) const;
  void tell_of_no_lock(bool is_locked_here);

  const std::string path_;
  FileDescriptor root_;
  const std::function<void(const std::string&)> notice_;
  LockReach reach_ = LockReach::here;
  std::once_flag told_;
  std::mutex mutex_;
  std::set<std::string, std::less<>> durable_;  // guarded by mutex_
};

/// Makes the entries of a folder durable. File systems that cannot do that (see file_system_lacks.h) are left
/// alone; what goes wrong on others is an Error.
void sync_folder(int folder, std::string_view path);

}  // namespace hubkeep
