// What only administrators set: rulesets, protected branches, deploy keys, collaborators.
#include <fmt/format.h>

#include <array>

#include "sim/graph_nodes.h"

namespace hubkeep::sim {

using nlohmann::json;

namespace {

/// Of BranchProtectionRule, those that are true or false.
constexpr std::array kProtectionFlags = {"allowsDeletions",
                                         "allowsForcePushes",
                                         "blocksCreations",
                                         "dismissesStaleReviews",
                                         "isAdminEnforced",
                                         "lockAllowsFetchAndMerge",
                                         "lockBranch",
                                         "requireLastPushApproval",
                                         "requiresApprovingReviews",
                                         "requiresCodeOwnerReviews",
                                         "requiresCommitSignatures",
                                         "requiresConversationResolution",
                                         "requiresDeployments",
                                         "requiresLinearHistory",
                                         "requiresStatusChecks",
                                         "requiresStrictStatusChecks",
                                         "restrictsPushes",
                                         "restrictsReviewDismissals"};

using Objects = std::vector<std::pair<std::string, json>>;

Objects objects_of(const Home& home, const char* kind) {
  const auto found = home->metadata.settings.objects.find(kind);
  return found == home->metadata.settings.objects.end() ? Objects()
                                                        : Objects(found->second.begin(), found->second.end());
}

json field_of(const json& object, const char* name) {
  return object.value(name, json());
}

GraphValue protection_object(const std::string& pattern, const json& object,
                             const GraphExecution& execution) {
  const json id = field_of(object, "id");
  const std::int64_t number = id.is_number_integer() ? id.get<std::int64_t>() : 0;
  GraphFields fields = {{"id", node_id("BPR", number)},
                        {"databaseId", number},
                        {"pattern", pattern},
                        {"creator", actor_value(object.value("creator", ""), execution)}};
  for (const char* flag : kProtectionFlags) fields.emplace_back(flag, object.value(flag, false));
  for (const char* name :
       {"requiredApprovingReviewCount", "requiredDeploymentEnvironments", "requiredStatusCheckContexts"})
    fields.emplace_back(name, field_of(object, name));
  GraphValue::List checks;
  for (const json& context : object.value("requiredStatusCheckContexts", json::array()))
    checks.push_back(GraphObject{"RequiredStatusCheckDescription", {{"context", context}, {"app", nullptr}}});
  fields.emplace_back("requiredStatusChecks", std::move(checks));
  return GraphObject{"BranchProtectionRule", std::move(fields)};
}

GraphValue rule_object(const json& rule) {
  return GraphObject{"RepositoryRule",
                     {{"id", "RRU_" + rule.value("type", "")},
                      {"type", enum_name(rule.value("type", ""))},
                      {"parameters", nullptr}}};
}

GraphValue ruleset_object(const json& object) {
  const json names = object.value("conditions", json::object()).value("ref_name", json::object());
  const std::vector<json> rules = object.value("rules", std::vector<json>());
  return GraphObject{
      "RepositoryRuleset",
      {{"id", node_id("RRS", object.value("id", std::int64_t{0}))},
       {"databaseId", object.value("id", std::int64_t{0})},
       {"name", object.value("name", "")},
       {"target", enum_name(object.value("target", "branch"))},
       {"enforcement", enum_name(object.value("enforcement", "active"))},
       {"createdAt", field_of(object, "created_at")},
       {"updatedAt", field_of(object, "updated_at")},
       {"conditions",
        GraphObject{"RepositoryRuleConditions",
                    {{"refName", GraphObject{"RefNameConditionTarget",
                                             {{"include", names.value("include", json::array())},
                                              {"exclude", names.value("exclude", json::array())}}}}}}},
       {"rules", connection_of("RepositoryRule", rules, rule_object)}}};
}

GraphValue deploy_key_object(const json& object) {
  const json id = field_of(object, "id");
  return GraphObject{"DeployKey",
                     {{"id", node_id("DK", id.is_number_integer() ? id.get<std::int64_t>() : 0)},
                      {"title", object.value("title", "")},
                      {"key", object.value("key", "")},
                      {"readOnly", object.value("read_only", true)},
                      {"verified", object.value("verified", true)},
                      {"enabled", object.value("enabled", true)},
                      {"createdAt", field_of(object, "created_at")}}};
}

/// What only an administrator is shown. A token that lacks the permission learns how many there are.
template <typename Make>
GraphConnection administered(const char* of, const char* kind, const Home& home, const GraphField& field,
                             Make make) {
  GraphExecution& execution = field.execution;
  const bool is_shown = execution.world().can_administer(execution.token(), home->repository);
  const bool is_allowed = has_permission(execution, "administration");
  return connection_of(
      of, is_shown || !is_allowed ? objects_of(home, kind) : Objects(),
      [&execution, is_allowed, make](const auto& each) -> GraphValue {
        if (is_allowed) return make(each.first, each.second, execution);
        return on_demand([](const GraphField& asked) { return asked.execution.forbid(asked.asked); });
      });
}

GraphValue collaborators(const Home& home, const GraphField& field) {
  GraphExecution& execution = field.execution;
  if (!execution.world().can_write(execution.token(), home->repository))
    return execution.refuse(
        field.asked,
        graph_error("FORBIDDEN", "You do not have permission to view repository collaborators."));
  if (!has_permission(execution, "metadata")) return execution.forbid(field.asked);
  const Logins& logins = home->repository.collaborators;
  return connection_of("RepositoryCollaborator", std::vector(logins.begin(), logins.end()),
                       [&execution](const std::string& login) { return actor_value(login, execution); });
}

}  // namespace

GraphFields settings_lists(const Home& home, const GraphExecution&) {
  return {
      {"branchProtectionRules", on_demand([home](const GraphField& field) {
         return administered("BranchProtectionRule", "branch_protection", home, field, protection_object);
       })},
      {"deployKeys", on_demand([home](const GraphField& field) {
         return administered("DeployKey", "deploy_key", home, field,
                             [](const std::string&, const json& object, const GraphExecution&) {
                               return deploy_key_object(object);
                             });
       })},
      {"rulesets", on_demand([home] {
         return connection_of("RepositoryRuleset", objects_of(home, "ruleset"),
                              [](const auto& each) { return ruleset_object(each.second); });
       })},
      {"collaborators", on_demand([home](const GraphField& field) { return collaborators(home, field); })},
      {"projectsV2", on_demand([home](const GraphField& field) {
         return projects_among(field.execution.world().metadata().projects_of(home->repository.id), field);
       })}};
}

}  // namespace hubkeep::sim
