// Links of objects: whatever the bytes, they are read or refused, and a tree is read to its last byte.

#include "base/error.h"
#include "fuzz/fuzz_support.h"
#include "git/object_links.h"

using namespace hubkeep;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto type = static_cast<ObjectType>(1 + (data[0] & 3));
  const auto format = (data[0] & 4) != 0 ? ObjectFormat::sha256 : ObjectFormat::sha1;
  const auto content = fuzz::as_text(data, size).substr(1);
  try {
    for_each_link(type, content, format, [&](const ObjectLink& link) {
      fuzz::require(link.oid.format() == format, "a link has the format of its object");
      fuzz::require(type != ObjectType::blob, "a blob has no links");
    });
    std::size_t read = 0;
    if (type == ObjectType::tree) {
      for_each_tree_entry(content, format, [&](const TreeEntry& entry) {
        fuzz::require(!entry.name.empty(), "an entry has a name");
        read = static_cast<std::size_t>(entry.name.data() + entry.name.size() - content.data()) + 1 +
               raw_size(format);
      });
      fuzz::require(read == content.size(), "a tree is read to its end");
    }
  } catch (const Error& error) {
    fuzz::require(error.kind() == ErrorKind::corrupt, "what is refused is corrupt");
  }
  return 0;
}
