// Names what a LinkSet can only count: which objects are missing, and who names them. Fingerprints cannot be
// turned back into names, so what names something is read once more; blobs name nothing, and are not.
#pragma once

#include <cstddef>
#include <stop_token>
#include <vector>

#include "git/object_links.h"
#include "pack/link_set.h"
#include "pack/object_source.h"
#include "pack/pack_reader.h"

namespace hubkeep {

struct NamedMissing {
  ObjectLink object;
  Oid named_by;
  ObjectType named_by_type = ObjectType::commit;
};

struct SearchedPack {
  PackReader& reader;
  const std::vector<ObjectType>& types;  // of each object of its index
  ObjectSource& elsewhere;               // has the bases of a thin pack
};

/// Reads in the order of the pack, until `most` are found that `open` holds, and forgets them there. What
/// nobody names but who asked for it, a tip, is not among them. Memory: four bytes for each object that is no
/// blob, and what reading takes. Throws what reading throws, and Error(cancelled).
std::vector<NamedMissing> name_missing(const SearchedPack& pack, LinkSet& open, std::size_t most,
                                       const std::stop_token& stop);

}  // namespace hubkeep
