// A writer holds its file locked as long as it lives. So a file that can be locked is a dead writer's, and
// goes at once, whatever its age. Over a network a lock may be known on one machine alone: there only the age
// tells, by the clock of the file system. See FolderStoreTest.LeavesWhatAnotherRunWrites and
// LosesNothingWhereOneRunCleansUpWhileAnotherWrites.
#include "store/folder/folder_leftovers.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <functional>
#include <optional>

#include "base/file_descriptor.h"
#include "base/file_error.h"
#include "base/file_lock.h"
#include "store/folder/folder_clock.h"
#include "store/folder/folder_reader.h"
#include "store/folder/folder_root.h"

namespace hubkeep {
namespace {

/// A file that somebody has left, or is about to finish. An invalid `file`: nobody may open it.
struct Found {
  std::string name;
  FileDescriptor file;
  ByteCount size = 0;
  std::time_t modified = 0;
  Holder holder = Holder::unknown;  // keeps it locked while this lives, where there is none
};

void for_each_file(int folder, const std::string& path, const std::function<void(const Found&)>& visit) {
  for (const auto& name : sorted_names(folder, {}, path)) {
    if (name == kLockName || name == kLockFileName || name.ends_with('/')) continue;
    Found found{.name = name,
                .file = FileDescriptor(
                    ::openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC))};
    struct stat status{};
    if (::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) continue;  // finished meanwhile
    found.size = static_cast<ByteCount>(status.st_size);
    found.modified = status.st_mtim.tv_sec;
    if (found.file.valid()) found.holder = find_holder(found.file);
    visit(found);
  }
}

class Cleaner {
 public:
  Cleaner(int folder, const std::string& path, std::chrono::seconds age)
      : folder_(folder), path_(path), age_(age), locks_tell_(are_locks_seen_by_all(folder)) {}

  Leftovers clean() {
    for_each_file(folder_, path_, [this](const Found& found) {
      if (is_dead(found)) return remove(found);
      leave(found);
    });
    return std::move(result_);
  }

 private:
  bool is_dead(const Found& found) {
    if (found.holder == Holder::alive) return false;
    if (found.holder == Holder::none && locks_tell_) return true;
    // At age 0 all of them, even those from a clock that was ahead.
    if (age_.count() == 0) return true;
    if (!now_) now_ = time_in(folder_);
    return now_ && *now_ - found.modified >= age_.count();
  }

  void remove(const Found& found) {
    if (::unlinkat(folder_, found.name.c_str(), 0) == 0) {
      ++result_.removed;
      result_.removed_bytes += found.size;
    } else if (errno != ENOENT) {
      result_.problems.push_back(file_error(errno, "remove", fmt::format("{}/{}", path_, found.name)));
      leave(found);
    }
  }

  void leave(const Found& found) {
    ++result_.left;
    result_.bytes += found.size;
  }

  const int folder_;
  const std::string& path_;
  const std::chrono::seconds age_;
  const bool locks_tell_;
  std::optional<std::time_t> now_;
  Leftovers result_;
};

}  // namespace

Leftovers remove_leftovers(int folder, const std::string& path, std::chrono::seconds age) {
  return Cleaner(folder, path, age).clean();
}

Leftovers count_leftovers(int folder, const std::string& path) {
  Leftovers result;
  for_each_file(folder, path, [&](const Found& found) {
    if (found.holder == Holder::alive) return;
    ++result.left;
    result.bytes += found.size;
  });
  return result;
}

}  // namespace hubkeep
