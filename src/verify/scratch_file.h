// A file that nobody else sees: it has no name, so it is gone with the process, however that ends. On a file
// system where an open file keeps its name, it is gone when it was not the end of the process.
#pragma once

#include <filesystem>
#include <string>

#include "base/byte_sink.h"
#include "base/file_descriptor.h"
#include "pack/byte_source.h"

namespace hubkeep {

/// Written first, then read. One thread.
class ScratchFile final : public ByteSink, public ByteSource {
 public:
  /// In `folder`, which is made where it is missing. Throws Error: forbidden, internal.
  explicit ScratchFile(const std::filesystem::path& folder);
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;
  ~ScratchFile() override;

  /// Throws Error(internal) where the disk is full.
  void write(std::string_view bytes) override;
  ByteCount size() const override { return size_; }
  std::string read(ByteCount offset, ByteCount length, const std::stop_token& stop) override;

 private:
  const std::string folder_;
  std::string name_;  // empty: it has none
  FileDescriptor file_;
  ByteCount size_ = 0;
};

}  // namespace hubkeep
