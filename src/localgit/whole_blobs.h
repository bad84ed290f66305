// Reads from packs, in pieces, the blobs that are stored whole (no deltas): libgit2 hands out objects of
// packs in one piece of memory only. Formats: gitformat-pack, .idx version 2 and pack entries.
#pragma once

#include <filesystem>
#include <vector>

#include "base/byte_sink.h"
#include "base/file_descriptor.h"
#include "git/oid.h"

namespace hubkeep {

class WholeBlobs {
 public:
  /// Opens the packs that are there now. SHA-1.
  explicit WholeBlobs(const std::filesystem::path& pack_folder);

  /// Writes the blob's content and returns true; false where no pack has it whole. Throws Error(corrupt), and
  /// what the sink throws.
  bool write(const Oid& oid, ByteSink& sink) const;

 private:
  struct Pack {
    FileDescriptor index;
    FileDescriptor pack;
  };

  std::vector<Pack> packs_;
};

}  // namespace hubkeep
