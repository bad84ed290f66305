// The lock is on the folder itself and ends with the process. Whatever stands under the name and is not this
// user's own folder, closed to others, is left alone: the name can be foreseen, and others may write to /tmp.
#include "restore/work_place.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "base/error.h"
#include "base/file_lock.h"
#include "base/text.h"
#include "crypto/hash.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kDigits = 16;
constexpr mode_t kOwnersAlone = 0700;
constexpr mode_t kOthers = 0077;

std::string digits_of(std::string_view text) {
  return sha256_hex(text).substr(0, kDigits);
}

FileDescriptor open_folder(const fs::path& path) {
  return FileDescriptor(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

bool is_same_file(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

// Nothing where it is not ours, or somebody is at it, or may be.
FileDescriptor take(const fs::path& path) {
  FileDescriptor folder = open_folder(path);
  struct stat status{};
  if (!folder.valid() || ::fstat(folder.get(), &status) != 0) return {};
  if (status.st_uid != ::geteuid() || (status.st_mode & kOthers) != 0) return {};
  if (!are_locks_seen_by_all(folder.get()) || find_holder(folder) != Holder::none) return {};
  // Who held it until now may have removed it since it was opened.
  struct stat there{};
  if (::lstat(path.c_str(), &there) != 0 || !is_same_file(status, there)) return {};
  return folder;
}

void remove_others(const fs::path& parent, const std::string& prefix, const std::string& name) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(parent, error)) {
    const std::string found = entry.path().filename().string();
    if (!found.starts_with(prefix) || found == name) continue;
    const FileDescriptor taken = take(entry.path());
    std::error_code ignored;
    if (taken.valid()) fs::remove_all(entry.path(), ignored);
  }
}

std::string prefix_for(const fs::path& destination) {
  return fmt::format(".hubkeep-restore-{}-", digits_of(destination.string()));
}

// It may be there already.
void make_folder(const fs::path& path) {
  if (::mkdir(path.c_str(), kOwnersAlone) == 0 || errno == EEXIST) return;
  throw Error(ErrorKind::forbidden, fmt::format("cannot make the folder {}: {}", printable(path.string()),
                                                std::generic_category().message(errno)));
}

}  // namespace

WorkPlace::WorkPlace(const fs::path& parent, const fs::path& destination, std::string_view what) {
  const std::string prefix = prefix_for(destination);
  const std::string name = prefix + digits_of(what);
  std::error_code error;
  fs::create_directories(parent, error);
  remove_others(parent, prefix, name);
  path_ = parent / name;
  make_folder(path_);
  lock_ = take(path_);
  if (lock_.valid()) return;
  path_ += "-" + random_hex(8);
  make_folder(path_);
  lock_ = take(path_);  // or not: then nobody can tell, and nobody will look
}

void remove_left_work_places(const fs::path& parent, const fs::path& destination) {
  remove_others(parent, prefix_for(destination), "");
}

WorkPlace::~WorkPlace() {
  std::error_code ignored;
  if (!is_kept_) fs::remove_all(path_, ignored);
}

}  // namespace hubkeep
