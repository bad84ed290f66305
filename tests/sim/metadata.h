// All that the simulated GitHub knows of repositories and accounts beside their git repositories: issues,
// pull requests, discussions, projects, settings. The functions that change it have GitHub's rules of what
// moves `updated_at` and what does not; the blind spots are meant.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/discussions.h"
#include "sim/issues.h"
#include "sim/projects.h"
#include "sim/settings.h"

namespace hubkeep::sim {

class World;

/// Ids in the order of their last update, ties in that of the ids. A walk by `since` is a search in it.
class UpdateOrder {
 public:
  struct Entry {
    UtcTime updated_at{};
    std::int64_t id = 0;

    friend auto operator<=>(const Entry&, const Entry&) = default;
  };

  void add(UtcTime updated_at, std::int64_t id);
  void remove(UtcTime updated_at, std::int64_t id);
  const std::vector<Entry>& entries() const { return entries_; }
  /// The place in entries() of the first that was updated then or later.
  std::size_t first_since(UtcTime time) const;

 private:
  std::vector<Entry> entries_;
};

struct RepositoryMetadata {
  std::int64_t last_number = 0;                        // of issues, pull requests and discussions
  std::map<std::int64_t, Issue> issues;                // by number, pull requests among them
  std::map<std::int64_t, std::int64_t> numbers;        // of issues, by id
  std::map<std::int64_t, GoneIssue> gone;              // by number
  std::map<CommentId, IssueComment> comments;          // on issues and pull requests
  std::map<CommentId, ReviewComment> review_comments;  // on differences
  std::map<CommentId, CommitComment> commit_comments;
  std::map<std::int64_t, Label> labels;          // by id
  std::map<std::int64_t, Milestone> milestones;  // by number
  std::int64_t last_milestone = 0;
  std::vector<DiscussionCategory> categories;
  std::map<std::int64_t, Discussion> discussions;  // by number
  RepositorySettings settings;
  UpdateOrder issues_by_update;  // of numbers
  UpdateOrder comments_by_update;
  UpdateOrder review_comments_by_update;
};

/// One thing that a node id stands for.
struct NodePlace {
  std::string prefix;  // "I", "PR", "IC", "PRR", "PRRT", "PRRC", "LA", "MI", "CC", "D", "DC", "PVT", "PVTI"
  RepositoryId repository = 0;
  std::int64_t number = 0;  // of the issue, pull request or discussion that it is or belongs to
  std::int64_t id = 0;
};

/// "IC_kwDO000f4241" of "IC" and 1000001.
std::string node_id(std::string_view prefix, std::int64_t id);

/// Thread-safe: what is read or changed, is so under one lock, which a thread may take again. World's
/// functions may be called below it.
class Metadata {
 public:
  explicit Metadata(const World& world) : world_(world) {}

  /// What `reader` makes of the repository's; nothing there is empty.
  template <typename Reader>
  auto read(RepositoryId id, const Reader& reader) const {
    const std::lock_guard lock(mutex_);
    return reader(locked(id));
  }
  /// For what has no function below: nothing but what `change` does happens.
  void change(RepositoryId id, const std::function<void(RepositoryMetadata&)>& change);

  template <typename Reader>
  auto read_account(const std::string& login, const Reader& reader) const {
    const std::lock_guard lock(mutex_);
    return reader(locked_account(login));
  }
  void change_account(const std::string& login, const std::function<void(AccountSettings&)>& change);

  template <typename Reader>
  auto read_project(ProjectId id, const Reader& reader) const {
    const std::lock_guard lock(mutex_);
    return reader(projects_.at(id));
  }
  /// Ordered by id; of an account, or of those that are linked to a repository.
  std::vector<ProjectId> projects_of(const std::string& owner) const;
  std::vector<ProjectId> projects_of(RepositoryId id) const;

  /// Nothing for what is not here, or no longer.
  std::optional<NodePlace> find_node(std::string_view node_id) const;
  /// The repository itself is gone.
  void forget(RepositoryId id);

  // Issues and pull requests. `who` is a login.

  /// The number and the times are set here. `#7` and "owner/name#7" in a text make the cross-references.
  std::int64_t add_issue(RepositoryId id, Issue issue);
  /// With its events; whatever else `issue` says is that of the pull request.
  std::int64_t add_pull_request(RepositoryId id, Issue issue, PullRequest pull_request);
  void edit_body(Place place, const std::string& who, const std::string& body);
  void rename(Place place, const std::string& who, const std::string& title);
  void close(Place place, const std::string& who, const std::string& reason = "completed");
  void reopen(Place place, const std::string& who);
  void lock(Place place, const std::string& who, const std::string& reason = "resolved");
  void unlock(Place place, const std::string& who);
  void pin(Place place, const std::string& who, bool pinned = true);
  void assign(Place place, const std::string& who, const std::string& assignee);
  void unassign(Place place, const std::string& who, const std::string& assignee);
  void add_label_to(Place place, const std::string& who, std::int64_t label);
  void remove_label_from(Place place, const std::string& who, std::int64_t label);
  /// 0: none any more.
  void set_milestone(Place place, const std::string& who, std::int64_t milestone);
  void set_type(Place place, const std::string& who, const std::string& type);
  void set_field(Place place, const std::string& name, const std::string& value);
  void add_sub_issue(Place parent, const std::string& who, Place child);
  void remove_sub_issue(Place parent, const std::string& who, Place child);
  void add_dependency(Place blocked, const std::string& who, Place blocking);
  void remove_dependency(Place blocked, const std::string& who, Place blocking);
  /// An event and nothing else: neither issue is updated.
  void cross_reference(Place target, const std::string& who, Place source);
  /// Any other event; the issue is updated.
  void add_event(Place place, Event event);
  void remove_issue(Place place);
  /// Gone here, and new there with its comments under new ids.
  Place transfer_issue(Place place, const std::string& who, RepositoryId to);
  /// Gone here, a discussion with another number.
  std::int64_t convert_to_discussion(Place place, std::int64_t category);

  CommentId add_comment(Place place, const std::string& who, const std::string& body);
  void edit_comment(RepositoryId id, CommentId comment, const std::string& who, const std::string& body);
  /// An event tells of it, and neither issue nor anything else is updated.
  void remove_comment(RepositoryId id, CommentId comment, const std::string& who);

  // Pull requests.

  void add_commit(Place place, PullCommit commit);
  void force_push(Place place, const std::string& who, std::vector<PullCommit> commits);
  void merge(Place place, const std::string& who);
  void set_draft(Place place, const std::string& who, bool draft);
  void request_review(Place place, const std::string& who, const std::string& reviewer);
  std::int64_t add_review(Place place, const std::string& who, const std::string& state,
                          const std::string& body);
  /// Not even the pull request is updated.
  void edit_review(Place place, std::int64_t review, const std::string& who, const std::string& body);
  void dismiss_review(Place place, std::int64_t review, const std::string& who);
  /// The comment that opens a thread, which stands in `thread` without its id.
  CommentId add_thread(Place place, std::int64_t review, ReviewThread thread, const std::string& body);
  CommentId reply_to_thread(Place place, std::int64_t thread, const std::string& who,
                            const std::string& body);
  void resolve_thread(Place place, std::int64_t thread, const std::string& who);
  void unresolve_thread(Place place, std::int64_t thread);
  void edit_review_comment(RepositoryId id, CommentId comment, const std::string& who,
                           const std::string& body);
  void remove_review_comment(RepositoryId id, CommentId comment);

  // What is written anywhere: nothing of it updates anything. `node`: what the node id of the issue, comment,
  // review, discussion or commit comment is.

  std::int64_t react(std::string_view node, const std::string& who, const std::string& content);
  void unreact(std::string_view node, const std::string& who, const std::string& content);
  /// "" shows it again.
  void minimize(std::string_view node, const std::string& reason);

  // Labels, milestones, comments on commits.

  std::int64_t add_label(RepositoryId id, Label label);
  /// Issues that have it are not updated.
  void edit_label(RepositoryId id, std::int64_t label, const std::function<void(Label&)>& change);
  void remove_label(RepositoryId id, std::int64_t label);
  /// Returns its number.
  std::int64_t add_milestone(RepositoryId id, Milestone milestone);
  void edit_milestone(RepositoryId id, std::int64_t number, const std::function<void(Milestone&)>& change);
  void remove_milestone(RepositoryId id, std::int64_t number);
  CommentId add_commit_comment(RepositoryId id, CommitComment comment);
  void edit_commit_comment(RepositoryId id, CommentId comment, const std::string& who,
                           const std::string& body);
  void remove_commit_comment(RepositoryId id, CommentId comment);

  // Discussions.

  std::int64_t add_category(RepositoryId id, DiscussionCategory category);
  std::int64_t add_discussion(RepositoryId id, Discussion discussion);
  void edit_discussion(Place place, const std::string& who, const std::string& body);
  CommentId add_discussion_comment(Place place, const std::string& who, const std::string& body,
                                   CommentId reply_to = 0);
  void edit_discussion_comment(Place place, CommentId comment, const std::string& who,
                               const std::string& body);
  /// One that has replies keeps its place; the discussion is not updated.
  void remove_discussion_comment(Place place, CommentId comment);
  /// 0: none any more.
  void mark_answer(Place place, const std::string& who, CommentId comment);
  void close_discussion(Place place, const std::string& reason = "RESOLVED");
  void remove_discussion(Place place);
  /// Neither moves updated_at.
  void vote(Place place, const std::string& who, std::int64_t poll_option);
  void upvote(Place place, const std::string& who, CommentId comment = 0);

  // Projects.

  /// With the fields "Title" and "Status", one view and one workflow unless it has its own.
  ProjectId add_project(Project project);
  void edit_project(ProjectId id, const std::function<void(Project&)>& change);
  void remove_project(ProjectId id);
  std::int64_t add_project_item(ProjectId id, ProjectItem item);
  void edit_project_item(ProjectId id, std::int64_t item, const std::function<void(ProjectItem&)>& change);
  void remove_project_item(ProjectId id, std::int64_t item);

  // Settings. What is beside the repository's own object does not move its updated_at.

  /// `object` without its "id", which is set where GitHub counts such things; returns the key.
  std::string add_setting(RepositoryId id, const std::string& kind, const std::string& key,
                          nlohmann::json object);
  void remove_setting(RepositoryId id, const std::string& kind, const std::string& key);
  std::string add_account_setting(const std::string& login, const std::string& kind, const std::string& key,
                                  nlohmann::json object);
  std::int64_t add_team(const std::string& organization, Team team);
  std::int64_t add_issue_type(const std::string& organization, IssueType type);
  void follow(const std::string& who, const std::string& whom);

 private:
  enum class Counter { issue, comment, review, thread, event, reaction, edit, label, milestone, other };

  const RepositoryMetadata& locked(RepositoryId id) const;
  const AccountSettings& locked_account(const std::string& login) const;
  RepositoryMetadata& locked_repository(Place place) { return repositories_[place.repository]; }
  Issue& locked_issue(Place place);
  PullRequest& locked_pull_request(Place place);
  Discussion& locked_discussion(Place place);
  Post& locked_post(std::string_view node);
  std::int64_t next(Counter counter);

  /// What changes an issue: `change` under the lock, the time now, and the event of it.
  void update(Place place, const std::function<std::optional<Event>(Issue&)>& change);
  void touch(Place place, Issue& issue);
  void touch_comment(RepositoryMetadata& repository, IssueComment& comment);
  void record(Issue& issue, Event event);
  void edit_post(Post& post, const std::string& who, const std::string& body);
  /// The cross-references that a text makes.
  void refer(Place source, const std::string& who, const std::string& text);
  std::int64_t enter_issue(RepositoryId id, Issue issue);
  ReviewComment& enter_review_comment(Place place, ReviewComment comment);
  void erase_conversation(RepositoryMetadata& repository, const Issue& issue);

  const World& world_;
  mutable std::recursive_mutex mutex_;  // guards all below
  std::map<RepositoryId, RepositoryMetadata> repositories_;
  std::map<std::string, AccountSettings> accounts_;  // by login in lower case
  std::map<ProjectId, Project> projects_;
  std::map<std::string, std::int64_t> last_project_;  // numbers, by login in lower case
  std::map<Counter, std::int64_t> last_ids_;
};

}  // namespace hubkeep::sim
