// The part of the Metadata that is about projects, settings and what accounts have.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/text.h"
#include "sim/metadata.h"
#include "sim/world.h"

namespace hubkeep::sim {

namespace {

/// Of these GitHub makes the id, which is their key too.
constexpr std::array<std::string_view, 8> kCounted = {
    "hook", "deploy_key", "invitation", "autolink", "ruleset", "key", "gpg_key", "ssh_signing_key"};

std::string enter(std::map<std::string, SettingsObjects>& objects, const std::string& kind, std::string key,
                  nlohmann::json object) {
  if (object.contains("id") && key.empty()) key = object["id"].dump();
  objects[kind][key] = std::move(object);
  return key;
}

auto with_id(auto& things, std::int64_t id) {
  return std::find_if(things.begin(), things.end(), [id](const auto& thing) { return thing.id == id; });
}

}  // namespace

ProjectId Metadata::add_project(Project project) {
  const std::lock_guard lock(mutex_);
  project.id = next(Counter::other);
  project.number = ++last_project_[to_lower(project.owner)];
  project.created_at = project.updated_at = world_.now();
  if (project.creator.empty()) project.creator = project.owner;
  if (project.fields.empty()) {
    project.fields = {{.name = "Title", .data_type = "TITLE"},
                      {.name = "Status",
                       .data_type = "SINGLE_SELECT",
                       .options = {{"f75ad846", "Todo"}, {"47fc9ee4", "In Progress"}, {"98236657", "Done"}}}};
  }
  if (project.views.empty()) project.views = {{.number = 1, .name = "View 1"}};
  if (project.workflows.empty()) project.workflows = {{.number = 1, .name = "Item closed"}};
  for (ProjectField& field : project.fields) field.id = next(Counter::other);
  for (ProjectView& view : project.views) view.id = next(Counter::other);
  for (ProjectWorkflow& workflow : project.workflows) workflow.id = next(Counter::other);
  return projects_.emplace(project.id, std::move(project)).first->first;
}

void Metadata::edit_project(ProjectId id, const std::function<void(Project&)>& change) {
  const std::lock_guard lock(mutex_);
  Project& project = projects_.at(id);
  change(project);
  project.updated_at = world_.now();
}

void Metadata::remove_project(ProjectId id) {
  const std::lock_guard lock(mutex_);
  projects_.erase(id);
}

std::vector<ProjectId> Metadata::projects_of(const std::string& owner) const {
  const std::lock_guard lock(mutex_);
  std::vector<ProjectId> out;
  for (const auto& [id, project] : projects_) {
    if (equals_ignoring_case(project.owner, owner)) out.push_back(id);
  }
  return out;
}

std::vector<ProjectId> Metadata::projects_of(RepositoryId repository) const {
  const std::lock_guard lock(mutex_);
  std::vector<ProjectId> out;
  for (const auto& [id, project] : projects_) {
    if (project.repositories.contains(repository)) out.push_back(id);
  }
  return out;
}

std::int64_t Metadata::add_project_item(ProjectId id, ProjectItem item) {
  const std::lock_guard lock(mutex_);
  item.id = next(Counter::other);
  const std::int64_t added = item.id;
  edit_project(id, [&](Project& project) {
    if (item.creator.empty()) item.creator = project.creator;
    item.created_at = item.updated_at = world_.now();
    project.items.push_back(std::move(item));
  });
  return added;
}

void Metadata::edit_project_item(ProjectId id, std::int64_t item,
                                 const std::function<void(ProjectItem&)>& change) {
  edit_project(id, [&](Project& project) {
    const auto found = with_id(project.items, item);
    if (found == project.items.end()) throw Error(ErrorKind::not_found, fmt::format("no item {}", item));
    change(*found);
    found->updated_at = world_.now();
  });
}

void Metadata::remove_project_item(ProjectId id, std::int64_t item) {
  edit_project(id, [&](Project& project) {
    std::erase_if(project.items, [item](const ProjectItem& each) { return each.id == item; });
  });
}

std::string Metadata::add_setting(RepositoryId id, const std::string& kind, const std::string& key,
                                  nlohmann::json object) {
  const std::lock_guard lock(mutex_);
  const bool counted = std::find(kCounted.begin(), kCounted.end(), kind) != kCounted.end();
  if (counted && !object.contains("id")) object["id"] = next(Counter::other);
  return enter(repositories_[id].settings.objects, kind, key, std::move(object));
}

void Metadata::remove_setting(RepositoryId id, const std::string& kind, const std::string& key) {
  const std::lock_guard lock(mutex_);
  repositories_[id].settings.objects[kind].erase(key);
}

std::string Metadata::add_account_setting(const std::string& login, const std::string& kind,
                                          const std::string& key, nlohmann::json object) {
  const std::lock_guard lock(mutex_);
  const bool counted = std::find(kCounted.begin(), kCounted.end(), kind) != kCounted.end();
  if (counted && !object.contains("id")) object["id"] = next(Counter::other);
  return enter(accounts_[to_lower(login)].objects, kind, key, std::move(object));
}

std::int64_t Metadata::add_team(const std::string& organization, Team team) {
  const std::lock_guard lock(mutex_);
  team.id = next(Counter::other);
  if (team.slug.empty()) team.slug = to_lower(team.name);
  const std::string slug = team.slug;
  return accounts_[to_lower(organization)].teams.emplace(slug, std::move(team)).first->second.id;
}

std::int64_t Metadata::add_issue_type(const std::string& organization, IssueType type) {
  const std::lock_guard lock(mutex_);
  type.id = next(Counter::other);
  const std::string name = type.name;
  return accounts_[to_lower(organization)].issue_types.emplace(name, std::move(type)).first->second.id;
}

void Metadata::follow(const std::string& who, const std::string& whom) {
  const std::lock_guard lock(mutex_);
  accounts_[to_lower(who)].following.insert(whom);
  accounts_[to_lower(whom)].followers.insert(who);
}

}  // namespace hubkeep::sim
