#include "browse/tree_path.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"

namespace hubkeep {
namespace {

std::optional<GitObject> read_any(PackChain& objects, const Oid& oid, const std::stop_token& stop) {
  try {
    return objects.read(oid, stop);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::invalid) throw;
    throw Error(ErrorKind::invalid, error.message() + ": give it more with --memory");
  }
}

}  // namespace

std::string read_object(PackChain& objects, const Oid& oid, ObjectType type, const std::stop_token& stop) {
  auto object = read_any(objects, oid, stop);
  if (!object)
    throw Error(ErrorKind::corrupt,
                fmt::format("the {} {} is not in the snapshot", to_string(type), oid.hex()));
  if (object->type != type)
    throw Error(ErrorKind::corrupt, fmt::format("{} is a {} where a {} is named", oid.hex(),
                                                to_string(object->type), to_string(type)));
  return std::move(object->content);
}

std::vector<NamedEntry> read_tree(PackChain& objects, const Oid& tree, const std::stop_token& stop) {
  std::vector<NamedEntry> entries;
  const std::string content = read_object(objects, tree, ObjectType::tree, stop);
  with_context(fmt::format("tree {}", tree.hex()), [&] {
    for_each_tree_entry(content, objects.format(), [&](const TreeEntry& entry) {
      entries.push_back({entry.mode, std::string(entry.name), entry.oid});
    });
  });
  return entries;
}

std::optional<NamedEntry> find_path(PackChain& objects, const Oid& tree, std::string_view path,
                                    const std::stop_token& stop) {
  NamedEntry at{.mode = EntryMode::folder, .name = {}, .oid = tree};
  for (const std::string_view name : split(path, '/')) {
    if (name.empty() || name == ".") continue;
    if (at.mode != EntryMode::folder) return std::nullopt;
    const auto entries = read_tree(objects, at.oid, stop);
    const auto found = std::find_if(entries.begin(), entries.end(),
                                    [&](const NamedEntry& entry) { return entry.name == name; });
    if (found == entries.end()) return std::nullopt;
    at = *found;
  }
  return at;
}

}  // namespace hubkeep
