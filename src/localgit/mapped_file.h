// Files that are read: an index as one run of bytes, mapped, and a pack in pieces.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "pack/byte_source.h"

namespace hubkeep {

/// Exactly those bytes of an open file. Throws Error as file_error() says.
std::string read_exactly(int file, ByteCount offset, ByteCount length, const std::string& path);

/// Of a file that nobody cuts short while it is mapped. Throws Error as file_error() says.
class MappedFile {
 public:
  explicit MappedFile(const std::filesystem::path& path);
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  std::string_view bytes() const { return {data_, size_}; }

 private:
  const char* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Thread-safe. The file is open while it is read only: a chain has more packs than a process may open.
class FileSource final : public ByteSource {
 public:
  /// Throws Error as file_error() says.
  explicit FileSource(std::filesystem::path path);
  ByteCount size() const override { return size_; }
  std::string read(ByteCount offset, ByteCount length, const std::stop_token& stop) override;

 private:
  const std::filesystem::path path_;
  const ByteCount size_;
};

}  // namespace hubkeep
