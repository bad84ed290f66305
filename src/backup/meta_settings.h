// How a repository is set up and who may do what in it. Most of it is for administrators to see: what a token
// may not see is told with the permission that would bring it.
#pragma once

#include "backup/meta_collector.h"

namespace hubkeep {

/// All that REST has of it; protected branches are for GraphQL to tell.
std::shared_ptr<const MetaCollector> settings_collector();

}  // namespace hubkeep
