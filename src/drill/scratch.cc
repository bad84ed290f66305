#include "drill/scratch.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <vector>

#include "base/error.h"
#include "base/file_lock.h"
#include "base/file_mode.h"
#include "base/text.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kLock = "hubkeep-drill.lock";

fs::path folder_of(const fs::path& lock) {
  return fs::path(lock).replace_extension();
}

// In /tmp others may make files, too: theirs are not ours to judge.
bool is_mine(const FileDescriptor& file) {
  struct stat status{};
  return ::fstat(file.get(), &status) == 0 && S_ISREG(status.st_mode) && status.st_uid == ::geteuid();
}

void remove_both(const fs::path& lock) {
  std::error_code ignored;
  fs::remove_all(folder_of(lock), ignored);
  fs::remove(lock, ignored);
}

void remove_leftovers(const fs::path& parent) {
  std::error_code ignored;
  std::vector<fs::path> locks;
  for (const auto& entry : fs::directory_iterator(parent, ignored))
    if (entry.path().filename().string().ends_with("-" + std::string(kLock))) locks.push_back(entry.path());
  for (const fs::path& path : locks) {
    const FileDescriptor lock(::open(path.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (lock.valid() && is_mine(lock) && find_holder(lock) == Holder::none) remove_both(path);
  }
}

}  // namespace

DrillScratch::DrillScratch(const fs::path& parent) {
  std::error_code error;
  fs::create_directories(parent, error);
  const FileDescriptor folder(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  std::string name(kLock);
  if (folder.valid()) {
    if (are_locks_seen_by_all(folder.get())) remove_leftovers(parent);
    lock_ = make_locked_file(folder.get(), name);
  }
  if (!lock_.valid())
    throw Error(ErrorKind::forbidden, fmt::format("cannot restore into {}: {}", printable(parent.string()),
                                                  std::generic_category().message(errno)));
  lock_path_ = parent / name;
  path_ = folder_of(lock_path_);
  // The lock shows others what it will be called: in /tmp one of them may have been quicker.
  if (!fs::create_directory(path_, error) && !error) error = std::make_error_code(std::errc::file_exists);
  if (!error) set_mode(path_, fs::perms::owner_all, fs::perm_options::replace, error);
  if (!error) return;
  std::error_code ignored;
  fs::remove(lock_path_, ignored);
  throw Error(ErrorKind::forbidden,
              fmt::format("cannot make the folder {}: {}", printable(path_.string()), error.message()));
}

DrillScratch::~DrillScratch() {
  remove_both(lock_path_);
}

}  // namespace hubkeep
