// Copies the zips that the other vault lacks.
#pragma once

#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "copy/copy_repository.h"

namespace hubkeep {

struct ZipCopy {
  std::size_t zips = 0;  // copied
  ByteCount bytes = 0;
  std::set<std::string> there;        // all keys that the other vault then names, as records have them
  std::vector<std::string> problems;  // zips that were left out, and why
};

/// Of the repositories in `wanted`, nothing: of all. A zip before the metadata that names it. What is missing
/// or damaged is left out: missing ones may have expired, so they are no problem. So is a day whose
/// metadata.json is damaged or cold, in either vault, but for one that is cold in the other and has all zips,
/// and one whose metadata.json is missing here though the next day's knows of it. Throws Error.
ZipCopy copy_zips(const CopyContext& context, const std::optional<std::set<SubjectKey>>& wanted,
                  const std::stop_token& stop);

}  // namespace hubkeep
