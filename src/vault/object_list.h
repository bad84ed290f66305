// Objects that name many more: 50,000 of them are no manifest. docs/storage-format.md, "List objects".
#pragma once

#include <stop_token>
#include <string>

#include "store/object_store.h"
#include "vault/part.h"

namespace hubkeep {

/// Reads the list objects of a repository's parts from its vault. Keeps references. What it throws beside
/// ListReader's errors: not_found, cold.
ListReader read_lists(ObjectStore& store, const std::string& folder, const std::stop_token& stop);

}  // namespace hubkeep
