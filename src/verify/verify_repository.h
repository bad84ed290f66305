// Verifies one repository: that every object which a snapshot of it needs is there, and as it was written.
#pragma once

#include <stop_token>

#include "vault/catalog.h"
#include "verify/verify_context.h"

namespace hubkeep {

/// `entry` is the catalog's, or one that only has a folder where the catalog does not know of it. Memory
/// grows with the number of the repository's objects, not with their size. Does not throw Error but
/// cancelled: what keeps it from looking is in the verdict.
Verdict verify_repository(const VerifyContext& context, const CatalogEntry& entry,
                          const std::stop_token& stop);

}  // namespace hubkeep
