// What an object of a vault is, told by its key: one table of all keys that there are,
// docs/storage-format.md, "Keys". Whoever treats objects differently asks here, and knows no suffix.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace hubkeep {

enum class KeyKind {
  identity,   // hubkeep.json
  readme,     // README.txt
  catalog,    // a cache of all manifests
  state,      // of a host: what cannot be made again from manifests
  lease,      // who is running
  manifest,   // a snapshot
  removed,    // which snapshots were removed, and why
  refs,       // of a snapshot
  index,      // of packs: which object is where
  list,       // names more objects than a manifest can
  cursor,     // of a part: what the next run compares with, and asks for again
  content,    // bundles, increments of metadata, LFS objects, assets, attachments
  zip,        // a source tree
  zip_names,  // the zips of a day
  run,        // the report of a run
  plan,       // plan and results of a run that several processes share
  drill,      // what a restore exercise found
  doctor,     // what a doctor tried, and could not remove
  other,      // of a part, and in a form that this version does not know
};

/// Nothing for what is no object of a vault. Thread-safe, as are all functions here.
std::optional<KeyKind> kind_of(std::string_view key);

/// How what is written under a key is stored.
enum class Encoding {
  identity,  // as it is
  zstd,      // one frame
  sealed,    // a frame and its hash, which sealed lines come with: stored as they are
};

/// As it is for what is no object of a vault.
Encoding encoding_of(std::string_view key);

/// Content is what only a restore reads; it may go to an archive class. All else is state: the next run reads
/// it, or a person does, and it must be at hand.
bool is_content(KeyKind kind);
/// Mutable objects are written again and again, by compare-and-swap, and never locked.
bool is_mutable(KeyKind kind);
/// Whether a bucket's lifecycle rule may delete it by its age.
bool may_expire(KeyKind kind);
/// Whether a run that has something to do there needs it, or would: what is `other`, for one, nobody knows.
bool is_read_by_every_run(KeyKind kind);

/// What may stand in a vault's root: "catalog.jsonl.zst", and "repos/" for what has more below it.
std::vector<std::string_view> root_names();

/// A row of the table: "<name>" stands for a text that fits it. Of keys in the folder of a subject, what
/// follows that folder.
struct KeyPattern {
  std::string_view text;
  KeyKind kind;
  Encoding encoding = Encoding::identity;
};
std::span<const KeyPattern> root_patterns();
std::span<const KeyPattern> subject_patterns();
/// The row that a key belongs to, if any.
const KeyPattern* pattern_of(std::string_view key);

}  // namespace hubkeep
