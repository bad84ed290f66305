// A run's result as JSON, for scripts.
#pragma once

#include <string>

#include "run/backup_account.h"

namespace hubkeep {

/// One JSON document, indented, with a line per repository.
std::string to_json_text(const RunSummary& summary);

}  // namespace hubkeep
