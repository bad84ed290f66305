// The result of a drill as a page for people who ask whether the backup can be restored.
#pragma once

#include <string>

#include "drill/drill_record.h"

namespace hubkeep {

/// A whole HTML document. Pure.
std::string drill_page(const DrillReport& report);

}  // namespace hubkeep
