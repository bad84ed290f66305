// The name of an object: the hash of "type SP size NUL content".
#pragma once

#include <cstdint>
#include <string_view>

#include "crypto/hash.h"
#include "git/object_links.h"
#include "git/oid.h"

namespace hubkeep {

/// One object after the other.
class ObjectNamer {
 public:
  explicit ObjectNamer(ObjectFormat format);

  void begin(ObjectType type, std::uint64_t size);
  void write(std::string_view content) { hasher_.write(content); }
  Oid finish();
  Oid name(ObjectType type, std::string_view content);

 private:
  const ObjectFormat format_;
  Hasher hasher_;
};

}  // namespace hubkeep
