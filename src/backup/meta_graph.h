// What only GitHub's GraphQL API says: pull requests with their reviews, what happened to issues, who reacted
// to what, how texts were edited, discussions, protected branches.
#pragma once

#include "backup/meta_collector.h"

namespace hubkeep {

/// Issues' and pull requests' own documents. Whoever lists issues says which have changed; in a sweep all are
/// asked for.
std::shared_ptr<const MetaCollector> items_collector();
/// Edits of and reactions to the comments and reviews that are pending.
std::shared_ptr<const MetaCollector> comments_graph_collector();
std::shared_ptr<const MetaCollector> discussions_collector();
std::shared_ptr<const MetaCollector> branch_protections_collector();

}  // namespace hubkeep
