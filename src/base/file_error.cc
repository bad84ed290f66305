#include "base/file_error.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <system_error>

#include "base/file_descriptor.h"
#include "base/file_system.h"
#include "base/text.h"

namespace hubkeep {
namespace {

struct Meaning {
  ErrorKind kind;
  std::string_view advice;  // stands instead of the system's words; empty: those
};

Meaning meaning_of(int error_number) {
  switch (error_number) {
    case ENOENT:
      return {ErrorKind::not_found, "it does not exist"};
    case EACCES:
    case EPERM:
      return {ErrorKind::forbidden, "permission denied"};
    case EROFS:
      return {ErrorKind::forbidden, "the file system is read-only"};
    case ENOSPC:
      return {ErrorKind::internal, "no space left: free some or choose another folder"};
    case EDQUOT:
      return {ErrorKind::internal, "no space left in your quota: free some or choose another folder"};
    case EFBIG:
      return {ErrorKind::internal, "no space left for a file of this size: choose another folder"};
    case ENOTDIR:
      return {ErrorKind::invalid, "something that is not a folder is in the way"};
    case EEXIST:
      return {ErrorKind::invalid, "something is in the way"};
    case EISDIR:
      return {ErrorKind::invalid, "a folder is in the way: move it elsewhere"};
    case ELOOP:
      return {ErrorKind::invalid, "a symbolic link is in the way"};
    case ENAMETOOLONG:
      return {ErrorKind::invalid, "the file system does not take names this long"};
    case EIO:
      return {ErrorKind::internal, "the device reports an error"};
    default:
      return {ErrorKind::internal, {}};
  }
}

// What a file system says that does not know a call. Whose fault it is shows in its name.
bool may_be_the_file_systems(int error_number) {
  return error_number == EINVAL || error_number == ENOSYS || error_number == EOPNOTSUPP ||
         error_number == ENOTTY || error_number == ENOLCK || error_number == ENODEV;
}

// On a disk of this machine it is what it says. See docs/file-systems.md.
bool is_on_a_disk_here(std::string_view path) {
  std::string there(path);
  for (;; there.resize(there.rfind('/'))) {
    const FileDescriptor place(::open(there.empty() ? "/" : there.c_str(), O_PATH | O_CLOEXEC));
    if (place.valid()) return lock_reach(place.get()) == LockReach::here;
    if (there.rfind('/') == std::string::npos) return true;
  }
}

std::string reason_of(int error_number, std::string_view advice, std::string_view path) {
  const std::string words = std::generic_category().message(error_number);
  if (may_be_the_file_systems(error_number))
    return fmt::format("{} cannot do that: {}", describe_file_system(std::string(path)), words);
  if (error_number == EPERM && !is_on_a_disk_here(path))
    return fmt::format("{} refuses it: {}", describe_file_system(std::string(path)), words);
  return advice.empty() ? words : std::string(advice);
}

}  // namespace

Error file_error(int error_number, std::string_view action, std::string_view path) {
  const auto [kind, advice] = meaning_of(error_number);
  return {kind,
          fmt::format("cannot {} {}: {}", action, printable(path), reason_of(error_number, advice, path))};
}

}  // namespace hubkeep
