// A part that is a git repository: refs, and the chain of bundles that holds their objects.
// docs/storage-format.md, "parts.git".
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "git/left_out.h"
#include "git/ref.h"
#include "vault/names.h"
#include "vault/part.h"

namespace hubkeep {

struct Bundle {
  SnapshotId snapshot;  // the one that it was fetched for
  /// The one whose tips were the haves. Empty for a base, and where the chain is never to be cut before this
  /// one: with it came what an earlier one lacked.
  SnapshotId builds_on;
  ByteCount pack_offset = 0;
  std::uint32_t objects = 0;
  ByteCount largest_delta = 0;  // see PackSummary; 0 also where it is not known
  /// Tips asked for, and in a base bases of deltas, that could not be seen in the pack.
  std::uint64_t not_proved = 0;
  ObjectRecord record;
  /// Git's index of the pack as it stands in the bundle, thin or not. Only of a pack of which each object
  /// was made, and what they name was looked for in the chain.
  std::optional<ObjectRecord> index = {};
  /// Why this bundle, though it has an index, is not proved, and no chain with it; for people. Empty: nothing
  /// of the kind is known.
  std::string not_proved_because = {};

  friend bool operator==(const Bundle&, const Bundle&) = default;
};

/// An object that is in no bundle of a chain, though an object of it, or a ref, names it.
struct MissingObject {
  Oid oid;
  std::string type;      // that it is to have, as git spells it; empty: nobody says
  std::string named_by;  // a ref, or the oid of an object

  friend bool operator==(const MissingObject&, const MissingObject&) = default;
};

/// As many are named.
constexpr std::size_t kMaxNamedMissing = 100;

/// All of them are told to the server as haves.
constexpr std::size_t kMaxHeld = 256;

struct GitPart {
  PartStatus status = PartStatus::ok;
  ObjectFormat format = ObjectFormat::sha1;
  Head head;
  std::vector<ObjectRecord> refs;  // all refs, then perhaps the changes since
  std::vector<Bundle> bundles;     // base first
  /// Tips of this snapshot and of those that it builds on for which the server had nothing to send.
  std::uint64_t not_proved = 0;
  std::uint64_t lfs_pointers =
      0;  // in the chain, as far as they were seen; the part lfs saves what they point at
  bool refs_vanished = false;  // the server listed no ref, where there were some
  /// What the server lists and does not hand over, or under no name that git allows. Status is partial then.
  std::vector<LeftOutRef> left_out = {};
  bool lacks_others = false;  // than left_out names, because a connection broke
  /// Whether every object that its refs lead to was seen in its bundles before it was committed. Nothing:
  /// nobody looked.
  std::optional<bool> proved = {};
  std::string not_proved_because = {};      // for people
  std::vector<MissingObject> missing = {};  // some of them. Status is partial then
  std::uint64_t missing_objects = 0;
  /// Commits whose history is whole in the chain though no ref of this snapshot names them: slices of a
  /// history that has not come to its refs yet. At most kMaxHeld.
  std::vector<Oid> held = {};

  friend bool operator==(const GitPart&, const GitPart&) = default;
};

/// The part of a repository's history.
constexpr std::string_view kGitPart = "git";

/// The typed view of a part. Throws Error(corrupt) for one that is not of this kind.
GitPart git_part(const Part& part);
Part to_part(const GitPart& git);

/// Whether a restore may rely on the indexes and need not look for what is missing.
bool is_proved(const GitPart& git);

/// Whether a part is of this kind, whatever its name.
bool is_git_part(const Part& part);

/// Whether the history of a snapshot is settled; see is_settled(const Part&).
bool has_settled_history(const Parts& parts);

/// The history of a snapshot. Throws Error(corrupt) where it has none.
GitPart git_part(const Parts& parts);
void set_git_part(Parts& parts, const GitPart& git);

/// As it stands in manifests and reports.
nlohmann::ordered_json to_json(const MissingObject& missing);
/// Throws Error(corrupt), or nlohmann::json's exceptions for what is missing or of another type.
MissingObject missing_from_json(const nlohmann::ordered_json& json);
/// For people: "3 objects are missing: blob 12ab…, which 34cd… names; and 2 more".
std::string describe_missing(const std::vector<MissingObject>& named, std::uint64_t count);

/// A ref that is left out, as it stands in manifests and reports.
nlohmann::ordered_json to_json(const LeftOutRef& ref);
/// Throws Error(corrupt), or nlohmann::json's exceptions for what is missing or of another type.
LeftOutRef left_out_from_json(const nlohmann::ordered_json& json);

}  // namespace hubkeep
