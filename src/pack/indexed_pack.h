// What is learned of a pack by indexing it, and what that may take.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/byte_count.h"

#include "git/lfs_pointers.h"
#include "git/pack_index.h"
#include "pack/byte_source.h"
#include "pack/link_set.h"

namespace hubkeep {

struct IndexingOptions {
  /// For all that grows: the table of entries (about 80 bytes an object with all that belongs to it), the
  /// caches, links.
  ByteCount memory = ByteCount{96} << 20;
  /// Of the caches alone: contents, and entries as they came.
  ByteCount cache = ByteCount{64} << 20;
  bool collects_links = true;
  /// More than one: deltas are applied on a thread of its own.
  int threads = 2;
  /// Where all that was written so far can be read at once, as in a file: then no delta waits because its
  /// base was forgotten. Another thread reads there.
  ByteSource* written = nullptr;
};

/// What a pack holds.
struct IndexedPack {
  std::vector<PackIndexEntry> entries;  // sorted as write_pack_index() wants them
  std::vector<ObjectType> types;        // of each of them
  Oid checksum;                         // the pack's trailer
  std::vector<Oid> bases_elsewhere;     // of deltas, each once, in the order of the deltas: the pack is thin
  LinkSet links;                        // to what is not in this pack
  LfsPointers lfs_pointers;             // in blobs that came as deltas; the others stand in its summary
  std::vector<std::string> unwalkable;  // "tree <oid>: a tree is cut short": links unknown; the first hundred
};

/// What it took.
struct IndexingCounts {
  std::uint32_t waited = 0;   // deltas whose base was not at hand when they passed
  std::uint32_t remade = 0;   // objects that had to be made again
  ByteCount bytes_again = 0;  // of the pack, read again
  ByteCount most_memory = 0;  // by its own account
};

}  // namespace hubkeep
