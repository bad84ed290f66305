// What stands under a path in a tree.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "git/object_links.h"
#include "pack/pack_chain.h"

namespace hubkeep {

struct NamedEntry {
  EntryMode mode = EntryMode::file;
  std::string name;
  Oid oid;

  friend bool operator==(const NamedEntry&, const NamedEntry&) = default;
};

/// An object that must be there. Throws Error(corrupt) where it is not, or is of another type.
std::string read_object(PackChain& objects, const Oid& oid, ObjectType type, const std::stop_token& stop);

/// In the tree's own order.
std::vector<NamedEntry> read_tree(PackChain& objects, const Oid& tree, const std::stop_token& stop);

/// "a/b/", "/a//b" and "./a/b" all mean a, then b. Nothing where there is none; of an empty path, the tree.
std::optional<NamedEntry> find_path(PackChain& objects, const Oid& tree, std::string_view path,
                                    const std::stop_token& stop);

}  // namespace hubkeep
