// An object is a regular file under a valid key. Anything else in its place (a link, a pipe, a device, a
// folder) is an obstacle: not opened, not followed, not listed, but named where somebody asks. See
// FolderStoreTest.FindsNoObjectInAnythingThatIsNoFile and BoundsOfVault.ANamedPipeInTheFolderHoldsNothingUp.
#include "store/folder/folder_reader.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <vector>

#include "base/error.h"
#include "base/file_error.h"
#include "base/text.h"
#include "store/object_key.h"

namespace hubkeep {
namespace {

constexpr std::size_t kReadSize = std::size_t{256} << 10;

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};
using FolderStream = std::unique_ptr<DIR, CloseFolder>;

FolderStream open_stream(int folder, std::string_view path) {
  FileDescriptor copy(::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  FolderStream stream(copy.valid() ? ::fdopendir(copy.get()) : nullptr);
  if (!stream) throw file_error(errno, "list the folder", path);
  copy.release();
  return stream;
}

// Some file systems do not tell the type in the folder: DT_UNKNOWN.
unsigned char type_of(int folder, const dirent& entry) {
  if (entry.d_type != DT_UNKNOWN) return entry.d_type;
  struct stat status{};
  if (::fstatat(folder, entry.d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) return DT_UNKNOWN;
  return static_cast<unsigned char>(IFTODT(status.st_mode));
}

// Empty for a file.
std::string_view name_of_obstacle(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG:
      return {};
    case S_IFDIR:
      return "a folder";
    case S_IFLNK:
      return "a symbolic link";
    case S_IFIFO:
      return "a named pipe";
    case S_IFSOCK:
      return "a socket";
    default:
      return "a device";
  }
}

struct Entry {
  std::string name;
  unsigned char type = DT_UNKNOWN;
};

// Those whose keys are valid, in any order.
std::vector<Entry> entries_of(int folder, std::string_view prefix, std::string_view path) {
  const FolderStream stream = open_stream(folder, path);
  std::vector<Entry> entries;
  errno = 0;
  while (const dirent* entry = ::readdir(stream.get())) {
    const auto type = type_of(folder, *entry);
    errno = 0;
    if (is_valid_key(std::string(prefix) + entry->d_name)) entries.push_back({entry->d_name, type});
  }
  if (errno != 0) throw file_error(errno, "list the folder", path);
  return entries;
}

Error too_short(std::string_view path, ByteCount end) {
  return {ErrorKind::corrupt, printable(path) + " is too short: it ends before byte " + std::to_string(end)};
}

}  // namespace

std::string_view obstacle_at(int folder, const std::string& name) {
  struct stat status{};
  if (::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return {};
  return name_of_obstacle(status.st_mode);
}

FileDescriptor open_object(int folder, const std::string& name, std::string_view path) {
  // Looked at first: to open a device can have an effect of its own.
  if (!obstacle_at(folder, name).empty()) return {};
  // What was put in its place since is still not followed, and without O_NONBLOCK a named pipe would block
  // us.
  FileDescriptor file(::openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file.valid()) {
    if (errno == ENOENT || errno == ELOOP || errno == ENXIO) return {};
    throw file_error(errno, "read", path);
  }
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) throw file_error(errno, "read", path);
  return S_ISREG(status.st_mode) ? std::move(file) : FileDescriptor();
}

std::optional<ObjectInfo> object_info(int folder, const std::string& name, const ObjectKey& key) {
  struct stat status{};
  if (::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(status.st_mode)) {
    return std::nullopt;
  }
  return ObjectInfo{.key = key,
                    .size = static_cast<ByteCount>(status.st_size),
                    .modified = UtcTime(std::chrono::seconds(status.st_mtim.tv_sec))};
}

void read_range(int file, const ByteRange& range, ByteSink& sink, std::string_view path,
                const std::stop_token& stop) {
  struct stat status{};
  if (::fstat(file, &status) != 0) throw file_error(errno, "read", path);
  const auto size = static_cast<ByteCount>(status.st_size);
  if (range.offset > size) throw too_short(path, range.offset);
  const ByteCount length = range.length.value_or(size - range.offset);
  if (length > size - range.offset) throw too_short(path, range.offset + length);
  ::posix_fadvise(file, static_cast<off_t>(range.offset), static_cast<off_t>(length), POSIX_FADV_SEQUENTIAL);
  std::vector<char> buffer(static_cast<std::size_t>(std::min<ByteCount>(kReadSize, length)));
  for (ByteCount done = 0; done < length;) {
    if (stop.stop_requested()) throw Error(ErrorKind::cancelled, "stopped while reading " + printable(path));
    const auto wanted = static_cast<std::size_t>(std::min<ByteCount>(buffer.size(), length - done));
    const auto count = ::pread(file, buffer.data(), wanted, static_cast<off_t>(range.offset + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw file_error(errno, "read", path);
    // The file has shrunk since its size was read.
    if (count == 0) throw too_short(path, range.offset + length);
    sink.write({buffer.data(), static_cast<std::size_t>(count)});
    done += static_cast<ByteCount>(count);
  }
}

std::vector<std::string> sorted_names(int folder, std::string_view prefix, std::string_view path) {
  std::vector<std::string> names;
  for (Entry& entry : entries_of(folder, prefix, path)) {
    // "a.b" stands before "a/b": a folder sorts as if the '/' of its keys belonged to its name.
    if (entry.type == DT_DIR) entry.name += '/';
    if (entry.type == DT_REG || entry.type == DT_DIR) names.push_back(std::move(entry.name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> obstacle_names(int folder, std::string_view prefix, std::string_view path) {
  std::vector<std::string> names;
  for (Entry& entry : entries_of(folder, prefix, path))
    if (entry.type != DT_REG && entry.type != DT_DIR) names.push_back(std::move(entry.name));
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace hubkeep
