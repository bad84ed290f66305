// What only its administrators set: of repositories and of accounts on the simulated GitHub. Those that have
// no rules of their own here are the objects that REST gives, without what follows from the world: "{api}" in
// their texts stands for the repository's or account's own address.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "sim/posts.h"

namespace hubkeep::sim {

/// Objects by id or name, as REST gives them.
using SettingsObjects = std::map<std::string, nlohmann::json>;

struct RepositorySettings {
  bool has_issues = true;
  bool has_pull_requests = true;
  bool has_discussions = false;
  bool has_projects = true;
  std::vector<std::string> topics;
  nlohmann::json properties = nlohmann::json::object();  // values by name
  /// By kind: "hook", "deploy_key", "invitation", "autolink", "environment", "variable", "secret", "ruleset",
  /// "branch_protection" (by pattern, with the fields of GraphQL's BranchProtectionRule),
  /// "security_advisory", and with the id "-": "pages", "interaction_limits".
  std::map<std::string, SettingsObjects> objects;
};

struct Team {
  std::int64_t id = 0;
  std::string slug;
  std::string name;
  std::string description;
  std::string privacy = "closed";                    // or "secret"
  std::string parent;                                // a slug
  std::map<std::string, std::string> members;        // login to "member" or "maintainer"
  std::map<RepositoryId, std::string> repositories;  // to "pull", "triage", "push", "maintain" or "admin"
};

struct IssueType {
  std::int64_t id = 0;
  std::string name;
  std::string description;
  std::string color = "gray";
  bool enabled = true;
};

struct AccountSettings {
  nlohmann::json profile = nlohmann::json::object();  // "name", "bio", "company", "blog", "location", …
  std::map<std::string, Team> teams;                  // of an organisation, by slug
  std::map<std::string, IssueType> issue_types;       // by name
  /// By kind: of an organisation "hook", "ruleset", "property" (its schema, by name); of a user "key",
  /// "gpg_key", "ssh_signing_key".
  std::map<std::string, SettingsObjects> objects;
  std::set<std::string> followers;  // logins
  std::set<std::string> following;
  std::set<RepositoryId> watched;
};

}  // namespace hubkeep::sim
