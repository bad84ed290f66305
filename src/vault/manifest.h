// The manifest of one snapshot; docs/storage-format.md, "Manifest".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "git/left_out.h"
#include "git/ref.h"
#include "vault/names.h"
#include "vault/object_record.h"

namespace hubkeep {

constexpr int kFormatVersion = 1;
constexpr ByteCount kMaxManifestSize = ByteCount{8} << 20;  // of its JSON: none larger is written or read

/// What GitHub's listing said of a repository when the refs were last asked for; equality decides
/// "unchanged".
struct Listing {
  std::string full_name;
  std::string visibility;
  bool is_archived = false;
  bool is_fork = false;
  std::string default_branch;
  std::string pushed_at;
  std::string clone_url;
  UtcTime listed_at;  // the Date of the listing

  /// Equal in all that a push or a change of the repository's own data moves; not the time.
  bool says_the_same_as(const Listing& other) const;
  friend bool operator==(const Listing&, const Listing&) = default;
};

nlohmann::ordered_json to_json(const Listing& listing);
Listing listing_from_json(const nlohmann::ordered_json& json);

enum class PartStatus { ok, partial, absent, gone, not_permitted, failed };
std::string_view to_string(PartStatus status);
/// Throws Error(corrupt) for a word that this version does not know.
PartStatus parse_part_status(std::string_view text);

struct Bundle {
  SnapshotId snapshot;   // the one that it was fetched for
  SnapshotId builds_on;  // the one whose tips were the haves; empty for a base
  ByteCount pack_offset = 0;
  std::uint32_t objects = 0;
  ByteCount largest_delta = 0;  // see PackSummary; 0 also where it is not known
  /// Tips asked for, and in a base bases of deltas, that could not be seen in the pack.
  std::uint64_t not_proved = 0;
  ObjectRecord record;

  friend bool operator==(const Bundle&, const Bundle&) = default;
};

struct GitPart {
  PartStatus status = PartStatus::ok;
  ObjectFormat format = ObjectFormat::sha1;
  Head head;
  std::vector<ObjectRecord> refs;  // all refs, then perhaps the changes since
  std::vector<Bundle> bundles;     // base first
  /// Tips of this snapshot and of those that it builds on for which the server had nothing to send.
  std::uint64_t not_proved = 0;
  std::uint64_t lfs_pointers = 0;  // in the chain, as far as they were seen: what they point at is not saved
  bool refs_vanished = false;      // the server listed no ref, where there were some
  /// What the server lists and does not hand over, or under no name that git allows. Status is partial then.
  std::vector<LeftOutRef> left_out = {};
  bool lacks_others = false;  // than left_out names, because a connection broke

  /// All that could be had: nothing is missing, or nothing but what left_out names.
  bool is_settled() const {
    return status == PartStatus::ok || (status == PartStatus::partial && !left_out.empty() && !lacks_others);
  }
  friend bool operator==(const GitPart&, const GitPart&) = default;
};

/// A ref that is left out, as it stands in manifests and reports.
nlohmann::ordered_json to_json(const LeftOutRef& ref);
/// Throws Error(corrupt), or nlohmann::json's exceptions for what is missing or of another type.
LeftOutRef left_out_from_json(const nlohmann::ordered_json& json);

struct PreviousSnapshot {
  SnapshotId snapshot;
  std::string sha256;  // of the stored manifest

  friend bool operator==(const PreviousSnapshot&, const PreviousSnapshot&) = default;
};

struct Manifest {
  SnapshotId snapshot;
  std::string program;  // "hubkeep 0.1.0"
  std::string vault;    // the id of the vault that it was written to; empty where that is not known
  std::string host;
  std::int64_t repository_id = 0;
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
  GitPart git;

  friend bool operator==(const Manifest&, const Manifest&) = default;
};

/// When a snapshot was made: as its id says, unless a clock was wrong then, or ahead before; then by GitHub's
/// clock, as far as the manifest tells. Pure.
UtcTime time_of(const Manifest& manifest);

/// Indented JSON, a bundle to a line.
std::string format_manifest(const Manifest& manifest);

/// Throws Error: invalid for a format version or feature that this version does not know (saying which
/// hubkeep wrote it), corrupt for anything that is no manifest.
Manifest parse_manifest(std::string_view json);

/// JSON for people: objects and arrays indented, but an array's objects each on one line.
/// Throws when a text is no UTF-8.
std::string format_json(const nlohmann::ordered_json& json);
/// The same to be printed: in ASCII alone, so that no terminal obeys it, and whatever the text is.
std::string format_json_to_print(const nlohmann::ordered_json& json);

}  // namespace hubkeep
