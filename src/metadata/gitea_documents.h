// What `gitea restore-repo` reads (Gitea and Forgejo, modules/migration): an issue, a comment, a pull
// request, a review, a release as that writes them. Names of members are those of its YAML files.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "metadata/conversation.h"

namespace hubkeep {

/// Numbers of accounts by their names: GraphQL gives names alone.
using AccountIds = std::map<std::string, std::int64_t>;

/// Learns from any document of REST: its user, assignees.
void learn_accounts(const nlohmann::ordered_json& document, AccountIds& ids);

/// An empty file that stands for the patch of each pull request.
constexpr const char* kGiteaPatch = "pulls/none.patch";

/// Where the head of a pull request is.
struct GiteaHead {
  std::string branch;
  std::string oid;  // empty: it is not known
};

/// In issue.yml; `ids` has the accounts that reacted, as far as they are known.
nlohmann::ordered_json gitea_issue(const Conversation& conversation, const AccountIds& ids);
/// In pull_request.yml. `repository`: "acme/site", which becomes that of the head as well.
nlohmann::ordered_json gitea_pull_request(const Conversation& conversation, const std::string& repository,
                                          const GiteaHead& head, const AccountIds& ids);
/// comments/N.yml: comments, and that it was closed, reopened or renamed. What was deleted on GitHub is left
/// out, here and in all that follows.
nlohmann::ordered_json gitea_comments(const Conversation& conversation, const AccountIds& ids);
/// reviews/N.yml
nlohmann::ordered_json gitea_reviews(const Conversation& conversation, const AccountIds& ids);
/// In label.yml
nlohmann::ordered_json gitea_label(const nlohmann::ordered_json& label);
/// In milestone.yml
nlohmann::ordered_json gitea_milestone(const nlohmann::ordered_json& milestone);
/// In release.yml, without its assets.
nlohmann::ordered_json gitea_release(const nlohmann::ordered_json& release);
/// Of a release. `file`: where it is, from the folder of the export.
nlohmann::ordered_json gitea_asset(const nlohmann::ordered_json& asset, const std::string& file);

}  // namespace hubkeep
