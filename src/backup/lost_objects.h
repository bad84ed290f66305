// What a repair was told is lost, looked at once more: what is as it should be stays, whatever was found
// before.
#pragma once

#include "backup/repository_work.h"
#include "vault/object_record.h"

namespace hubkeep {

/// Whether `record` was found lost, and reading it says so still. Throws Error: cold, and what the store
/// throws.
bool is_lost(const ObjectRecord& record, const RepositoryWork& work);

}  // namespace hubkeep
