#include "localgit/mapped_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <span>

#include "base/error.h"
#include "base/file_descriptor.h"
#include "base/file_error.h"
#include "base/file_system_lacks.h"
#include "base/text.h"

namespace hubkeep {
namespace {

FileDescriptor open_to_read(const std::filesystem::path& path) {
  FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) throw file_error(errno, "read", path.string());
  return file;
}

std::size_t size_of(const FileDescriptor& file, const std::filesystem::path& path) {
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) throw file_error(errno, "read", path.string());
  return static_cast<std::size_t>(status.st_size);
}

void read_into(int file, ByteCount offset, std::span<char> bytes, const std::string& path) {
  for (std::size_t got = 0; got < bytes.size();) {
    const auto read = ::pread(file, bytes.data() + got, bytes.size() - got, static_cast<off_t>(offset + got));
    if (read < 0 && errno == EINTR) continue;
    if (read <= 0) throw file_error(read < 0 ? errno : EIO, "read", path);
    got += static_cast<std::size_t>(read);
  }
}

// A shared mapping needs more of a file system than a private one, and neither may be possible there: then
// the bytes are read. MAP_FAILED, and errno, for anything else.
void* map_file(int file, std::size_t size, const std::string& path) {
  for (const int sharing : {MAP_SHARED, MAP_PRIVATE}) {
    void* const mapped = ::mmap(nullptr, size, PROT_READ, sharing, file, 0);
    if (mapped != MAP_FAILED || !is_lacking(FileCall::map, errno)) return mapped;
  }
  void* const memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return memory;
  try {
    read_into(file, 0, {static_cast<char*>(memory), size}, path);
  } catch (const Error&) {
    ::munmap(memory, size);
    throw;
  }
  return memory;
}

}  // namespace

std::string read_exactly(int file, ByteCount offset, ByteCount length, const std::string& path) {
  std::string bytes(length, '\0');
  read_into(file, offset, bytes, path);
  return bytes;
}

MappedFile::MappedFile(const std::filesystem::path& path) {
  const FileDescriptor file = open_to_read(path);
  size_ = size_of(file, path);
  if (size_ == 0) return;  // which cannot be mapped
  void* const mapped = map_file(file.get(), size_, path.string());
  if (mapped == MAP_FAILED) throw file_error(errno, "read", path.string());
  data_ = static_cast<const char*>(mapped);
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<char*>(data_), size_);
}

FileSource::FileSource(std::filesystem::path path)
    : path_(std::move(path)), size_(size_of(open_to_read(path_), path_)) {}

std::string FileSource::read(ByteCount offset, ByteCount length, const std::stop_token& stop) {
  if (stop.stop_requested()) throw Error(ErrorKind::cancelled, "stopped while reading a pack");
  if (offset > size_ || length > size_ - offset)
    throw Error(ErrorKind::corrupt,
                fmt::format("{} ends before byte {}", printable(path_.string()), offset + length));
  const FileDescriptor file = open_to_read(path_);
  return read_exactly(file.get(), offset, length, path_.string());
}

}  // namespace hubkeep
