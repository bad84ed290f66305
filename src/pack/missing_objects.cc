#include "pack/missing_objects.h"

#include <algorithm>
#include <functional>
#include <unordered_set>
#include <utility>

#include "base/error.h"

namespace hubkeep {
namespace {

// What a tree lacks that git cannot walk either is not known.
void for_each_readable_link(const GitObject& object, ObjectFormat format,
                            const std::function<void(const ObjectLink&)>& found) {
  try {
    for_each_link(object.type, object.content, format, found);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::corrupt) throw;
  }
}

}  // namespace

std::vector<NamedMissing> name_missing(const LinkSet& open, std::vector<PackIndexEntry> entries,
                                       ObjectSource& objects, std::size_t most, const std::stop_token& stop) {
  std::sort(entries.begin(), entries.end(),
            [](const PackIndexEntry& a, const PackIndexEntry& b) { return a.offset < b.offset; });
  std::vector<NamedMissing> missing;
  std::unordered_set<Oid> seen;
  for (const PackIndexEntry& entry : entries) {
    if (missing.size() >= most || missing.size() >= open.open()) break;
    if (stop.stop_requested()) throw Error(ErrorKind::cancelled, "stopped");
    const auto object = objects.read(entry.oid, stop);
    if (!object) continue;
    for_each_readable_link(*object, entry.oid.format(), [&](const ObjectLink& link) {
      if (missing.size() < most && open.contains(link) && seen.insert(link.oid).second)
        missing.push_back({link, entry.oid, object->type});
    });
  }
  return missing;
}

}  // namespace hubkeep
