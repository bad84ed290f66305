// EPERM says both: that it is somebody else's, and that there are no modes. Of one's own it can only be the
// latter.
#include "base/file_mode.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/file_system_lacks.h"

namespace hubkeep {
namespace {

bool is_own(const std::filesystem::path& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 && (::geteuid() == 0 || status.st_uid == ::geteuid());
}

}  // namespace

void set_mode(const std::filesystem::path& path, std::filesystem::perms mode,
              std::filesystem::perm_options options, std::error_code& error) {
  std::filesystem::permissions(path, mode, options, error);
  if (is_lacking(FileCall::set_mode, error.value()) && is_own(path)) error.clear();
}

bool is_open_to_others(const std::filesystem::path& path) {
  constexpr mode_t kOthers = 0077;
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 && (status.st_mode & kOthers) != 0;
}

}  // namespace hubkeep
