// A secret of AWS Secrets Manager as settings: a JSON object, whose keys are variables' names.
//   {"TOKEN_GITHUB": "ghp_…", "BACKUP_ONLY_OWNER_REPOS": "True"}
#pragma once

#include "app/environment_source.h"
#include "base/secret.h"

namespace hubkeep {

/// Numbers and booleans become their text; null means that the key is not set. Throws Error(invalid) for what
/// is no such object, never with a word of its text.
Environment parse_secret(const Secret& text);

}  // namespace hubkeep
