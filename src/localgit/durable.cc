// Once, at the end: while packs are written, the system may write them back when it likes.
#include "localgit/durable.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "base/error.h"
#include "base/file_descriptor.h"
#include "base/file_error.h"
#include "base/file_system_lacks.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

void sync(const fs::path& path, bool is_folder) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (file.valid()) {
    if (::fsync(file.get()) == 0) return;
    if (is_folder && is_lacking(FileCall::sync_folder, errno)) return;
  }
  throw file_error(errno, "write to disk", path.string());
}

}  // namespace

void make_durable(const fs::path& folder) {
  std::vector<fs::path> folders = {folder};
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_symlink()) continue;
    if (entry.is_directory()) folders.push_back(entry.path());
    if (entry.is_regular_file()) sync(entry.path(), false);
  }
  std::reverse(folders.begin(), folders.end());  // what is inside comes first
  for (const fs::path& each : folders) sync(each, true);
}

void make_file_durable(const fs::path& file) {
  sync(file, false);
}

void make_names_durable(const fs::path& folder) {
  sync(folder, true);
}

}  // namespace hubkeep
