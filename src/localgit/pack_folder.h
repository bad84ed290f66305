// The packs of a repository that is being put together, each with its index: what is in them can be read at
// once, which is how a thin pack finds its bases.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "git/pack_index.h"
#include "localgit/thin_pack.h"
#include "pack/base_cache.h"
#include "pack/link_set.h"
#include "pack/object_source.h"
#include "pack/pack_reader.h"

namespace hubkeep {

/// Where a pack and its index lie.
struct PackFiles {
  std::filesystem::path pack;
  std::filesystem::path index;
};

void write_index_file(const PackContent& content, const std::filesystem::path& file);

/// Whether both are there, whole, and belong together: by their checksums. Throws Error(cancelled).
bool are_whole(const PackFiles& files, ObjectFormat format, const std::stop_token& stop);

/// One thread.
class PackFolder final : public ObjectSource {
 public:
  /// `folder` is there.
  PackFolder(std::filesystem::path folder, ObjectFormat format)
      : folder_(std::move(folder)), format_(format) {}

  ObjectFormat format() const { return format_; }
  /// A name in the folder for a pack that is on its way.
  PackFiles new_files() const;

  /// Takes a pack with the index of it as it is. What it lacks it gets from the packs before it, in the files
  /// themselves; then these are in the folder under the names that git gives them, and where they were as
  /// well, as far as the file system can. A pack of nothing is left out. Throws Error: corrupt for what does
  /// not belong together, or lacks a base; cancelled; as file_error() says.
  void add(const PackFiles& files, const std::stop_token& stop);
  /// The same, where somebody knows which bases it lacks.
  void add(const PackFiles& files, const std::vector<Oid>& lacking, const std::stop_token& stop);

  bool contains(const Oid& oid) const override;
  std::optional<GitObject> read(const Oid& oid, const std::stop_token& stop) override;
  /// Tells of every object that is there, of whatever type.
  void close(LinkSet& links) const;

 private:
  struct Pack;

  void take(const PackFiles& files, const Oid& checksum);

  const std::filesystem::path folder_;
  const ObjectFormat format_;
  BaseCache cache_{ByteCount{16} << 20};
  std::vector<std::shared_ptr<Pack>> packs_;  // oldest first
};

}  // namespace hubkeep
