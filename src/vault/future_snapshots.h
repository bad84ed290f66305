// Snapshots whose names bear a time that is yet to come: the clock of the machine that made them was wrong,
// or this one's is.
#pragma once

#include <string>

#include "vault/catalog.h"

namespace hubkeep {

/// Whether its newest snapshot does.
bool is_from_the_future(const CatalogEntry& entry, UtcTime now);

/// What is said of all that are, in a line; empty where none is. Pure.
std::string future_snapshots_text(const Catalog& catalog, UtcTime now);

}  // namespace hubkeep
