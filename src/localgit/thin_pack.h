// Packs that rest on others, and how they are completed: byte for byte as `git index-pack --fix-thin` does.
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "git/pack_index.h"
#include "pack/byte_source.h"
#include "pack/object_source.h"

namespace hubkeep {

/// The bases of deltas in the pack that its index does not have, each once, in the order of the deltas. Reads
/// the headers of the entries, and inflates nothing. Throws Error: corrupt, cancelled, what the source
/// throws.
std::vector<Oid> bases_elsewhere(const PackIndex& index, ByteSource& pack, const std::stop_token& stop);

/// What a pack holds.
struct PackContent {
  std::vector<PackIndexEntry> entries;  // sorted as write_pack_index() wants them
  Oid checksum;                         // the pack's trailer
};

/// Appends `bases`, which `elsewhere` has, to the pack in the file, and says what it holds then. Throws
/// Error: corrupt for one that is nowhere, what `elsewhere` throws, as file_error() says.
PackContent complete_thin_pack(const std::filesystem::path& file, PackContent content,
                               const std::vector<Oid>& bases, ObjectSource& elsewhere,
                               const std::stop_token& stop);

/// What a pack's trailer is to be: the hash of the `size` bytes before it.
std::string hash_of_pack(ByteSource& pack, ByteCount size, ObjectFormat format, const std::stop_token& stop);

}  // namespace hubkeep
