// The World's things as objects of GitHub's GraphQL schema, for a query under way. All of it is read under
// the Metadata's lock, which the query holds: what it hands out by reference stays.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/graphql_execution.h"
#include "sim/graphql_object.h"
#include "sim/metadata.h"
#include "sim/world.h"

namespace hubkeep::sim {

/// A repository and what is known of it.
struct GraphHome {
  Repository repository;
  const RepositoryMetadata& metadata;
  std::string url;
};
using Home = std::shared_ptr<const GraphHome>;

/// null where the token cannot see the repository.
Home home_of(const std::optional<Repository>& repository, const GraphExecution& execution);
Home home_of(RepositoryId id, const GraphExecution& execution);

/// All that a query may begin with.
GraphObject query_root();

// Each is null where there is no such thing for the token to see.

GraphValue repository_value(const Home& home, const GraphExecution& execution);
/// The Issue or PullRequest at that place.
GraphValue item_value(Place place, const GraphExecution& execution);
GraphValue item_value(const Home& home, std::int64_t number, const GraphExecution& execution);
GraphValue comment_value(const Home& home, CommentId id, const GraphExecution& execution);
GraphValue review_comment_value(const Home& home, CommentId id, const GraphExecution& execution);
GraphValue review_value(const Home& home, std::int64_t number, std::int64_t id,
                        const GraphExecution& execution);
GraphValue thread_value(const Home& home, std::int64_t number, std::int64_t id,
                        const GraphExecution& execution);
GraphValue commit_comment_value(const Home& home, CommentId id, const GraphExecution& execution);
GraphValue label_value(const Home& home, std::int64_t id);
GraphValue milestone_value(const Home& home, std::int64_t number, const GraphExecution& execution);
GraphValue discussion_value(const Home& home, std::int64_t number, const GraphExecution& execution);
GraphValue discussion_comment_value(const Home& home, std::int64_t number, CommentId id,
                                    const GraphExecution& execution);
/// "" is a ghost, whose account is gone.
GraphValue actor_value(const std::string& login, const GraphExecution& execution);
GraphValue project_value(ProjectId id, const GraphExecution& execution);
GraphValue project_item_value(ProjectId id, std::int64_t item, const GraphExecution& execution);
GraphValue team_value(const std::string& organization, const std::string& slug,
                      const GraphExecution& execution);

/// What every kind of post has, in the schema's interfaces Comment, Reactable and Minimizable.
GraphFields post_fields(const Post& post, const Home& home, const GraphExecution& execution);
GraphFields id_fields(const char* prefix, std::int64_t id);
/// "url" and "resourcePath"
GraphFields address_fields(const std::string& url, const GraphExecution& execution);
GraphObject commit_object(const std::string& oid, const PullCommit* known, const GraphExecution& execution);

/// What only a pull request has.
GraphFields pull_request_fields(const Home& home, const Issue& issue, const GraphExecution& execution);
GraphConnection timeline_of(const Home& home, const Issue& issue, const GraphField& field);
GraphConnection releases_of(const Repository& repository, const GraphField& field);
/// Fields of a repository that list what is in it.
GraphFields issue_lists(const Home& home);
GraphFields discussion_lists(const Home& home);
GraphFields settings_lists(const Home& home, const GraphExecution& execution);
/// Of an issue or pull request: the items of projects that it is.
GraphConnection project_items_of(Place place, const GraphField& field);
/// Those of them that the token can see.
GraphConnection projects_among(std::vector<ProjectId> all, const GraphField& field);

/// "TOO_HEATED" of "too heated"
std::string enum_name(std::string_view text);

/// Whether the token itself is allowed that, whatever its user may do.
bool has_permission(const GraphExecution& execution, const std::string& name);

/// Keeps the order of a map's things by their keys.
template <typename Key, typename Thing>
std::vector<const Thing*> pointers_to(const std::map<Key, Thing>& things) {
  std::vector<const Thing*> out;
  for (const auto& [key, thing] : things) out.push_back(&thing);
  return out;
}

/// A connection of things that have an `id`, in the order of the ids.
template <typename Thing, typename Make>
GraphConnection by_id(std::string of, std::vector<const Thing*> things, Make make) {
  const auto all = std::make_shared<const std::vector<const Thing*>>(std::move(things));
  return {.of = std::move(of),
          .count = all->size(),
          .node = [all, make](std::size_t i) -> GraphValue { return make(*(*all)[i]); },
          .key = [all](std::size_t i) { return graph_key((*all)[i]->id); }};
}

}  // namespace hubkeep::sim
