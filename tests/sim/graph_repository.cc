#include <algorithm>

#include "sim/graph_nodes.h"

namespace hubkeep::sim {

namespace {

GraphConnection topics_of(const Home& home) {
  return connection_of("RepositoryTopic", home->metadata.settings.topics, [](const std::string& name) {
    return GraphObject{
        "RepositoryTopic",
        {{"id", "RT_" + name}, {"topic", GraphObject{"Topic", {{"id", "T_" + name}, {"name", name}}}}}};
  });
}

GraphFields plain_fields(const Home& home, const GraphExecution& execution) {
  const Repository& repository = home->repository;
  const RepositorySettings& settings = home->metadata.settings;
  const bool is_writer = execution.world().can_write(execution.token(), repository);
  const bool is_administrator = execution.world().can_administer(execution.token(), repository);
  return {{"id", repository.node_id},
          {"databaseId", repository.id},
          {"name", repository.name},
          {"nameWithOwner", repository.full_name()},
          {"description", repository.description},
          {"visibility", repository.is_private ? "PRIVATE" : "PUBLIC"},
          {"isPrivate", repository.is_private},
          {"isArchived", repository.archived},
          {"isDisabled", repository.disabled},
          {"isFork", repository.fork},
          {"isEmpty", repository.size_kb == 0},
          {"isLocked", false},
          {"lockReason", nullptr},
          {"diskUsage", repository.size_kb},
          {"hasWikiEnabled", repository.has_wiki},
          {"hasIssuesEnabled", settings.has_issues},
          {"hasDiscussionsEnabled", settings.has_discussions},
          {"hasProjectsEnabled", settings.has_projects},
          {"viewerPermission", is_administrator ? "ADMIN"
                               : is_writer      ? "WRITE"
                                                : "READ"},
          {"viewerCanAdminister", is_administrator},
          {"createdAt", repository.created_at},
          {"updatedAt", repository.updated_at},
          {"pushedAt", repository.pushed_at}};
}

}  // namespace

Home home_of(const std::optional<Repository>& repository, const GraphExecution& execution) {
  if (!repository || !execution.world().can_read(execution.token(), *repository)) return nullptr;
  const auto metadata = execution.world().metadata().read(
      repository->id, [](const RepositoryMetadata& each) { return std::cref(each); });
  return std::make_shared<const GraphHome>(
      GraphHome{*repository, metadata, execution.scene().addresses.origin + "/" + repository->full_name()});
}

Home home_of(RepositoryId id, const GraphExecution& execution) {
  return home_of(execution.world().find_repository(id), execution);
}

GraphValue repository_value(const Home& home, const GraphExecution& execution) {
  if (!home) return nullptr;
  GraphFields fields = plain_fields(home, execution);
  append(fields, address_fields(home->url, execution));
  append(fields, {{"owner", on_demand([home](const GraphField& field) {
                     return actor_value(home->repository.owner, field.execution);
                   })},
                  {"repositoryTopics", on_demand([home] { return topics_of(home); })},
                  {"releases", on_demand([home](const GraphField& field) {
                     return releases_of(home->repository, field);
                   })}});
  append(fields, issue_lists(home));
  append(fields, discussion_lists(home));
  append(fields, settings_lists(home, execution));
  return GraphObject{"Repository", std::move(fields)};
}

}  // namespace hubkeep::sim
