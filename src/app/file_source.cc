// Settings files are read to a limit, whatever they are. A pipe or device that the user has named is read;
// one that merely lies where a file was looked for is not opened, since to open a pipe could wait forever
// (SettingsFile.ThatTheUserDidNotNameIsNeverAPipe).
#include "app/file_source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <vector>

#include "base/error.h"
#include "base/file_descriptor.h"
#include "base/text.h"

namespace hubkeep {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& path, int error_number) {
  throw Error(ErrorKind::forbidden, fmt::format("cannot read {}: {}", printable(path.string()),
                                                std::generic_category().message(error_number)));
}

std::string name_of(mode_t mode) {
  if (S_ISFIFO(mode)) return "a named pipe";
  return S_ISSOCK(mode) ? "a socket" : "a device";
}

// With an access list, the group's bits say what the list gives at most: to a service's user, for one, that
// systemd hands a secret to.
bool may_be_read_by_others(const FileDescriptor& file, mode_t mode) {
  if (!S_ISREG(mode)) return false;
  const bool has_list = ::fgetxattr(file.get(), "system.posix_acl_access", nullptr, 0) > 0;
  return (mode & S_IROTH) != 0 || ((mode & S_IRGRP) != 0 && !has_list);
}

std::string read_all(const FileDescriptor& file, const std::filesystem::path& path, ByteCount limit) {
  std::string text;
  std::vector<char> buffer(std::size_t{64} << 10);
  for (;;) {
    const auto count = ::read(file.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) refuse(path, errno);
    if (count == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(count));
    if (text.size() > limit)
      throw Error(ErrorKind::invalid,
                  fmt::format("{} is larger than {} MiB", printable(path.string()), limit >> 20U));
  }
}

}  // namespace

FileText read_settings_file(const std::filesystem::path& path, NamedBy named_by, ByteCount limit) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return {};
    refuse(path, errno);
  }
  if (S_ISDIR(status.st_mode)) return {.state = FileText::State::folder};
  // Looked at first: to open a device can have an effect of its own.
  const bool only_files = named_by == NamedBy::folder;
  if (only_files && !S_ISREG(status.st_mode))
    return {.state = FileText::State::special, .what = name_of(status.st_mode)};
  // What was put in its place since must not block either.
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | (only_files ? O_NONBLOCK : 0)));
  if (!file.valid() || ::fstat(file.get(), &status) != 0) refuse(path, errno);
  if (only_files && !S_ISREG(status.st_mode))
    return {.state = FileText::State::special, .what = name_of(status.st_mode)};
  return {.state = FileText::State::found,
          .text = read_all(file, path, limit),
          .others_may_read = may_be_read_by_others(file, status.st_mode)};
}

}  // namespace hubkeep
