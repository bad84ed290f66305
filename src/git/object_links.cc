// What an object leads to, read as leniently as git reads it: only what git cannot walk either is an error.
// fsck is stricter, and old repositories hold much that it complains about
// (ObjectLinks.OfACommitThatFsckRefusesAreReadAllTheSame).
#include "git/object_links.h"

#include <sys/stat.h>

#include <array>
#include <string>
#include <utility>

#include "base/error.h"

namespace hubkeep {
namespace {

constexpr std::array<std::pair<ObjectType, std::string_view>, 4> kTypes = {{{ObjectType::commit, "commit"},
                                                                            {ObjectType::tree, "tree"},
                                                                            {ObjectType::blob, "blob"},
                                                                            {ObjectType::tag, "tag"}}};

[[noreturn]] void fail(std::string_view what) {
  throw Error(ErrorKind::corrupt, std::string(what));
}

// git, tree-walk.h: canon_mode().
EntryMode canonical(std::uint32_t mode) {
  if (S_ISREG(mode)) return (mode & S_IXUSR) != 0 ? EntryMode::executable : EntryMode::file;
  if (S_ISLNK(mode)) return EntryMode::symbolic_link;
  if (S_ISDIR(mode)) return EntryMode::folder;
  return EntryMode::submodule;
}

// Takes "mode SP" off `rest`. Zeros in front are read, as git reads them.
EntryMode take_mode(std::string_view& rest) {
  std::uint32_t mode = 0;
  std::size_t length = 0;
  for (; length < rest.size() && rest[length] >= '0' && rest[length] <= '7'; ++length)
    mode = mode << 3U | static_cast<std::uint32_t>(rest[length] - '0');
  if (length == 0 || length == rest.size() || rest[length] != ' ') fail("a tree has an entry without a mode");
  rest.remove_prefix(length + 1);
  return canonical(mode);
}

TreeEntry take_entry(std::string_view& rest, ObjectFormat format) {
  TreeEntry entry{.mode = take_mode(rest), .name = {}, .oid = {}};
  const auto end = rest.find('\0');
  if (end == std::string_view::npos || rest.size() - end - 1 < raw_size(format)) fail("a tree is cut short");
  if (end == 0) fail("a tree has an entry without a name");
  entry.name = rest.substr(0, end);
  entry.oid = Oid::from_raw(rest.substr(end + 1), format);
  rest.remove_prefix(end + 1 + raw_size(format));
  return entry;
}

// Takes "key SP oid LF" off `rest`, if that is what it begins with. The line feed may be lost with all that
// followed it.
std::optional<Oid> take_oid_line(std::string_view& rest, std::string_view key, ObjectFormat format) {
  if (!rest.starts_with(key)) return std::nullopt;
  const auto line = rest.substr(0, rest.find('\n'));
  const auto oid = Oid::parse(line.substr(key.size()));
  if (!oid || oid->format() != format) return std::nullopt;
  rest.remove_prefix(std::min(rest.size(), line.size() + 1));
  return oid;
}

void for_each_link_of_commit(std::string_view content, ObjectFormat format,
                             const std::function<void(const ObjectLink&)>& found) {
  const auto tree = take_oid_line(content, "tree ", format);
  if (!tree) fail("a commit does not begin with its tree");
  found({*tree, ObjectType::tree});
  while (content.starts_with("parent ")) {
    const auto parent = take_oid_line(content, "parent ", format);
    if (!parent) fail("a commit has a parent line without an object's name");
    found({*parent, ObjectType::commit});
  }
}

void for_each_link_of_tag(std::string_view content, ObjectFormat format,
                          const std::function<void(const ObjectLink&)>& found) {
  constexpr std::string_view kType = "type ";
  const auto object = take_oid_line(content, "object ", format);
  if (!object || !content.starts_with(kType)) fail("a tag does not begin with its object and its type");
  const auto type = parse_object_type(content.substr(kType.size(), content.find('\n') - kType.size()));
  if (!type) fail("a tag names a type that there is not");
  found({*object, *type});
}

}  // namespace

std::string_view to_string(ObjectType type) {
  for (const auto& [known, name] : kTypes) {
    if (known == type) return name;
  }
  return "object";
}

std::optional<ObjectType> parse_object_type(std::string_view text) {
  for (const auto& [type, name] : kTypes) {
    if (name == text) return type;
  }
  return std::nullopt;
}

void for_each_tree_entry(std::string_view content, ObjectFormat format,
                         const std::function<void(const TreeEntry&)>& found) {
  while (!content.empty()) found(take_entry(content, format));
}

void for_each_link(ObjectType type, std::string_view content, ObjectFormat format,
                   const std::function<void(const ObjectLink&)>& found) {
  switch (type) {
    case ObjectType::commit:
      return for_each_link_of_commit(content, format, found);
    case ObjectType::tag:
      return for_each_link_of_tag(content, format, found);
    case ObjectType::tree:
      return for_each_tree_entry(content, format, [&](const TreeEntry& entry) {
        // A submodule's commit is in another repository.
        if (entry.mode == EntryMode::submodule) return;
        found({entry.oid, entry.mode == EntryMode::folder ? ObjectType::tree : ObjectType::blob});
      });
    case ObjectType::blob:
      return;
  }
}

}  // namespace hubkeep
