// Fragments are shared, and an operation is sent with those that it needs. Connections inside another ask for
// few: what they cost is the number of times that they are fetched (GitHub: "Rate limits and query limits for
// the GraphQL API"), and the rest of a long one is asked for by itself.
#include "github/graph_queries.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string_view>

namespace hubkeep {
namespace {

struct Operation {
  GraphOperation operation;
  std::string_view text;
};

struct Fragment {
  std::string_view name;
  std::string_view text;
};

// clang-format off
constexpr std::array kOperations = {
    Operation{GraphOperation::probe, R"(query Probe($ids: [ID!]!) {
  nodes(ids: $ids) {
    ... on Repository {
      id
      releases(first: 1, orderBy: {field: CREATED_AT, direction: DESC}) {
        totalCount nodes { updatedAt }
      }
      issues(first: 1, orderBy: {field: UPDATED_AT, direction: DESC}) {
        totalCount nodes { updatedAt }
      }
      pullRequests(first: 1, orderBy: {field: UPDATED_AT, direction: DESC}) {
        totalCount nodes { updatedAt }
      }
      discussions(first: 1, orderBy: {field: UPDATED_AT, direction: DESC}) {
        totalCount nodes { updatedAt }
      }
      milestones(first: 1, orderBy: {field: UPDATED_AT, direction: DESC}) {
        totalCount nodes { updatedAt }
      }
      labels { totalCount } commitComments { totalCount }
    }
  }
})"},
    Operation{GraphOperation::issue_page, R"(query IssuePage($repository: ID!, $first: Int!, $after: String, $events: Boolean!) {
  node(id: $repository) {
    ... on Repository {
      issues(first: $first, after: $after, orderBy: {field: CREATED_AT, direction: ASC}) {
        totalCount pageInfo { hasNextPage endCursor } nodes { ...issueGraph }
      }
    }
  }
  rateLimit { cost remaining resetAt nodeCount }
})"},
    Operation{GraphOperation::pull_request_page, R"(query PullRequestPage($repository: ID!, $first: Int!, $after: String, $events: Boolean!) {
  node(id: $repository) {
    ... on Repository {
      pullRequests(first: $first, after: $after, orderBy: {field: CREATED_AT, direction: ASC}) {
        totalCount pageInfo { hasNextPage endCursor } nodes { ...pullRequest }
      }
    }
  }
  rateLimit { cost remaining resetAt nodeCount }
})"},
    Operation{GraphOperation::changed_items, R"(query ChangedItems($ids: [ID!]!, $events: Boolean!) {
  nodes(ids: $ids) { __typename ...issueGraph ...pullRequest }
  rateLimit { cost remaining resetAt nodeCount }
})"},
    Operation{GraphOperation::comments, R"(query Comments($ids: [ID!]!) {
  nodes(ids: $ids) {
    __typename id
    ... on IssueComment {
      fullDatabaseId isMinimized minimizedReason reactions(first: 50) { ...reactions }
      userContentEdits(first: 20) { ...edits }
    }
    ... on PullRequestReviewComment {
      fullDatabaseId isMinimized minimizedReason reactions(first: 50) { ...reactions }
      userContentEdits(first: 20) { ...edits }
    }
    ... on PullRequestReview {
      fullDatabaseId reactions(first: 50) { ...reactions }
      userContentEdits(first: 20) { ...edits }
    }
    ... on DiscussionComment {
      databaseId reactions(first: 50) { ...reactions } userContentEdits(first: 20) { ...edits }
    }
    ... on CommitComment {
      databaseId isMinimized minimizedReason reactions(first: 50) { ...reactions }
      userContentEdits(first: 20) { ...edits }
    }
  }
  rateLimit { cost remaining resetAt nodeCount }
})"},
    Operation{GraphOperation::discussion_page, R"(query DiscussionPage($repository: ID!, $first: Int!, $after: String, $by: DiscussionOrderField!,
    $direction: OrderDirection!) {
  node(id: $repository) {
    ... on Repository {
      discussions(first: $first, after: $after, orderBy: {field: $by, direction: $direction}) {
        totalCount pageInfo { hasNextPage endCursor } nodes { ...discussion }
      }
    }
  }
  rateLimit { cost remaining resetAt nodeCount }
})"},
    Operation{GraphOperation::branch_protections, R"(query BranchProtections($repository: ID!, $first: Int!, $after: String) {
  node(id: $repository) {
    ... on Repository {
      branchProtectionRules(first: $first, after: $after) {
        totalCount pageInfo { hasNextPage endCursor }
        nodes {
          id databaseId pattern creator { ...who } allowsDeletions allowsForcePushes
          blocksCreations dismissesStaleReviews isAdminEnforced lockAllowsFetchAndMerge
          lockBranch requireLastPushApproval requiredApprovingReviewCount
          requiredDeploymentEnvironments requiredStatusCheckContexts
          requiredStatusChecks { context } requiresApprovingReviews requiresCodeOwnerReviews
          requiresCommitSignatures requiresConversationResolution requiresDeployments
          requiresLinearHistory requiresStatusChecks requiresStrictStatusChecks restrictsPushes
          restrictsReviewDismissals
        }
      }
    }
  }
  rateLimit { cost remaining resetAt nodeCount }
})"},
};

constexpr std::array kFragments = {
    Fragment{"who", R"(fragment who on Actor { __typename login })"},
    Fragment{"edits", R"(fragment edits on UserContentEditConnection {
  totalCount pageInfo { hasNextPage endCursor }
  nodes { id createdAt editedAt deletedAt editor { ...who } deletedBy { ...who } diff }
})"},
    Fragment{"reactions", R"(fragment reactions on ReactionConnection {
  totalCount pageInfo { hasNextPage endCursor }
  nodes { id content createdAt user { __typename login } }
})"},
    Fragment{"subject", R"(fragment subject on ReferencedSubject {
  __typename ... on Issue { number title repository { nameWithOwner } }
  ... on PullRequest { number title repository { nameWithOwner } }
})"},
    Fragment{"duplicate", R"(fragment duplicate on IssueOrPullRequest {
  __typename ... on Issue { number repository { nameWithOwner } }
  ... on PullRequest { number repository { nameWithOwner } }
})"},
    Fragment{"other", R"(fragment other on Issue { number title repository { nameWithOwner } })"},
    Fragment{"assignee", R"(fragment assignee on Assignee {
  __typename ... on User { login } ... on Bot { login } ... on Organization { login }
  ... on Mannequin { login }
})"},
    Fragment{"reviewer", R"(fragment reviewer on RequestedReviewer {
  __typename ... on User { login } ... on Bot { login } ... on Mannequin { login }
  ... on Team { slug combinedSlug }
})"},
    Fragment{"events", R"(fragment events on Node {
  ... on AssignedEvent { id createdAt actor { ...who } assignee { ...assignee } }
  ... on UnassignedEvent { id createdAt actor { ...who } assignee { ...assignee } }
  ... on ClosedEvent {
    id createdAt actor { ...who } stateReason
    closer {
      __typename ... on Commit { oid }
      ... on PullRequest { number repository { nameWithOwner } }
    }
  }
  ... on ReopenedEvent { id createdAt actor { ...who } stateReason }
  ... on CommentDeletedEvent { id createdAt actor { ...who } deletedCommentAuthor { ...who } }
  ... on ConnectedEvent {
    id createdAt actor { ...who } isCrossRepository source { ...subject } subject { ...subject }
  }
  ... on DisconnectedEvent {
    id createdAt actor { ...who } isCrossRepository source { ...subject } subject { ...subject }
  }
  ... on ConvertedToDiscussionEvent { id createdAt actor { ...who } discussion { number } }
  ... on CrossReferencedEvent {
    id createdAt actor { ...who } isCrossRepository referencedAt willCloseTarget
    source { ...subject }
  }
  ... on MilestonedEvent { id createdAt actor { ...who } milestoneTitle }
  ... on DemilestonedEvent { id createdAt actor { ...who } milestoneTitle }
  ... on LabeledEvent { id createdAt actor { ...who } label { name color } }
  ... on UnlabeledEvent { id createdAt actor { ...who } label { name color } }
  ... on LockedEvent { id createdAt actor { ...who } lockReason }
  ... on UnlockedEvent { id createdAt actor { ...who } }
  ... on MarkedAsDuplicateEvent {
    id createdAt actor { ...who } isCrossRepository canonical { ...duplicate }
  }
  ... on UnmarkedAsDuplicateEvent {
    id createdAt actor { ...who } isCrossRepository canonical { ...duplicate }
  }
  ... on MentionedEvent { id createdAt actor { ...who } }
  ... on SubscribedEvent { id createdAt actor { ...who } }
  ... on UnsubscribedEvent { id createdAt actor { ...who } }
  ... on PinnedEvent { id createdAt actor { ...who } }
  ... on UnpinnedEvent { id createdAt actor { ...who } }
  ... on ParentIssueAddedEvent { id createdAt actor { ...who } parent { ...other } }
  ... on ParentIssueRemovedEvent { id createdAt actor { ...who } parent { ...other } }
  ... on SubIssueAddedEvent { id createdAt actor { ...who } subIssue { ...other } }
  ... on SubIssueRemovedEvent { id createdAt actor { ...who } subIssue { ...other } }
  ... on ReferencedEvent {
    id createdAt actor { ...who } isCrossRepository isDirectReference commit { oid }
    commitRepository { nameWithOwner }
  }
  ... on RenamedTitleEvent { id createdAt actor { ...who } previousTitle currentTitle }
  ... on TransferredEvent { id createdAt actor { ...who } fromRepository { nameWithOwner } }
  ... on UserBlockedEvent {
    id createdAt actor { ...who } blockDuration blocked: subject { login }
  }
})"},
    Fragment{"pullRequestEvents", R"(fragment pullRequestEvents on Node {
  ... on AddedToMergeQueueEvent { id createdAt actor { ...who } enqueuer { login } }
  ... on RemovedFromMergeQueueEvent {
    id createdAt actor { ...who } reason enqueuer { login } beforeCommit { oid }
  }
  ... on AutoMergeEnabledEvent { id createdAt actor { ...who } enabler { login } }
  ... on AutoMergeDisabledEvent {
    id createdAt actor { ...who } reason reasonCode disabler { login }
  }
  ... on AutoRebaseEnabledEvent { id createdAt actor { ...who } enabler { login } }
  ... on AutoSquashEnabledEvent { id createdAt actor { ...who } enabler { login } }
  ... on AutomaticBaseChangeFailedEvent { id createdAt actor { ...who } oldBase newBase }
  ... on AutomaticBaseChangeSucceededEvent { id createdAt actor { ...who } oldBase newBase }
  ... on BaseRefChangedEvent { id createdAt actor { ...who } previousRefName currentRefName }
  ... on BaseRefDeletedEvent { id createdAt actor { ...who } baseRefName }
  ... on BaseRefForcePushedEvent {
    id createdAt actor { ...who } beforeCommit { oid } afterCommit { oid }
  }
  ... on HeadRefDeletedEvent { id createdAt actor { ...who } headRefName }
  ... on HeadRefForcePushedEvent {
    id createdAt actor { ...who } beforeCommit { oid } afterCommit { oid }
  }
  ... on HeadRefRestoredEvent { id createdAt actor { ...who } }
  ... on ConvertToDraftEvent { id createdAt actor { ...who } }
  ... on ReadyForReviewEvent { id createdAt actor { ...who } }
  ... on DeployedEvent { id createdAt actor { ...who } deployment { environment state } }
  ... on DeploymentEnvironmentChangedEvent {
    id createdAt actor { ...who } deploymentStatus { state environmentUrl }
  }
  ... on MergedEvent { id createdAt actor { ...who } mergeRefName commit { oid } }
  ... on ReviewDismissedEvent {
    id createdAt actor { ...who } dismissalMessage previousReviewState review { fullDatabaseId }
  }
  ... on ReviewRequestedEvent {
    id createdAt actor { ...who } requestedReviewer { ...reviewer }
  }
  ... on ReviewRequestRemovedEvent {
    id createdAt actor { ...who } requestedReviewer { ...reviewer }
  }
})"},
    Fragment{"issueTimeline", R"(fragment issueTimeline on IssueTimelineItemsConnection {
  totalCount pageInfo { hasNextPage endCursor } nodes { __typename ...events }
})"},
    Fragment{"pullRequestTimeline", R"(fragment pullRequestTimeline on PullRequestTimelineItemsConnection {
  totalCount pageInfo { hasNextPage endCursor }
  nodes { __typename ...events ...pullRequestEvents }
})"},
    Fragment{"issueGraph", R"(fragment issueGraph on Issue {
  id number updatedAt lastEditedAt includesCreatedEdit editor { ...who } isPinned
  reactions(first: 20) { ...reactions } userContentEdits(first: 10) { ...edits }
  parent { ...other }
  subIssues(first: 20) { totalCount pageInfo { hasNextPage endCursor } nodes { ...other } }
  linkedBranches(first: 5) {
    totalCount pageInfo { hasNextPage endCursor } nodes { id ref { name } }
  }
  timelineItems(first: 50, itemTypes: [ASSIGNED_EVENT, UNASSIGNED_EVENT, CLOSED_EVENT,
      REOPENED_EVENT, COMMENT_DELETED_EVENT, CONNECTED_EVENT, DISCONNECTED_EVENT,
      CONVERTED_TO_DISCUSSION_EVENT, CROSS_REFERENCED_EVENT, MILESTONED_EVENT,
      DEMILESTONED_EVENT, LABELED_EVENT, UNLABELED_EVENT, LOCKED_EVENT, UNLOCKED_EVENT,
      MARKED_AS_DUPLICATE_EVENT, UNMARKED_AS_DUPLICATE_EVENT, MENTIONED_EVENT,
      SUBSCRIBED_EVENT, UNSUBSCRIBED_EVENT, PINNED_EVENT, UNPINNED_EVENT,
      PARENT_ISSUE_ADDED_EVENT, PARENT_ISSUE_REMOVED_EVENT, SUB_ISSUE_ADDED_EVENT,
      SUB_ISSUE_REMOVED_EVENT, REFERENCED_EVENT, RENAMED_TITLE_EVENT, TRANSFERRED_EVENT,
      USER_BLOCKED_EVENT]) @include(if: $events) {
    ...issueTimeline
  }
})"},
    Fragment{"pullRequest", R"(fragment pullRequest on PullRequest {
  id fullDatabaseId number title body url state isDraft merged mergedAt mergedBy { ...who }
  mergeCommit { oid } createdAt updatedAt closedAt author { ...who } authorAssociation
  editor { ...who } lastEditedAt includesCreatedEdit locked activeLockReason maintainerCanModify
  baseRefName baseRefOid headRefName headRefOid isCrossRepository
  headRepository { nameWithOwner url } headRepositoryOwner { login } additions deletions
  changedFiles reviewDecision
  autoMergeRequest { enabledAt mergeMethod commitHeadline commitBody enabledBy { ...who } }
  reactions(first: 20) { ...reactions } userContentEdits(first: 10) { ...edits }
  commits(first: 50) {
    totalCount pageInfo { hasNextPage endCursor }
    nodes {
      commit {
        oid messageHeadline messageBody authoredDate committedDate
        author { name email user { login } } committer { name email user { login } }
      }
    }
  }
  reviewRequests(first: 20) {
    totalCount pageInfo { hasNextPage endCursor }
    nodes { asCodeOwner requestedReviewer { ...reviewer } }
  }
  reviews(first: 20) { ...reviews } reviewThreads(first: 10) { ...reviewThreads }
  closingIssuesReferences(first: 10) {
    totalCount pageInfo { hasNextPage endCursor } nodes { ...other }
  }
  timelineItems(first: 50, itemTypes: [ASSIGNED_EVENT, UNASSIGNED_EVENT, CLOSED_EVENT,
      REOPENED_EVENT, COMMENT_DELETED_EVENT, CONNECTED_EVENT, DISCONNECTED_EVENT,
      CONVERTED_TO_DISCUSSION_EVENT, CROSS_REFERENCED_EVENT, MILESTONED_EVENT,
      DEMILESTONED_EVENT, LABELED_EVENT, UNLABELED_EVENT, LOCKED_EVENT, UNLOCKED_EVENT,
      MARKED_AS_DUPLICATE_EVENT, UNMARKED_AS_DUPLICATE_EVENT, MENTIONED_EVENT,
      SUBSCRIBED_EVENT, UNSUBSCRIBED_EVENT, PINNED_EVENT, UNPINNED_EVENT,
      PARENT_ISSUE_ADDED_EVENT, PARENT_ISSUE_REMOVED_EVENT, SUB_ISSUE_ADDED_EVENT,
      SUB_ISSUE_REMOVED_EVENT, REFERENCED_EVENT, RENAMED_TITLE_EVENT, TRANSFERRED_EVENT,
      USER_BLOCKED_EVENT, ADDED_TO_MERGE_QUEUE_EVENT, REMOVED_FROM_MERGE_QUEUE_EVENT,
      AUTO_MERGE_ENABLED_EVENT, AUTO_MERGE_DISABLED_EVENT, AUTO_REBASE_ENABLED_EVENT,
      AUTO_SQUASH_ENABLED_EVENT, AUTOMATIC_BASE_CHANGE_FAILED_EVENT,
      AUTOMATIC_BASE_CHANGE_SUCCEEDED_EVENT, BASE_REF_CHANGED_EVENT, BASE_REF_DELETED_EVENT,
      BASE_REF_FORCE_PUSHED_EVENT, HEAD_REF_DELETED_EVENT, HEAD_REF_FORCE_PUSHED_EVENT,
      HEAD_REF_RESTORED_EVENT, CONVERT_TO_DRAFT_EVENT, READY_FOR_REVIEW_EVENT, DEPLOYED_EVENT,
      DEPLOYMENT_ENVIRONMENT_CHANGED_EVENT, MERGED_EVENT, REVIEW_DISMISSED_EVENT,
      REVIEW_REQUESTED_EVENT, REVIEW_REQUEST_REMOVED_EVENT]) @include(if: $events) {
    ...pullRequestTimeline
  }
})"},
    Fragment{"reviews", R"(fragment reviews on PullRequestReviewConnection {
  totalCount pageInfo { hasNextPage endCursor }
  nodes {
    id fullDatabaseId state body author { ...who } authorAssociation submittedAt createdAt
    updatedAt lastEditedAt includesCreatedEdit isMinimized minimizedReason commit { oid }
    reactionGroups { content reactors { totalCount } } comments { totalCount }
  }
})"},
    Fragment{"reviewThreads", R"(fragment reviewThreads on PullRequestReviewThreadConnection {
  totalCount pageInfo { hasNextPage endCursor }
  nodes {
    id isResolved isOutdated isCollapsed resolvedBy { login } path line startLine originalLine
    originalStartLine diffSide startDiffSide subjectType
    comments(last: 1) { totalCount nodes { fullDatabaseId updatedAt } }
  }
})"},
    Fragment{"discussionReplies", R"(fragment discussionReplies on DiscussionCommentConnection {
  totalCount pageInfo { hasNextPage endCursor }
  nodes {
    id databaseId body author { ...who } authorAssociation createdAt updatedAt lastEditedAt
    includesCreatedEdit deletedAt isMinimized minimizedReason upvoteCount
    reactionGroups { content reactors { totalCount } }
  }
})"},
    Fragment{"discussionComments", R"(fragment discussionComments on DiscussionCommentConnection {
  totalCount pageInfo { hasNextPage endCursor }
  nodes {
    id databaseId body author { ...who } authorAssociation createdAt updatedAt lastEditedAt
    includesCreatedEdit deletedAt isAnswer isMinimized minimizedReason upvoteCount
    reactionGroups { content reactors { totalCount } }
    replies(first: 20) { ...discussionReplies }
  }
})"},
    Fragment{"discussion", R"(fragment discussion on Discussion {
  id databaseId number title body url author { ...who } authorAssociation createdAt updatedAt
  lastEditedAt includesCreatedEdit editor { ...who } closed closedAt stateReason locked
  activeLockReason upvoteCount isAnswered answer { id databaseId } answerChosenAt
  answerChosenBy { ...who } category { id name slug description emoji isAnswerable }
  poll {
    question totalVoteCount options(first: 20) { totalCount nodes { id option totalVoteCount } }
  }
  labels(first: 20) { totalCount pageInfo { hasNextPage endCursor } nodes { name color } }
  reactions(first: 20) { ...reactions } userContentEdits(first: 10) { ...edits }
  comments(first: 30) { ...discussionComments }
})"},
};
// clang-format on

const Fragment* find_fragment(std::string_view name) {
  const auto found = std::find_if(kFragments.begin(), kFragments.end(),
                                  [&](const Fragment& each) { return each.name == name; });
  return found == kFragments.end() ? nullptr : &*found;
}

// A spread is three dots and a name; in an inline fragment a blank follows the dots.
void add_fragments_of(std::string_view text, std::set<std::string_view>& added, std::string& query) {
  constexpr std::string_view kDots = "...";
  for (std::size_t at = text.find(kDots); at != text.npos; at = text.find(kDots, at + 1)) {
    const std::string_view rest = text.substr(at + kDots.size());
    const Fragment* fragment = find_fragment(rest.substr(0, rest.find_first_of(" \n})")));
    if (fragment == nullptr || !added.insert(fragment->name).second) continue;
    query.append("\n").append(fragment->text);
    add_fragments_of(fragment->text, added, query);
  }
}

std::string with_fragments(std::string_view text) {
  std::string query(text);
  std::set<std::string_view> added;
  add_fragments_of(text, added, query);
  return query;
}

std::map<GraphOperation, std::string> complete_queries() {
  std::map<GraphOperation, std::string> queries;
  for (const Operation& each : kOperations) queries[each.operation] = with_fragments(each.text);
  return queries;
}

// Up to the bracket that closes the one at `begin`.
std::string_view bracketed(std::string_view text, std::size_t begin) {
  int depth = 0;
  for (std::size_t i = begin; i < text.size(); ++i) {
    if (text[i] == '{' || text[i] == '(') ++depth;
    if (text[i] == '}' || text[i] == ')') --depth;
    if (depth == 0) return text.substr(begin, i + 1 - begin);
  }
  return {};
}

// Where what is selected of a type stands. Of comments and reviews that is in the operation that asks for
// them.
struct TypeFragment {
  std::string_view type;
  std::string_view fragment;
};
constexpr std::array kTypeFragments = {
    TypeFragment{"Issue", "issueGraph"},
    TypeFragment{"PullRequest", "pullRequest"},
    TypeFragment{"Discussion", "discussion"},
    TypeFragment{"DiscussionComment", "discussionComments"},
};

// "reactions(first: 20) { … }" in what is selected of the type; empty where it is not.
std::string_view connection_in(std::string_view text, std::string_view connection) {
  const std::size_t at = text.find(fmt::format("{}(first: ", connection));
  if (at == text.npos) return {};
  const std::size_t end_of_arguments =
      at + connection.size() + bracketed(text, at + connection.size()).size();
  const std::size_t open = text.find('{', end_of_arguments);
  return text.substr(at, open + bracketed(text, open).size() - at);
}

std::string_view connection_of(std::string_view type, std::string_view connection) {
  for (const TypeFragment& each : kTypeFragments) {
    if (each.type != type) continue;
    const auto found = connection_in(find_fragment(each.fragment)->text, connection);
    if (!found.empty()) return found;
  }
  const std::string_view comments = kOperations[static_cast<std::size_t>(GraphOperation::comments)].text;
  const std::string on = fmt::format("on {} {{", type);
  const std::size_t at = comments.find(on);
  return at == comments.npos ? "" : connection_in(bracketed(comments, at + on.size() - 1), connection);
}

}  // namespace

const std::string& graph_query(GraphOperation operation) {
  static const std::map<GraphOperation, std::string> queries = complete_queries();
  return queries.at(operation);
}

std::string graph_rest_query(std::string_view type, std::string_view connection) {
  const std::string_view asked = connection_of(type, connection);
  if (asked.empty()) return "";
  const std::string_view arguments = bracketed(asked, connection.size());
  const std::size_t others = std::min(arguments.find(','), arguments.size() - 1);
  constexpr const char* kQuery = R"(query Rest($id: ID!, $after: String) {{
  node(id: $id) {{
    ... on {} {{
      {}(first: 100, after: $after{} {}
    }}
  }}
  rateLimit {{ cost remaining resetAt nodeCount }}
}})";
  return with_fragments(fmt::format(kQuery, type, connection, arguments.substr(others),
                                    asked.substr(asked.find('{', connection.size() + arguments.size()))));
}

}  // namespace hubkeep
