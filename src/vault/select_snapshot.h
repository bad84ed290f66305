// Which repository and which snapshot the user means.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "vault/vault.h"

namespace hubkeep {

/// The entry that `name` means: "owner/name" (without regard to case) is the repository that has the name
/// now, or the only one that had it; "owner/name@ID" any; "gist:ID" that gist. Throws Error: not_found
/// (naming `list_command`, which shows what there is), invalid (several had it).
const CatalogEntry& find_repository(const Catalog& catalog, const std::string& name,
                                    const std::string& list_command);

/// "owner/name@ID": what means this one and no other.
std::string exact_name(const CatalogEntry& entry);

/// Whether a snapshot has what is wanted of it.
using IsComplete = std::function<bool(const Parts&)>;

/// The snapshot that `at` means: empty, the newest that is complete; a snapshot's id; or a time, then
/// the newest not after it. What is passed over because it is damaged or not complete is told. Throws Error:
/// not_found, corrupt (the snapshot with that id), invalid (no time and no id). When a snapshot was made,
/// time_of() says.
StoredManifest find_snapshot(Vault& vault, const CatalogEntry& entry, const std::string& at,
                             const IsComplete& is_complete, const Notice& notice,
                             const std::stop_token& stop);

/// What there is in place of a history, for an entry with nothing but zips.
std::string only_zips(const CatalogEntry& entry);

/// A time as people type it: 2026-11-23, 2026-11-23T18:45:01Z, with a space for the T and without the Z. A
/// day means its end.
std::optional<UtcTime> parse_user_time(const std::string& text);

}  // namespace hubkeep
