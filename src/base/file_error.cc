#include "base/file_error.h"

#include <fmt/format.h>

#include <cerrno>
#include <system_error>

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

}  // namespace

Error file_error(int error_number, std::string_view action, std::string_view path) {
  const auto [kind, advice] = meaning_of(error_number);
  const std::string reason =
      advice.empty() ? std::generic_category().message(error_number) : std::string(advice);
  return {kind, fmt::format("cannot {} {}: {}", action, printable(path), reason)};
}

}  // namespace hubkeep
