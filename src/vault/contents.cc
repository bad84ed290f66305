#include "vault/contents.h"

#include <map>

#include "vault/key_kind.h"

namespace hubkeep {
namespace {

// What a later version keeps in a form that is not known counts as well.
bool counts(std::string_view key) {
  const auto kind = kind_of(key);
  return !kind || *kind == KeyKind::other || is_content(*kind);
}

}  // namespace

Contents contents_of(const Parts& parts, const std::string& folder, const ListReader& read_list) {
  Contents contents;
  std::map<ObjectKey, ByteCount> sizes;
  for (const auto& [name, part] : parts) {
    std::map<ObjectKey, ByteCount> of_part;
    const auto add = [&](const ObjectRecord& record) {
      of_part.emplace(resolve_key(folder, record.key), record.size);
    };
    visit_named_objects(part, add);
    sizes.merge(of_part);
    if (!read_list) continue;
    try {
      visit_objects(part, read_list, add);
      sizes.merge(of_part);  // after an Error, what came before it may be anything
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::corrupt && error.kind() != ErrorKind::not_found &&
          error.kind() != ErrorKind::cold)
        throw;
      contents.problem = error;
    }
  }
  contents.objects = sizes.size();
  for (const auto& [key, size] : sizes)
    if (counts(key)) contents.size += size;
  return contents;
}

}  // namespace hubkeep
