// Issues and pull requests of repositories on the simulated GitHub, with all that hangs on them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/posts.h"

namespace hubkeep::sim {

using CommentId = std::int64_t;

struct Label {
  std::int64_t id = 0;
  std::string name;
  std::string color = "ededed";
  std::optional<std::string> description;
  bool is_default = false;
  UtcTime created_at{};
  UtcTime updated_at{};
};

struct Milestone {
  std::int64_t id = 0;
  std::int64_t number = 0;  // in a row of its own
  std::string title;
  std::optional<std::string> description;
  bool open = true;
  std::string creator;
  UtcTime created_at{};
  UtcTime updated_at{};
  std::optional<UtcTime> closed_at;
  std::optional<UtcTime> due_on;
};

/// The table of event_kind.h has their names.
enum class EventKind {
  labeled,
  unlabeled,
  milestoned,
  demilestoned,
  assigned,
  unassigned,
  renamed,
  closed,
  reopened,
  locked,
  unlocked,
  cross_referenced,
  referenced,
  mentioned,
  subscribed,
  comment_deleted,
  transferred,
  marked_as_duplicate,
  merged,
  review_requested,
  review_dismissed,
  head_ref_deleted,
  head_ref_force_pushed,
  ready_for_review,
  convert_to_draft,
  sub_issue_added,
  sub_issue_removed,
  parent_issue_added,
  parent_issue_removed,
  blocked_by_added,
  blocked_by_removed,
  blocking_added,
  blocking_removed,
  issue_type_added,
  pinned,
  unpinned,
};

struct Event {
  std::int64_t id = 0;
  EventKind kind = EventKind::labeled;
  std::string actor;
  UtcTime created_at{};
  std::string subject;  // by kind: a label's name, a milestone's title, a login, a commit, a reason, a type
  std::string before;   // of a title or a commit
  std::string after;
  std::int64_t review = 0;      // that was dismissed
  std::optional<Place> source;  // the other issue: which refers, is the parent, blocks, …
};

struct PullCommit {
  std::string oid;
  std::string message;
  std::string author;  // a login
  UtcTime committed_at{};
};

/// One line of talk at one place of the difference. REST does not know it.
struct ReviewThread {
  std::int64_t id = 0;
  std::string path;
  std::int64_t line = 1;
  std::optional<std::int64_t> start_line;
  std::string side = "RIGHT";  // or "LEFT"
  bool on_file = false;        // not on a line
  bool outdated = false;
  std::string resolved_by;  // "": it is open
  std::vector<CommentId> comments;
};

struct Review {
  std::int64_t id = 0;
  std::string state = "COMMENTED";  // or "APPROVED", "CHANGES_REQUESTED", "DISMISSED", "PENDING"
  Post post;                        // created_at: when it was submitted
  std::string commit;
};

struct PullRequest {
  std::string base_ref = "main";
  std::string base_oid;
  std::string head_ref;
  std::string head_oid;
  bool draft = false;
  std::optional<UtcTime> merged_at;
  std::string merged_by;
  std::string merge_commit;
  std::int64_t additions = 0;
  std::int64_t deletions = 0;
  std::int64_t changed_files = 0;
  std::vector<PullCommit> commits;
  std::set<std::string> requested_reviewers;  // logins
  std::set<std::string> requested_teams;      // slugs
  std::vector<Review> reviews;                // oldest first
  std::vector<ReviewThread> threads;
};

struct Issue {
  std::int64_t id = 0;
  std::int64_t number = 0;
  std::string title;
  Post post;
  bool open = true;
  std::optional<std::string> state_reason;  // "completed", "not_planned", "duplicate", "reopened"
  std::optional<UtcTime> closed_at;
  std::string closed_by;
  bool locked = false;
  std::optional<std::string> lock_reason;
  bool pinned = false;
  std::set<std::int64_t> labels;  // their ids
  std::int64_t milestone = 0;     // its number; 0: none
  std::set<std::string> assignees;
  std::string type;                           // of the organisation's issue types; "": none
  std::map<std::string, std::string> fields;  // of the organisation's issue fields, by name
  std::vector<CommentId> comments;            // oldest first
  std::vector<Event> events;                  // oldest first
  std::optional<Place> parent;
  std::vector<Place> sub_issues;
  std::vector<Place> blocked_by;
  std::vector<Place> blocking;
  std::optional<PullRequest> pull_request;  // else it is an issue
};

struct IssueComment {
  CommentId id = 0;
  std::int64_t issue = 0;  // its number
  Post post;
};

struct ReviewComment {
  CommentId id = 0;
  std::int64_t pull_request = 0;  // its number
  std::int64_t thread = 0;
  std::int64_t review = 0;
  CommentId in_reply_to = 0;  // 0: it opens the thread
  std::string diff_hunk = "@@ -1 +1 @@";
  std::string commit;
  Post post;
};

struct CommitComment {
  CommentId id = 0;
  std::string commit;
  std::optional<std::string> path;
  std::optional<std::int64_t> line;
  Post post;
};

/// What became of an issue that is no longer where it was.
struct GoneIssue {
  std::optional<Place> transferred_to;     // by its number GitHub leads there
  std::optional<std::int64_t> discussion;  // it was converted to, with that number
  UtcTime at{};
};

}  // namespace hubkeep::sim
