// What `hubkeep verify --json` printed, read again: `hubkeep backup --repair` mends what can be mended.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "vault/catalog.h"

namespace hubkeep {

/// What `backup --repair` reads at most.
constexpr ByteCount kMaxFindingsSize = ByteCount{256} << 20;  // some hundred bytes a repository

/// What verify found, of one repository.
struct Finding {
  std::string repository;               // owner/name
  std::vector<std::string> lost;        // keys of objects, relative to the repository's folder
  std::vector<ObjectKey> objects = {};  // the same, from the vault's root on
  std::optional<SnapshotId> newest_restorable = {};
};

using Findings = std::map<SubjectKey, Finding>;

/// The repositories with damage that no repair has accepted yet. Throws Error(invalid) for anything that is
/// not what verify prints.
Findings parse_findings(std::string_view json);

/// The same of zips: keys of zips, and of the metadata.json of days.
std::set<ObjectKey> parse_zip_findings(std::string_view json);

/// The same of what belongs to no repository, by host: the states themselves.
std::map<std::string, std::vector<ObjectKey>> parse_state_findings(std::string_view json);

}  // namespace hubkeep
