// The questions that GitHub's GraphQL API is asked, each a named operation. What they select becomes
// documents of a vault, so a field may be added, and none be renamed. GitHub publishes the schema: "Public
// schema" in its GraphQL documentation.
#pragma once

#include <string>
#include <string_view>

namespace hubkeep {

enum class GraphOperation {
  probe,               // ids: of repositories, a hundred at most; what may have changed in each
  issue_page,          // repository (id), first, after, events
  pull_request_page,   // the same
  changed_items,       // ids: of issues and pull requests; events
  comments,            // ids: of comments and reviews that were edited or reacted to
  discussion_page,     // repository, first, after, by, direction
  branch_protections,  // repository, first, after
};

/// The document to be sent: the operation and the fragments that it uses. Thread-safe.
const std::string& graph_query(GraphOperation operation);

/// A query (id, after) for what `connection` of an object of that type has beyond its first page, a
/// hundred at a time, selected as the operations above do. Empty where none of them asks for it.
std::string graph_rest_query(std::string_view type, std::string_view connection);

}  // namespace hubkeep
