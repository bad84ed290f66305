// Refs objects: lines `oid SP refname LF`, sorted by name; docs/storage-format.md, "Refs".
// Either all refs, or those that differ from an object that holds all (an oid of zeros: gone).
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "git/ref.h"
#include "vault/vault_objects.h"

namespace hubkeep {

/// What `now` has that `before` has not, or has otherwise; vanished refs with the zero oid. Both sorted by
/// name, as is the result.
RefList ref_changes(const RefList& before, const RefList& now, ObjectFormat format);

/// `before` with `changes` applied.
RefList apply_ref_changes(const RefList& before, const RefList& changes);

ObjectRecord write_refs_object(VaultObjects& objects, const std::string& folder,
                               const std::string& record_key, const RefList& refs);

/// Reads the one or two refs objects of a git part. Throws Error: not_found, corrupt.
RefList read_refs_objects(VaultObjects& objects, const std::string& folder,
                          const std::vector<ObjectRecord>& records, const std::stop_token& stop);

}  // namespace hubkeep
