// What an object of git links to (gitformat-pack has the objects, their content is described in git's
// Documentation/user-manual): "tree", "parent" and "object" header lines of commits and tags, the entries of
// trees. As lenient as git is when it walks: what `git fsck` only complains about is read.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "git/oid.h"

namespace hubkeep {

enum class ObjectType : std::uint8_t { commit = 1, tree = 2, blob = 3, tag = 4 };  // as packs number them

/// "commit", "tree", "blob", "tag", as git spells them.
std::string_view to_string(ObjectType type);
std::optional<ObjectType> parse_object_type(std::string_view text);

/// An object that must be there, and what the one that names it says that it is.
struct ObjectLink {
  Oid oid;
  ObjectType type = ObjectType::commit;
};

enum class EntryMode : std::uint32_t {
  folder = 0040000,
  file = 0100644,
  executable = 0100755,
  symbolic_link = 0120000,
  submodule = 0160000,
};

struct TreeEntry {
  EntryMode mode = EntryMode::file;  // as git reads it: 100664 is a file, what is nothing else a submodule
  std::string_view name;             // any bytes but NUL
  Oid oid;
};

/// Valid for the call only. Throws Error(corrupt) for a tree that git cannot walk either.
void for_each_tree_entry(std::string_view content, ObjectFormat format,
                         const std::function<void(const TreeEntry&)>& found);

/// In the order in which the object names them. Submodules are no links: their commits are in another
/// repository. Throws Error(corrupt) for an object that git cannot walk either.
void for_each_link(ObjectType type, std::string_view content, ObjectFormat format,
                   const std::function<void(const ObjectLink&)>& found);

}  // namespace hubkeep
