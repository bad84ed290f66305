// What `hubkeep verify --json` printed, read again: `hubkeep backup --repair` mends what can be mended.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "vault/catalog.h"

namespace hubkeep {

struct Finding {
  std::string repository;         // owner/name
  std::vector<std::string> lost;  // keys of objects, relative to the repository's folder
};

/// The repositories with damage that no repair has accepted yet. Throws Error(invalid) for anything that is
/// not what verify prints.
std::map<RepositoryKey, Finding> parse_findings(std::string_view json);

/// The same of zips: keys of zips, and of the metadata.json of days.
std::set<ObjectKey> parse_zip_findings(std::string_view json);

}  // namespace hubkeep
