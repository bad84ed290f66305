#include "pack/object_namer.h"

#include <fmt/format.h>

namespace hubkeep {

ObjectNamer::ObjectNamer(ObjectFormat format)
    : format_(format), hasher_(format == ObjectFormat::sha1 ? HashKind::sha1 : HashKind::sha256) {}

void ObjectNamer::begin(ObjectType type, std::uint64_t size) {
  hasher_.restart();
  hasher_.write(fmt::format("{} {}{}", to_string(type), size, '\0'));
}

Oid ObjectNamer::finish() {
  return Oid::from_raw(hasher_.finish(), format_);
}

Oid ObjectNamer::name(ObjectType type, std::string_view content) {
  begin(type, content.size());
  write(content);
  return finish();
}

}  // namespace hubkeep
