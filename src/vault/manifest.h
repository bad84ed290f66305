// The manifest of one snapshot; docs/storage-format.md, "Manifest".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "vault/format_version.h"
#include "vault/listing.h"
#include "vault/names.h"
#include "vault/part.h"
#include "vault/subject.h"

namespace hubkeep {

constexpr ByteCount kMaxManifestSize = ByteCount{8} << 20;  // of its JSON: none larger is written or read

struct PreviousSnapshot {
  SnapshotId snapshot;
  std::string sha256;  // of the stored manifest

  friend bool operator==(const PreviousSnapshot&, const PreviousSnapshot&) = default;
};

/// An array of `snapshot` and `sha256`.
nlohmann::ordered_json to_json(const std::vector<PreviousSnapshot>& snapshots);
/// Throws Error(corrupt), or nlohmann::json's exceptions for what is missing or of another type.
std::vector<PreviousSnapshot> previous_from_json(const nlohmann::ordered_json& json);

struct Manifest {
  SnapshotId snapshot;
  std::string program;  // "hubkeep 0.1.0"
  std::string vault;    // the id of the vault that it was written to; empty where that is not known
  std::string host;
  SubjectId repository_id;  // or a gist's, or an account's
  std::string node_id;
  Listing listing;
  /// When it was made, by GitHub's clock; only where time_of() would not know it else.
  std::optional<UtcTime> made_at;
  std::optional<UtcTime> gone_since;  // no longer on GitHub, as far as the token sees
  std::vector<PreviousSnapshot> previous;
  /// Keys of objects, relative to the repository's folder, that older snapshots need and that were found
  /// lost or damaged when this one was made on its own: what cannot be brought back must not alarm for ever.
  std::vector<std::string> lost;
  std::uint64_t requests = 0;
  ByteCount bytes_received = 0;
  Parts parts;

  friend bool operator==(const Manifest&, const Manifest&) = default;
};

/// When a snapshot was made: as its id says, unless a clock was wrong then, or ahead before; then by GitHub's
/// clock, as far as the manifest tells. Pure.
UtcTime time_of(const Manifest& manifest);

/// Indented JSON, a bundle to a line.
std::string format_manifest(const Manifest& manifest);

/// Throws Error: invalid for a format version, feature or encoding that this version does not know (saying
/// which hubkeep wrote it), corrupt for anything that is not a manifest. A part of a kind that is not known
/// is kept as it is.
Manifest parse_manifest(std::string_view json);

/// JSON for people: objects and arrays indented, but an array's objects each on one line.
/// Throws when a text is no UTF-8.
std::string format_json(const nlohmann::ordered_json& json);
/// The same to be printed: in ASCII alone, so that no terminal obeys it, and whatever the text is.
std::string format_json_to_print(const nlohmann::ordered_json& json);

}  // namespace hubkeep
