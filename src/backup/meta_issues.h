// Issues and pull requests with what people said in them, as GitHub's REST API lists them for a whole
// repository.
#pragma once

#include "backup/meta_collector.h"

namespace hubkeep {

/// Issues, pull requests among them, and their comments.
std::shared_ptr<const MetaCollector> issues_collector();
/// Comments on the lines of pull requests: they are asked for where one is pending, which whoever reads pull
/// requests has seen.
std::shared_ptr<const MetaCollector> review_comments_collector();

}  // namespace hubkeep
