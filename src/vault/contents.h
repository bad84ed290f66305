// How much a snapshot is: the objects that its parts need, and what they take.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "base/byte_count.h"
#include "base/error.h"
#include "vault/part.h"

namespace hubkeep {

struct Contents {
  std::size_t objects = 0;  // each once
  /// Of those that only a restore reads; see is_content(). Refs and lists are small, and are not counted.
  ByteCount size = 0;
  std::optional<Error> problem;  // why a list could not be read: what it names is then not counted
};

/// Without `read_list`, what list objects name is not counted. Throws what that throws but corrupt,
/// not_found and cold.
Contents contents_of(const Parts& parts, const std::string& folder, const ListReader& read_list = {});

}  // namespace hubkeep
