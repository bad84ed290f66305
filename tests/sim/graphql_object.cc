#include "sim/graphql_object.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

namespace hubkeep::sim {

namespace {

using Types = std::set<std::string_view>;

/// Interfaces and unions by name, with those of the types in them that the simulator has; as GitHub's
/// published schema has them. An event is more easily known by its name.
const std::map<std::string_view, Types>& abstract_types() {
  static const std::map<std::string_view, Types> kTypes = {
      {"Actor", {"Bot", "Mannequin", "Organization", "User"}},
      {"Assignable", {"Issue", "PullRequest"}},
      {"Assignee", {"Bot", "Mannequin", "Organization", "User"}},
      {"Closable", {"Discussion", "Issue", "Milestone", "ProjectV2", "PullRequest"}},
      {"Closer", {"Commit", "ProjectV2", "PullRequest"}},
      {"Comment",
       {"CommitComment", "Discussion", "DiscussionComment", "Issue", "IssueComment", "PullRequest",
        "PullRequestReview", "PullRequestReviewComment"}},
      {"GitObject", {"Commit"}},
      {"IssueOrPullRequest", {"Issue", "PullRequest"}},
      {"Labelable", {"Discussion", "Issue", "PullRequest"}},
      {"Lockable", {"Discussion", "Issue", "PullRequest"}},
      {"MilestoneItem", {"Issue", "PullRequest"}},
      {"Minimizable",
       {"CommitComment", "DiscussionComment", "IssueComment", "PullRequestReview",
        "PullRequestReviewComment"}},
      {"ProjectV2FieldCommon", {"ProjectV2Field", "ProjectV2IterationField", "ProjectV2SingleSelectField"}},
      {"ProjectV2FieldConfiguration",
       {"ProjectV2Field", "ProjectV2IterationField", "ProjectV2SingleSelectField"}},
      {"ProjectV2ItemContent", {"DraftIssue", "Issue", "PullRequest"}},
      {"ProjectV2ItemFieldValueCommon",
       {"ProjectV2ItemFieldDateValue", "ProjectV2ItemFieldIterationValue", "ProjectV2ItemFieldNumberValue",
        "ProjectV2ItemFieldSingleSelectValue", "ProjectV2ItemFieldTextValue"}},
      {"ProjectV2Owner", {"Issue", "Organization", "PullRequest", "User"}},
      {"Reactable",
       {"CommitComment", "Discussion", "DiscussionComment", "Issue", "IssueComment", "PullRequest",
        "PullRequestReview", "PullRequestReviewComment", "Release"}},
      {"Reactor", {"Bot", "Mannequin", "Organization", "User"}},
      {"ReferencedSubject", {"Issue", "PullRequest"}},
      {"RenamedTitleSubject", {"Issue", "PullRequest"}},
      {"RepositoryInfo", {"Repository"}},
      {"RepositoryNode",
       {"CommitComment", "Discussion", "DiscussionCategory", "Issue", "IssueComment", "PullRequest",
        "PullRequestReview", "PullRequestReviewComment"}},
      {"RepositoryOwner", {"Organization", "User"}},
      {"RequestedReviewer", {"Bot", "Mannequin", "Team", "User"}},
      {"RuleSource", {"Enterprise", "Organization", "Repository"}},
      {"Subscribable", {"Commit", "Discussion", "Issue", "PullRequest", "Repository", "Team"}},
      {"UpdatableComment",
       {"CommitComment", "DiscussionComment", "Issue", "IssueComment", "PullRequest", "PullRequestReview",
        "PullRequestReviewComment"}},
      {"Votable", {"Discussion", "DiscussionComment"}},
  };
  return kTypes;
}

/// What is no node: connections, and parts of an object that have no id.
bool is_node(std::string_view type) {
  static const Types kOthers = {"GitActor", "PageInfo", "RateLimit", "ReactionGroup", "SubIssuesSummary"};
  return !type.ends_with("Connection") && !type.ends_with("Edge") && !kOthers.contains(type);
}

}  // namespace

void append(GraphFields& fields, GraphFields more) {
  fields.insert(fields.end(), std::move_iterator(more.begin()), std::move_iterator(more.end()));
}

std::string graph_key(std::int64_t number) {
  return fmt::format("{:020}", number);
}

bool is_a(std::string_view type, std::string_view condition) {
  if (condition.empty() || condition == type) return true;
  if (condition == "Node") return is_node(type);
  if (condition == "PullRequestTimelineItems" || condition == "IssueTimelineItems")
    return type.ends_with("Event") || type == "IssueComment";
  const auto found = abstract_types().find(condition);
  return found != abstract_types().end() && found->second.contains(type);
}

}  // namespace hubkeep::sim
