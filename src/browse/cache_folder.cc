#include "browse/cache_folder.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <vector>

#include "base/file_descriptor.h"
#include "base/text.h"
#include "crypto/hash.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kHash = 32;
constexpr std::size_t kLargest = std::size_t{256} << 20;  // of a file
constexpr std::string_view kUnfinished = ".unfinished";
constexpr std::size_t kUnfinishedDigits = 16;  // before it

std::string hash_of(std::string_view content) {
  Hasher hasher(HashKind::sha256);
  hasher.write(content);
  return hasher.finish();
}

std::optional<std::string> read_all(int fd, std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t done = 0; done < size;) {
    const ssize_t got = ::read(fd, bytes.data() + done, size - done);
    if (got <= 0) return std::nullopt;
    done += static_cast<std::size_t>(got);
  }
  return bytes;
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(fd, bytes.data(), bytes.size());
    if (put <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

struct CachedFile {
  fs::path path;
  ByteCount size = 0;
  fs::file_time_type used;
};

// A hash before the first dot. The folder may be one that others use as well: theirs are not ours to remove.
bool is_name_of_ours(const std::string& name) {
  const auto digits = name.find_first_not_of("0123456789abcdef");
  const bool is_unfinished = name.ends_with(kUnfinished) && digits == kUnfinishedDigits;
  return is_unfinished || (digits == 2 * kHash && name[digits] == '.');
}

std::vector<CachedFile> files_in(const fs::path& folder) {
  std::vector<CachedFile> files;
  std::error_code error;
  for (fs::directory_iterator each(folder, error), end; !error && each != end; each.increment(error)) {
    std::error_code ignored;
    if (!is_name_of_ours(each->path().filename().string())) continue;
    if (!fs::is_regular_file(each->symlink_status(ignored))) continue;
    const auto size = each->file_size(ignored);
    if (!ignored) files.push_back({each->path(), size, each->last_write_time(ignored)});
  }
  return files;
}

}  // namespace

std::optional<std::string> CacheFolder::find(const std::string& name) {
  if (folder_.empty()) return std::nullopt;
  const FileDescriptor file(::open((folder_ / name).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat state{};
  if (!file.valid() || ::fstat(file.get(), &state) != 0 || !S_ISREG(state.st_mode)) return std::nullopt;
  const auto size = static_cast<std::size_t>(state.st_size);
  if (size < kHash || size > kLargest) return std::nullopt;
  auto bytes = read_all(file.get(), size);
  if (!bytes) return std::nullopt;
  std::string content = bytes->substr(kHash);
  if (hash_of(content) != bytes->substr(0, kHash)) return std::nullopt;
  ::futimens(file.get(), nullptr);  // used now
  return content;
}

bool CacheFolder::has(const std::string& name) const {
  std::error_code ignored;
  return !folder_.empty() && fs::is_regular_file(fs::symlink_status(folder_ / name, ignored));
}

void CacheFolder::keep(const std::string& name, std::string_view content) {
  if (folder_.empty() || content.size() + kHash > std::min<ByteCount>(kLargest, limit_) || !make_folder())
    return;
  make_room(content.size() + kHash);
  const fs::path unfinished = folder_ / (random_hex(kUnfinishedDigits) + std::string(kUnfinished));
  FileDescriptor file(::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.valid()) return;
  std::error_code error;
  if (write_all(file.get(), hash_of(content)) && write_all(file.get(), content))
    fs::rename(unfinished, folder_ / name, error);
  else
    error = std::make_error_code(std::errc::io_error);
  if (error)
    fs::remove(unfinished, error);
  else
    used_ = used_.value_or(0) + content.size() + kHash;
}

void CacheFolder::forget(const std::string& name) {
  std::error_code ignored;
  if (!folder_.empty()) fs::remove(folder_ / name, ignored);
}

bool CacheFolder::make_folder() {
  std::error_code error;
  fs::create_directories(folder_.parent_path(), error);
  ::mkdir(folder_.c_str(), 0700);  // names and content of private repositories
  return fs::is_directory(folder_, error) && !error;
}

void CacheFolder::make_room(ByteCount bytes) {
  if (used_ && *used_ + bytes <= limit_) return;
  std::vector<CachedFile> files = files_in(folder_);
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.used < b.used; });
  ByteCount used = 0;
  for (const CachedFile& file : files) used += file.size;
  if (used + bytes > limit_) {
    for (const CachedFile& file : files) {
      if (used + bytes <= limit_ / 4 * 3) break;  // so that not every file that is kept looks for room
      std::error_code error;
      if (fs::remove(file.path, error)) used -= file.size;
    }
  }
  used_ = used;
}

}  // namespace hubkeep
