// Projects of accounts. What they are asked for needs the scope read:project, or a token that is allowed it.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "sim/graph_nodes.h"

namespace hubkeep::sim {

using nlohmann::json;

namespace {

const Project& project_of(ProjectId id, const GraphExecution& execution) {
  return execution.world().metadata().read_project(
      id, [](const Project& project) -> std::reference_wrapper<const Project> { return project; });
}

template <typename Thing>
std::vector<const Thing*> pointers(const std::vector<Thing>& things) {
  std::vector<const Thing*> out;
  for (const Thing& each : things) out.push_back(&each);
  return out;
}

GraphObject iteration_object(const ProjectIteration& iteration) {
  return {"ProjectV2IterationFieldIteration",
          {{"id", iteration.id},
           {"title", iteration.title},
           {"titleHTML", iteration.title},
           {"startDate", iteration.start_date},
           {"duration", iteration.days}}};
}

GraphObject option_object(const ProjectFieldOption& option) {
  return {"ProjectV2SingleSelectFieldOption",
          {{"id", option.id},
           {"name", option.name},
           {"nameHTML", option.name},
           {"color", option.color},
           {"description", option.description}}};
}

template <typename Things, typename Make>
GraphValue::List list_of(const Things& things, Make make) {
  GraphValue::List out;
  for (const auto& each : things) out.push_back(make(each));
  return out;
}

GraphObject field_object(const ProjectField& field, const Project& project) {
  GraphFields fields = {{"id", node_id("PVTF", field.id)},
                        {"databaseId", field.id},
                        {"name", field.name},
                        {"dataType", field.data_type},
                        {"createdAt", project.created_at},
                        {"updatedAt", project.updated_at}};
  if (field.data_type == "SINGLE_SELECT") {
    append(fields, {{"options", list_of(field.options, option_object)}});
    return {"ProjectV2SingleSelectField", std::move(fields)};
  }
  if (field.data_type != "ITERATION") return {"ProjectV2Field", std::move(fields)};
  append(fields, {{"configuration", GraphObject{"ProjectV2IterationFieldConfiguration",
                                                {{"duration", 14},
                                                 {"startDay", 1},
                                                 {"iterations", list_of(field.iterations, iteration_object)},
                                                 {"completedIterations", GraphValue::List()}}}}});
  return {"ProjectV2IterationField", std::move(fields)};
}

/// By the kind of the field; nothing where the option is gone.
std::optional<GraphObject> special_value(const ProjectField& field, const std::string& value) {
  if (field.data_type == "NUMBER")
    return GraphObject{"ProjectV2ItemFieldNumberValue", {{"number", std::stod(value)}}};
  if (field.data_type == "DATE") return GraphObject{"ProjectV2ItemFieldDateValue", {{"date", value}}};
  if (field.data_type == "SINGLE_SELECT") {
    for (const ProjectFieldOption& each : field.options) {
      if (each.id == value)
        return GraphObject{"ProjectV2ItemFieldSingleSelectValue",
                           {{"optionId", each.id},
                            {"name", each.name},
                            {"color", each.color},
                            {"description", each.description}}};
    }
    return std::nullopt;
  }
  if (field.data_type != "ITERATION") return GraphObject{"ProjectV2ItemFieldTextValue", {{"text", value}}};
  for (const ProjectIteration& each : field.iterations) {
    if (each.id == value)
      return GraphObject{"ProjectV2ItemFieldIterationValue",
                         {{"iterationId", each.id},
                          {"title", each.title},
                          {"startDate", each.start_date},
                          {"duration", each.days}}};
  }
  return std::nullopt;
}

GraphConnection values_of(const ProjectItem& item, const Project& project) {
  GraphValue::List values;
  for (const ProjectField& field : project.fields) {
    const auto found = item.values.find(field.id);
    if (found == item.values.end()) continue;
    std::optional<GraphObject> value = special_value(field, found->second);
    if (!value) continue;
    append(value->fields, {{"id", node_id("PVTFV", item.id * 100 + static_cast<std::int64_t>(values.size()))},
                           {"createdAt", item.created_at},
                           {"updatedAt", item.updated_at},
                           {"field", field_object(field, project)}});
    values.push_back(*std::move(value));
  }
  return connection_of("ProjectV2ItemFieldValue", std::move(values),
                       [](const GraphValue& value) { return value; });
}

GraphValue content_of(const ProjectItem& item, const GraphExecution& execution) {
  if (item.content) return item_value(*item.content, execution);
  return GraphObject{"DraftIssue",
                     {{"id", node_id("DI", item.id)},
                      {"title", item.draft_title},
                      {"body", item.draft_body},
                      {"creator", actor_value(item.creator, execution)},
                      {"createdAt", item.created_at},
                      {"updatedAt", item.updated_at}}};
}

std::string type_of(const ProjectItem& item, const GraphExecution& execution) {
  if (!item.content) return "DRAFT_ISSUE";
  const Home home = home_of(item.content->repository, execution);
  if (!home || !home->metadata.issues.contains(item.content->number)) return "REDACTED";
  return home->metadata.issues.at(item.content->number).pull_request ? "PULL_REQUEST" : "ISSUE";
}

GraphObject item_object(const ProjectItem& item, const Project& project, const GraphExecution& execution) {
  GraphFields fields = id_fields("PVTI", item.id);
  append(fields, {{"type", type_of(item, execution)},
                  {"isArchived", item.archived},
                  {"createdAt", item.created_at},
                  {"updatedAt", item.updated_at},
                  {"creator", actor_value(item.creator, execution)},
                  {"project", on_demand([&project](const GraphField& field) {
                     return project_value(project.id, field.execution);
                   })},
                  {"content",
                   on_demand([&item](const GraphField& field) { return content_of(item, field.execution); })},
                  {"fieldValues", on_demand([&item, &project] { return values_of(item, project); })}});
  return {"ProjectV2Item", std::move(fields)};
}

GraphObject view_object(const ProjectView& view, const Project& project) {
  GraphFields fields = id_fields("PVTV", view.id);
  append(fields, {{"number", view.number},
                  {"name", view.name},
                  {"layout", view.layout},
                  {"filter", view.filter},
                  {"createdAt", project.created_at},
                  {"updatedAt", project.updated_at}});
  return {"ProjectV2View", std::move(fields)};
}

GraphObject workflow_object(const ProjectWorkflow& workflow, const Project& project) {
  GraphFields fields = id_fields("PWF", workflow.id);
  append(fields, {{"number", workflow.number},
                  {"name", workflow.name},
                  {"enabled", workflow.enabled},
                  {"createdAt", project.created_at},
                  {"updatedAt", project.updated_at}});
  return {"ProjectV2Workflow", std::move(fields)};
}

GraphFields project_lists(const Project& project) {
  return {
      {"fields", on_demand([&project] {
         return connection_of("ProjectV2FieldConfiguration", pointers(project.fields),
                              [&project](const ProjectField* each) { return field_object(*each, project); });
       })},
      {"views", on_demand([&project] {
         return by_id("ProjectV2View", pointers(project.views),
                      [&project](const ProjectView& each) { return view_object(each, project); });
       })},
      {"workflows", on_demand([&project] {
         return by_id("ProjectV2Workflow", pointers(project.workflows),
                      [&project](const ProjectWorkflow& each) { return workflow_object(each, project); });
       })},
      {"items", on_demand([&project](const GraphField& field) {
         GraphExecution& execution = field.execution;
         return by_id("ProjectV2Item", pointers(project.items),
                      [&project, &execution](const ProjectItem& each) {
                        return item_object(each, project, execution);
                      });
       })},
      {"repositories", on_demand([&project](const GraphField& field) {
         GraphExecution& execution = field.execution;
         std::vector<Home> seen;
         for (const RepositoryId id : project.repositories) {
           if (Home home = home_of(id, execution)) seen.push_back(std::move(home));
         }
         return connection_of("Repository", std::move(seen),
                              [&execution](const Home& home) { return repository_value(home, execution); });
       })},
      {"statusUpdates", GraphConnection{.of = "ProjectV2StatusUpdate"}}};
}

/// The user's own, its organisation's, or one that is open to all.
bool is_visible(const Project& project, const GraphExecution& execution) {
  const std::string& viewer = execution.token()->login;
  if (project.is_public || equals_ignoring_case(project.owner, viewer)) return true;
  const auto owner = execution.world().find_account(project.owner);
  return owner && std::any_of(owner->members.begin(), owner->members.end(),
                              [&](const std::string& each) { return equals_ignoring_case(each, viewer); });
}

/// GitHub's fine-grained tokens reach no project of a user, and those of an organisation with its permission.
bool is_allowed(const Project& project, const GraphExecution& execution) {
  const Token& token = *execution.token();
  if (token.kind == TokenKind::classic) return true;
  const auto owner = execution.world().find_account(project.owner);
  const bool is_users = !owner || owner->type == AccountType::user;
  return !is_users && has_permission(execution, "organization_projects");
}

GraphValue project_object(const Project& project, const GraphExecution& execution) {
  GraphFields fields = id_fields("PVT", project.id);
  append(fields, {{"number", project.number},
                  {"title", project.title},
                  {"shortDescription", project.short_description},
                  {"readme", project.readme},
                  {"public", project.is_public},
                  {"template", project.is_template},
                  {"closed", project.closed_at.has_value()},
                  {"closedAt", project.closed_at},
                  {"createdAt", project.created_at},
                  {"updatedAt", project.updated_at},
                  {"creator", actor_value(project.creator, execution)},
                  {"owner", on_demand([&project](const GraphField& field) {
                     return actor_value(project.owner, field.execution);
                   })}});
  const auto owner = execution.world().find_account(project.owner);
  const bool is_users = !owner || owner->type == AccountType::user;
  append(fields, address_fields(fmt::format("{}/{}/{}/projects/{}", execution.scene().addresses.origin,
                                            is_users ? "users" : "orgs", project.owner, project.number),
                                execution));
  append(fields, project_lists(project));
  return GraphObject{"ProjectV2", std::move(fields)};
}

}  // namespace

bool has_permission(const GraphExecution& execution, const std::string& name) {
  const std::optional<Token>& token = execution.token();
  if (!token || token->kind == TokenKind::classic || !token->permissions) return token.has_value();
  return token->permissions->contains(name);
}

GraphValue project_value(ProjectId id, const GraphExecution& execution) {
  const Project& project = project_of(id, execution);
  if (!is_visible(project, execution)) return nullptr;
  if (is_allowed(project, execution)) return project_object(project, execution);
  return on_demand([](const GraphField& field) { return field.execution.forbid(field.asked); });
}

GraphValue project_item_value(ProjectId id, std::int64_t item, const GraphExecution& execution) {
  const Project& project = project_of(id, execution);
  if (!is_visible(project, execution) || !is_allowed(project, execution)) return nullptr;
  for (const ProjectItem& each : project.items) {
    if (each.id == item) return item_object(each, project, execution);
  }
  return nullptr;
}

GraphConnection projects_among(std::vector<ProjectId> all, const GraphField& field) {
  GraphExecution& execution = field.execution;
  std::erase_if(all, [&](ProjectId id) { return !is_visible(project_of(id, execution), execution); });
  return connection_of("ProjectV2", std::move(all),
                       [&execution](ProjectId id) { return project_value(id, execution); });
}

GraphConnection project_items_of(Place place, const GraphField& field) {
  GraphExecution& execution = field.execution;
  const Metadata& metadata = execution.world().metadata();
  const bool with_archived = field.asked.arguments.value("includeArchived", true);
  const Home home = home_of(place.repository, execution);
  std::set<ProjectId> projects;
  for (const ProjectId id : metadata.projects_of(home->repository.owner)) projects.insert(id);
  for (const ProjectId id : metadata.projects_of(place.repository)) projects.insert(id);
  std::vector<std::pair<ProjectId, std::int64_t>> found;
  for (const ProjectId id : projects) {
    const Project& project = project_of(id, execution);
    if (!is_visible(project, execution)) continue;
    for (const ProjectItem& each : project.items) {
      if (each.content == place && (with_archived || !each.archived)) found.emplace_back(id, each.id);
    }
  }
  return connection_of("ProjectV2Item", std::move(found), [&execution](const auto& each) -> GraphValue {
    const auto [id, item] = each;
    if (is_allowed(project_of(id, execution), execution)) return project_item_value(id, item, execution);
    return on_demand([](const GraphField& asked) { return asked.execution.forbid(asked.asked); });
  });
}

}  // namespace hubkeep::sim
