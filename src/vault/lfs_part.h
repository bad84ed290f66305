// The objects of Git LFS that a history points at. They stand in the vault's root under their own hashes,
// once for all repositories; the part names them in list objects, and in a cursor those that could not be
// had. docs/storage-format.md, "parts.lfs".
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "vault/names.h"
#include "vault/part.h"
#include "vault/vault_objects.h"

namespace hubkeep {

constexpr std::string_view kLfsPart = "lfs";

/// As a record has it, from the vault's root: "/lfs/<aa>/<bb>/<oid>". `oid`: 64 lower-case hex digits.
std::string lfs_key(std::string_view oid);
/// Nothing for any other key.
std::optional<std::string> lfs_oid_of(std::string_view record_key);

/// An object that is in the vault.
struct KeptLfs {
  ByteCount size = 0;
  std::optional<std::uint32_t> crc32 = {};

  friend bool operator==(const KeptLfs&, const KeptLfs&) = default;
};

/// By oid.
using KeptLfsObjects = std::map<std::string, KeptLfs>;

ObjectRecord record_of(const std::string& oid, const KeptLfs& kept);

enum class LfsLack {
  pending,     // nobody has asked for it yet, or its time was up
  missing,     // the server does not have it
  over_quota,  // the owner has used up what the server gives out
  too_large,   // for a limit that the user has set
  refused,     // the server says something else, or sends other bytes
};

std::string_view to_string(LfsLack why);

/// One that the history points at, and the vault lacks.
struct LackingLfs {
  std::string oid;
  ByteCount size = 0;
  LfsLack why = LfsLack::pending;
  int code = 0;  // as the server gave it; 0: none
  std::string message = {};
  UtcTime since;                            // when that was met first
  std::vector<ByteCount> other_sizes = {};  // that further pointers give it: one of all is right, if any
  bool is_damaged = false;                  // other bytes were found under its name

  friend bool operator==(const LackingLfs&, const LackingLfs&) = default;
};

/// Of one object, as many as pointers may give it; what comes later is not looked at.
constexpr std::size_t kMostLfsSizes = 1000;
bool has_size(const LackingLfs& lacking, ByteCount size);
/// Returns whether that is news.
bool add_size(LackingLfs& lacking, ByteCount size);

/// Why it is not in the vault, for people; not printable() where the server says it.
std::string reason_of(const LackingLfs& lacking);

/// Without the line feed.
std::string to_line(const LackingLfs& lacking);
/// Throws Error(corrupt) for what is no line of a cursor.
LackingLfs lacking_lfs_from_line(std::string_view line);

struct LfsPart {
  PartStatus status = PartStatus::ok;
  std::uint64_t pointers = 0;          // different objects that the chain points at
  ByteCount bytes = 0;                 // of them
  std::vector<SnapshotId> scanned;     // bundles of the chain whose pointers are known, in the chain's order
  std::vector<SnapshotId> unread;      // those that could not be read: a run tries again the next day
  std::vector<SnapshotId> overfull;    // those that point at more objects than the writer keeps
  std::uint64_t pending = 0;           // objects and bundles that a run may still get, see is_settled()
  std::uint64_t unresolved = 0;        // deltas in these that may make further pointers
  std::vector<ObjectRecord> objects;   // list objects: of all that are kept, then perhaps changes
  std::optional<ObjectRecord> cursor;  // of all that are lacking; nothing: none is

  friend bool operator==(const LfsPart&, const LfsPart&) = default;
};

/// The typed view of a part. Throws Error(corrupt) for one that is not of this kind.
LfsPart lfs_part(const Part& part);
Part to_part(const LfsPart& lfs);

/// What the lists of the part name. Throws Error: corrupt, not_found, cold, and what the store throws.
KeptLfsObjects read_lfs_objects(VaultObjects& objects, const std::string& folder,
                                const std::vector<ObjectRecord>& lists, const std::stop_token& stop);
/// Throws as read_lfs_objects() does.
std::vector<LackingLfs> read_lfs_cursor(VaultObjects& objects, const std::string& folder,
                                        const std::optional<ObjectRecord>& cursor,
                                        const std::stop_token& stop);

/// Stores what is kept as lists, of which `before` are those of the snapshot before; see store_list().
std::vector<ObjectRecord> store_lfs_objects(VaultObjects& objects, const std::string& folder,
                                            const std::string& record_key,
                                            const std::vector<ObjectRecord>& before,
                                            const KeptLfsObjects& now);
/// In the order of their oids; nothing where none is lacking.
std::optional<ObjectRecord> write_lfs_cursor(VaultObjects& objects, const std::string& folder,
                                             const std::string& record_key,
                                             const std::vector<LackingLfs>& lacking);

}  // namespace hubkeep
