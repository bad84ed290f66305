// What goes wrong with hubkeep's files, to order: e2e/shim/file_faults.cc does it inside of the program,
// which itself knows nothing of it.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "sim/child_process.h"

namespace hubkeep {

/// One call of the folder store. Operations: make (a temporary file), open, write, flush, sync, sync-folder,
/// mkdir, lock, rename, link, remove; where a repository is restored also symlink and chmod.
struct FileCall {
  std::string operation;
  bool succeeded = false;
  std::string object;  // the last component of the key that it was for
  std::string path;    // the file or folder; of a rename the new name
};

/// Which calls go wrong, and how.
struct FileFault {
  std::string object = "*";  // a pattern for the object's name, as in fnmatch(3)
  std::string operation;     // empty: any
  std::string call = "1";    // of these calls the "3"rd, or with a "3+" all from the third on
  std::string action;  // kill-before, kill-after, kill-torn (argument: per cent of a write that is done),
                       // fail (argument: errno), hold (argument: a file, made then; goes on when it is gone)
  std::string argument;
};

/// A file system that is not all there.
struct Lacking {
  std::map<std::string, int>
      calls;           // the error number of operations; also rename-new (an exclusive one), map
  std::string type;    // the number of the file system as statfs(2) says it, in hexadecimal; empty: its own
  bool pauses = true;  // whether waiting takes time
};

/// As file_fault_environment(), on a folder that lacks something.
sim::Environment lacking_environment(const std::filesystem::path& root, const std::filesystem::path& log,
                                     const Lacking& lacking, const FileFault& fault = {});

/// The variables that make a program log its calls below `root` into `log`, and suffer the fault. Its pauses
/// by nanosleep, as those between two looks at a lock, take no time.
sim::Environment file_fault_environment(const std::filesystem::path& root, const std::filesystem::path& log,
                                        const FileFault& fault = {});

/// The calls for objects whose name `object` matches, in order. None where there is no log.
std::vector<FileCall> read_file_calls(const std::filesystem::path& log, const std::string& object = "*");

}  // namespace hubkeep
