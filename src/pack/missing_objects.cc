#include "pack/missing_objects.h"

#include <algorithm>
#include <cstdint>
#include <functional>

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

std::vector<std::uint32_t> places_but_of_blobs(const SearchedPack& pack) {
  const PackIndex& index = pack.reader.index();
  std::vector<std::uint32_t> places;
  for (std::uint32_t place = 0; place < index.size(); ++place)
    if (pack.types[place] != ObjectType::blob) places.push_back(place);
  std::sort(places.begin(), places.end(),
            [&](std::uint32_t a, std::uint32_t b) { return index.offset(a) < index.offset(b); });
  return places;
}

}  // namespace

std::vector<NamedMissing> name_missing(const SearchedPack& pack, LinkSet& open, std::size_t most,
                                       const std::stop_token& stop) {
  std::vector<NamedMissing> missing;
  if (open.open() == 0) return missing;
  for (const std::uint32_t place : places_but_of_blobs(pack)) {
    if (missing.size() >= most || open.open() == 0) break;
    if (stop.stop_requested()) throw Error(ErrorKind::cancelled, "stopped");
    const Oid oid = pack.reader.index().oid(place);
    const auto object = pack.reader.read(oid, pack.elsewhere, stop);
    for_each_readable_link(*object, oid.format(), [&](const ObjectLink& link) {
      if (missing.size() >= most || !open.contains(link)) return;
      open.found(link.oid, link.type);
      missing.push_back({link, oid, object->type});
    });
  }
  return missing;
}

}  // namespace hubkeep
