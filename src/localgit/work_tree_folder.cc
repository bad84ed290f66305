// Every step is openat() without following links, from a folder that is held open: a tree may name a symbolic
// link and then a file below it, which must not be written where the link leads. The folder of the last file
// stays open, since the next one is mostly beside it.
#include "localgit/work_tree_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "base/error.h"
#include "base/file_system.h"
#include "base/file_system_lacks.h"

namespace hubkeep {
namespace {

constexpr std::size_t kReadAtOnce = std::size_t{64} << 10;
// A new file until it is whole: in .git, where a kill leaves nothing that anybody takes for a file of the
// work tree. The next one takes its place.
constexpr const char* kNewFile = "hubkeep-lfs-file";

bool is_of_disk(int error_number) {
  return error_number == ENOSPC || error_number == EDQUOT || error_number == EIO || error_number == EROFS;
}

bool write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

class FunctionSink final : public ByteSink {
 public:
  explicit FunctionSink(std::function<void(std::string_view)> function) : function_(std::move(function)) {}
  void write(std::string_view bytes) override { function_(bytes); }

 private:
  std::function<void(std::string_view)> function_;
};

FileDescriptor step(int folder, const std::string& name) {
  return FileDescriptor(::openat(folder, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

}  // namespace

WorkTreeFolder::WorkTreeFolder(const std::filesystem::path& root)
    : path_(root), root_(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  check(root_.valid());
  current_ = step(root_.get(), ".");
  check(current_.valid());
}

void WorkTreeFolder::check(bool succeeded) {
  if (succeeded) return;
  const int failure = errno;
  disk_failed_ = is_of_disk(failure);
  throw Error(ErrorKind::internal, std::generic_category().message(failure));
}

void WorkTreeFolder::descend(std::string_view folder) {
  while (!folder.empty()) {
    const std::string name(folder.substr(0, folder.find('/')));
    FileDescriptor next = step(current_.get(), name);
    if (!next.valid() && errno == ENOENT) {
      check(::mkdirat(current_.get(), name.c_str(), 0777) == 0);
      next = step(current_.get(), name);
    }
    check(next.valid());
    current_ = std::move(next);
    current_path_.append(name) += '/';
    folder.remove_prefix(name.size() + 1);
  }
}

// Paths come sorted, so most are in the folder where the last one was, or below it.
void WorkTreeFolder::leave_unless_above(std::string_view folder) {
  if (folder.starts_with(current_path_)) return;
  current_ = step(root_.get(), ".");
  check(current_.valid());
  current_path_.clear();
}

std::string WorkTreeFolder::enter_folder_of(const std::string& path) {
  const std::string_view folder = std::string_view(path).substr(0, path.rfind('/') + 1);
  leave_unless_above(folder);
  descend(folder.substr(current_path_.size()));
  return path.substr(folder.size());
}

std::optional<std::string> WorkTreeFolder::find_folder_of(const std::string& path) {
  const std::string_view folder = std::string_view(path).substr(0, path.rfind('/') + 1);
  leave_unless_above(folder);
  while (current_path_.size() < folder.size()) {
    const std::string_view rest = folder.substr(current_path_.size());
    const std::string name(rest.substr(0, rest.find('/')));
    FileDescriptor next = step(current_.get(), name);
    if (!next.valid()) return std::nullopt;
    current_ = std::move(next);
    current_path_.append(name) += '/';
  }
  return path.substr(folder.size());
}

// O_NONBLOCK: what stands there may be anything by now, and no pipe is waited for.
FileDescriptor WorkTreeFolder::open_file(const std::string& path) {
  const auto name = find_folder_of(path);
  if (!name) return {};
  FileDescriptor file(
      ::openat(current_.get(), name->c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct ::stat status{};
  if (!file.valid() || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
  return file;
}

FileFacts WorkTreeFolder::write_file(const std::string& path, bool executable,
                                     const std::function<void(ByteSink&)>& fill) {
  const std::string name = enter_folder_of(path);
  // O_EXCL: on a file system that folds case, two names of a tree may be one file, and the second must not
  // overwrite the first.
  const FileDescriptor file(::openat(current_.get(), name.c_str(),
                                     O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                                     executable ? 0777 : 0666));
  check(file.valid());
  try {
    FunctionSink sink([&](std::string_view bytes) { check(write_all(file.get(), bytes)); });
    fill(sink);
    struct ::stat status{};
    check(::fstat(file.get(), &status) == 0);
    return facts_of(status);
  } catch (...) {
    // Half a file would look like a whole one.
    ::unlinkat(current_.get(), name.c_str(), 0);
    throw;
  }
}

FileFacts WorkTreeFolder::write_link(const std::string& path, const std::string& target) {
  const std::string name = enter_folder_of(path);
  const bool is_made = ::symlinkat(target.c_str(), current_.get(), name.c_str()) == 0;
  if (!is_made && is_lacking(FileCall::symbolic_link, errno))
    throw Error(ErrorKind::internal, describe_file_system(path_.string()) + " makes no symbolic links");
  check(is_made);
  struct ::stat status{};
  check(::fstatat(current_.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0);
  return facts_of(status);
}

FileFacts WorkTreeFolder::make_folder(const std::string& path) {
  enter_folder_of(path + "/");
  struct ::stat status{};
  check(::fstat(current_.get(), &status) == 0);
  return facts_of(status);
}

std::optional<FileFacts> WorkTreeFolder::look_at(const std::string& path) {
  const auto name = find_folder_of(path);
  struct ::stat status{};
  if (!name || ::fstatat(current_.get(), name->c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return {};
  if (!S_ISREG(status.st_mode)) return {};
  return facts_of(status);
}

bool WorkTreeFolder::read_file(const std::string& path, ByteSink& sink) {
  const FileDescriptor file = open_file(path);
  if (!file.valid()) return false;
  std::string buffer(kReadAtOnce, '\0');
  while (true) {
    const auto got = ::read(file.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    check(got >= 0);
    if (got == 0) return true;
    sink.write(std::string_view(buffer).substr(0, static_cast<std::size_t>(got)));
  }
}

FileFacts WorkTreeFolder::replace_file(const std::string& path, const std::function<void(ByteSink&)>& fill) {
  struct ::stat before{};
  {
    const FileDescriptor file = open_file(path);
    if (!file.valid()) throw Error(ErrorKind::internal, "it is no file any more");
    check(::fstat(file.get(), &before) == 0);
  }
  const std::string name = path.substr(path.rfind('/') + 1);
  const FileDescriptor place = step(root_.get(), ".git");
  check(place.valid());
  ::unlinkat(place.get(), kNewFile, 0);
  const FileDescriptor file(::openat(
      place.get(), kNewFile, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, before.st_mode & 0777U));
  check(file.valid());
  try {
    ::fchmod(file.get(),
             before.st_mode & 0777U);  // whatever the umask is now; not all file systems have modes
    FunctionSink sink([&](std::string_view bytes) { check(write_all(file.get(), bytes)); });
    fill(sink);
    struct ::timespec now{};
    check(::clock_gettime(CLOCK_REALTIME, &now) == 0);
    const std::array<struct ::timespec, 2> times = {now, {.tv_sec = now.tv_sec - 2, .tv_nsec = now.tv_nsec}};
    check(::futimens(file.get(), times.data()) == 0);
    check(::renameat(place.get(), kNewFile, current_.get(), name.c_str()) == 0);
    struct ::stat status{};
    check(::fstat(file.get(), &status) == 0);
    return facts_of(status);
  } catch (...) {
    ::unlinkat(place.get(), kNewFile, 0);
    throw;
  }
}

}  // namespace hubkeep
