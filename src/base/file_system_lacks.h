// What file systems may lack: which answer of which call says "this file system cannot", and not that
// something went wrong. One table, for all who can do without: see docs/file-systems.md.
#pragma once

namespace hubkeep {

enum class FileCall {
  rename_to_new,  // renameat2() with RENAME_NOREPLACE
  link,           // linkat()
  lock,           // flock()
  make_new,       // openat() with O_EXCL
  sync_folder,    // fsync() of a folder
  set_mode,       // chmod() of what is one's own
  symbolic_link,  // symlinkat()
  map,            // mmap() of a file
};

/// Whether the call, which failed with this number, may never succeed there. Whoever hears it does without,
/// or tries another way; if that fails too, its own error is the one to tell.
bool is_lacking(FileCall call, int error_number);

}  // namespace hubkeep
