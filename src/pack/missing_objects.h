// Names what a LinkSet can only count: which objects are missing, and who names them.
#pragma once

#include <cstddef>
#include <stop_token>
#include <vector>

#include "git/object_links.h"
#include "git/pack_index.h"
#include "pack/link_set.h"
#include "pack/object_source.h"

namespace hubkeep {

struct NamedMissing {
  ObjectLink object;
  Oid named_by;
  ObjectType named_by_type = ObjectType::commit;
};

/// The objects of `entries` are read again, in the order of their pack, until `most` are found that `open`
/// holds, each once. What nobody names but who asked for it, a tip, is not among them. Throws what reading
/// throws, and Error(cancelled).
std::vector<NamedMissing> name_missing(const LinkSet& open, std::vector<PackIndexEntry> entries,
                                       ObjectSource& objects, std::size_t most, const std::stop_token& stop);

}  // namespace hubkeep
