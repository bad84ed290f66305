#include "sim/issues_json.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/event_kind.h"
#include "sim/settings_api.h"
#include "sim/world.h"

namespace hubkeep::sim {

using nlohmann::json;

namespace {

json time_or_null(const std::optional<UtcTime>& time) {
  return time ? json(format_time(*time)) : json(nullptr);
}

template <typename Value>
json value_or_null(const std::optional<Value>& value) {
  return value ? json(*value) : json(nullptr);
}

std::string association_of(const std::string& login, const RepositoryView& view) {
  const std::string affiliation = view.call.world.affiliation(login, view.repository);
  if (affiliation == "owner") return "OWNER";
  if (affiliation == "collaborator") return "COLLABORATOR";
  return affiliation.empty() ? "NONE" : "MEMBER";
}

json reactions_json(const Post& post, const std::string& url) {
  json out = {{"url", url + "/reactions"}, {"total_count", post.reactions.size()}};
  for (const char* content : {"+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes"})
    out[content] = std::count_if(post.reactions.begin(), post.reactions.end(),
                                 [&](const Reaction& reaction) { return reaction.content == content; });
  return out;
}

/// What all that is written has.
json post_json(const Post& post, const std::string& url, const RepositoryView& view) {
  return {{"url", url},
          {"user", user_json(post.author, view.call)},
          {"author_association", association_of(post.author, view)},
          {"body", post.body},
          {"created_at", format_time(post.created_at)},
          {"updated_at", format_time(post.updated_at)},
          {"reactions", reactions_json(post, url)}};
}

json users_json(const std::set<std::string>& logins, const RepositoryView& view) {
  json out = json::array();
  for (const std::string& login : logins) out.push_back(user_json(login, view.call));
  return out;
}

json labels_json(const Issue& issue, const RepositoryView& view) {
  json out = json::array();
  for (const std::int64_t label : issue.labels) out.push_back(label_json(view.all.labels.at(label), view));
  return out;
}

std::pair<std::size_t, std::size_t> counts_of(const Milestone& milestone, const RepositoryView& view) {
  auto& counts = view.milestone_counts;
  if (counts.empty()) {
    counts[0] = {};
    for (const auto& [number, issue] : view.all.issues)
      ++(issue.open ? counts[issue.milestone].first : counts[issue.milestone].second);
  }
  return counts[milestone.number];
}

json milestone_of(const Issue& issue, const RepositoryView& view) {
  if (issue.milestone == 0) return nullptr;
  return milestone_json(view.all.milestones.at(issue.milestone), view);
}

bool is_open(Place place, const RepositoryView& view) {
  return view.call.world.metadata().read(place.repository, [&](const RepositoryMetadata& all) {
    const auto found = all.issues.find(place.number);
    return found != all.issues.end() && found->second.open;
  });
}

std::size_t count_open(const std::vector<Place>& places, const RepositoryView& view) {
  return static_cast<std::size_t>(
      std::count_if(places.begin(), places.end(), [&](Place place) { return is_open(place, view); }));
}

json sub_issues_summary(const Issue& issue, const RepositoryView& view) {
  const std::size_t total = issue.sub_issues.size();
  const std::size_t completed = total - count_open(issue.sub_issues, view);
  return {{"total", total},
          {"completed", completed},
          {"percent_completed", total == 0 ? 0 : completed * 100 / total}};
}

json dependencies_summary(const Issue& issue, const RepositoryView& view) {
  return {{"blocked_by", count_open(issue.blocked_by, view)},
          {"total_blocked_by", issue.blocked_by.size()},
          {"blocking", count_open(issue.blocking, view)},
          {"total_blocking", issue.blocking.size()}};
}

json type_json(const Issue& issue, const RepositoryView& view) {
  return view.call.world.metadata().read_account(
      view.repository.owner, [&](const AccountSettings& account) -> json {
        const auto found = account.issue_types.find(issue.type);
        if (found == account.issue_types.end()) return nullptr;
        const IssueType& type = found->second;
        return {{"id", type.id},       {"node_id", node_id("IT", type.id)},
                {"name", type.name},   {"description", type.description},
                {"color", type.color}, {"is_enabled", type.enabled}};
      });
}

json pull_request_links(const Issue& issue, const RepositoryView& view) {
  const std::string web = fmt::format("{}/pull/{}", view.web(), issue.number);
  return {{"url", fmt::format("{}/pulls/{}", view.api(), issue.number)},
          {"html_url", web},
          {"diff_url", web + ".diff"},
          {"patch_url", web + ".patch"},
          {"merged_at", time_or_null(issue.pull_request->merged_at)}};
}

/// What issues and pull requests both say of themselves.
json common_json(const Issue& issue, const RepositoryView& view) {
  const json assignees = users_json(issue.assignees, view);
  return {{"id", issue.id},
          {"node_id", node_id(issue.pull_request ? "PR" : "I", issue.id)},
          {"number", issue.number},
          {"title", issue.title},
          {"state", issue.open ? "open" : "closed"},
          {"locked", issue.locked},
          {"active_lock_reason", value_or_null(issue.lock_reason)},
          {"closed_at", time_or_null(issue.closed_at)},
          {"labels", labels_json(issue, view)},
          {"milestone", milestone_of(issue, view)},
          {"assignee", assignees.empty() ? json(nullptr) : assignees.front()},
          {"assignees", assignees},
          {"html_url",
           fmt::format("{}/{}/{}", view.web(), issue.pull_request ? "pull" : "issues", issue.number)}};
}

json branch_json(const std::string& ref, const std::string& oid, const RepositoryView& view) {
  if (view.repository_object.is_null())
    view.repository_object = repository_json(view.repository, view.call.caller.token, view.call.world,
                                             view.call.addresses, RepositoryDetail::listed);
  return {{"label", view.repository.owner + ":" + ref},
          {"ref", ref},
          {"sha", oid},
          {"user", view.repository_object["owner"]},
          {"repo", view.repository_object}};
}

json teams_json(const std::set<std::string>& slugs, const RepositoryView& view) {
  return view.call.world.metadata().read_account(view.repository.owner, [&](const AccountSettings& account) {
    json out = json::array();
    for (const std::string& slug : slugs) {
      const auto found = account.teams.find(slug);
      if (found == account.teams.end()) continue;
      out.push_back(team_json(found->second, "pull", view.repository.owner, view.call));
    }
    return out;
  });
}

void add_detail(json& out, const Issue& issue, const RepositoryView& view) {
  const PullRequest& pull_request = *issue.pull_request;
  std::size_t review_comments = 0;
  for (const ReviewThread& thread : pull_request.threads) review_comments += thread.comments.size();
  const bool merged = pull_request.merged_at.has_value();
  out.update({{"merged", merged},
              {"mergeable", issue.open ? json(true) : json(nullptr)},
              {"rebaseable", issue.open ? json(true) : json(nullptr)},
              {"mergeable_state", issue.open ? "clean" : "unknown"},
              {"merged_by", merged ? user_json(pull_request.merged_by, view.call) : json(nullptr)},
              {"comments", issue.comments.size()},
              {"review_comments", review_comments},
              {"maintainer_can_modify", false},
              {"commits", pull_request.commits.size()},
              {"additions", pull_request.additions},
              {"deletions", pull_request.deletions},
              {"changed_files", pull_request.changed_files}});
}

/// The field in which REST says what an event is about.
void add_subject(json& out, const Event& event, const RepositoryView& view) {
  switch (event.kind) {
    case EventKind::labeled:
    case EventKind::unlabeled:
      out["label"] = {{"name", event.subject}, {"color", "ededed"}};
      break;
    case EventKind::milestoned:
    case EventKind::demilestoned:
      out["milestone"] = {{"title", event.subject}};
      break;
    case EventKind::assigned:
    case EventKind::unassigned:
      out["assignee"] = user_json(event.subject, view.call);
      out["assigner"] = out["actor"];
      break;
    case EventKind::renamed:
      out["rename"] = {{"from", event.before}, {"to", event.after}};
      break;
    case EventKind::locked:
      out["lock_reason"] = event.subject;
      break;
    case EventKind::review_requested:
      out["requested_reviewer"] = user_json(event.subject, view.call);
      out["review_requester"] = out["actor"];
      break;
    case EventKind::review_dismissed:
      out["dismissed_review"] = {
          {"state", "dismissed"}, {"review_id", event.review}, {"dismissal_message", nullptr}};
      break;
    case EventKind::merged:
    case EventKind::referenced:
      out["commit_id"] = event.subject;
      out["commit_url"] = fmt::format("{}/commits/{}", view.api(), event.subject);
      break;
    default:
      break;
  }
}

}  // namespace

json user_json(const std::string& login, const ApiCall& call) {
  Account ghost;
  ghost.id = 10137;  // GitHub: github.com/ghost
  ghost.login = "ghost";
  return simple_user_json(call.world.find_account(login).value_or(ghost), call.addresses);
}

json label_json(const Label& label, const RepositoryView& view) {
  return {{"id", label.id},
          {"node_id", node_id("LA", label.id)},
          {"url", fmt::format("{}/labels/{}", view.api(), label.name)},
          {"name", label.name},
          {"color", label.color},
          {"default", label.is_default},
          {"description", value_or_null(label.description)}};
}

json milestone_json(const Milestone& milestone, const RepositoryView& view) {
  const std::string url = fmt::format("{}/milestones/{}", view.api(), milestone.number);
  const std::pair<std::size_t, std::size_t> counts = counts_of(milestone, view);
  return {{"url", url},
          {"html_url", fmt::format("{}/milestone/{}", view.web(), milestone.number)},
          {"labels_url", url + "/labels"},
          {"id", milestone.id},
          {"node_id", node_id("MI", milestone.id)},
          {"number", milestone.number},
          {"title", milestone.title},
          {"description", value_or_null(milestone.description)},
          {"creator", user_json(milestone.creator, view.call)},
          {"open_issues", counts.first},
          {"closed_issues", counts.second},
          {"state", milestone.open ? "open" : "closed"},
          {"created_at", format_time(milestone.created_at)},
          {"updated_at", format_time(milestone.updated_at)},
          {"due_on", time_or_null(milestone.due_on)},
          {"closed_at", time_or_null(milestone.closed_at)}};
}

json issue_json(const Issue& issue, const RepositoryView& view) {
  const std::string url = fmt::format("{}/issues/{}", view.api(), issue.number);
  json out = common_json(issue, view);
  out.update(post_json(issue.post, url, view));
  out.update({{"repository_url", view.api()},
              {"labels_url", url + "/labels{/name}"},
              {"comments_url", url + "/comments"},
              {"events_url", url + "/events"},
              {"timeline_url", url + "/timeline"},
              {"comments", issue.comments.size()},
              {"state_reason", value_or_null(issue.state_reason)},
              {"closed_by", issue.closed_by.empty() ? json(nullptr) : user_json(issue.closed_by, view.call)},
              {"performed_via_github_app", nullptr}});
  if (issue.pull_request) {
    out["pull_request"] = pull_request_links(issue, view);
    out["draft"] = issue.pull_request->draft;
    return out;
  }
  out["type"] = type_json(issue, view);
  out["sub_issues_summary"] = sub_issues_summary(issue, view);
  out["issue_dependencies_summary"] = dependencies_summary(issue, view);
  if (issue.parent) {
    const auto parent = view.call.world.find_repository(issue.parent->repository);
    if (parent)
      out["parent_issue_url"] = fmt::format("{}/repos/{}/issues/{}", view.call.addresses.api,
                                            parent->full_name(), issue.parent->number);
  }
  return out;
}

json comment_json(const IssueComment& comment, const RepositoryView& view) {
  const auto& issue = view.all.issues.at(comment.issue);
  json out = post_json(comment.post, fmt::format("{}/issues/comments/{}", view.api(), comment.id), view);
  out.update({{"id", comment.id},
              {"node_id", node_id("IC", comment.id)},
              {"html_url", fmt::format("{}/{}/{}#issuecomment-{}", view.web(),
                                       issue.pull_request ? "pull" : "issues", comment.issue, comment.id)},
              {"issue_url", fmt::format("{}/issues/{}", view.api(), comment.issue)},
              {"performed_via_github_app", nullptr}});
  return out;
}

json commit_comment_json(const CommitComment& comment, const RepositoryView& view) {
  json out = post_json(comment.post, fmt::format("{}/comments/{}", view.api(), comment.id), view);
  out.update(
      {{"id", comment.id},
       {"node_id", node_id("CC", comment.id)},
       {"html_url", fmt::format("{}/commit/{}#commitcomment-{}", view.web(), comment.commit, comment.id)},
       {"commit_id", comment.commit},
       {"path", value_or_null(comment.path)},
       {"line", value_or_null(comment.line)},
       {"position", value_or_null(comment.line)}});
  return out;
}

json event_json(const Event& event, const Issue& issue, const RepositoryView& view) {
  json out = {{"id", event.id},
              {"node_id", node_id("EV", event.id)},
              {"url", fmt::format("{}/issues/events/{}", view.api(), event.id)},
              {"actor", user_json(event.actor, view.call)},
              {"event", names_of(event.kind).rest},
              {"commit_id", nullptr},
              {"commit_url", nullptr},
              {"created_at", format_time(event.created_at)},
              {"performed_via_github_app", nullptr},
              {"issue", issue_json(issue, view)}};
  add_subject(out, event, view);
  return out;
}

json reaction_json(const Reaction& reaction, const RepositoryView& view) {
  return {{"id", reaction.id},
          {"node_id", node_id("REA", reaction.id)},
          {"user", user_json(reaction.user, view.call)},
          {"content", reaction.content},
          {"created_at", format_time(reaction.created_at)}};
}

json pull_request_json(const Issue& issue, const RepositoryView& view, RepositoryDetail detail) {
  const PullRequest& pull_request = *issue.pull_request;
  const std::string url = fmt::format("{}/pulls/{}", view.api(), issue.number);
  const std::string issue_url = fmt::format("{}/issues/{}", view.api(), issue.number);
  const std::string statuses = fmt::format("{}/statuses/{}", view.api(), pull_request.head_oid);
  json out = common_json(issue, view);
  out.update(post_json(issue.post, url, view));
  out.erase("reactions");
  const std::string web = out["html_url"];
  const auto link = [](const std::string& href) { return json{{"href", href}}; };
  out.update({{"diff_url", web + ".diff"},
              {"patch_url", web + ".patch"},
              {"issue_url", issue_url},
              {"commits_url", url + "/commits"},
              {"review_comments_url", url + "/comments"},
              {"review_comment_url", view.api() + "/pulls/comments{/number}"},
              {"comments_url", issue_url + "/comments"},
              {"statuses_url", statuses},
              {"merged_at", time_or_null(pull_request.merged_at)},
              {"merge_commit_sha",
               pull_request.merge_commit.empty() ? json(nullptr) : json(pull_request.merge_commit)},
              {"requested_reviewers", users_json(pull_request.requested_reviewers, view)},
              {"requested_teams", teams_json(pull_request.requested_teams, view)},
              {"head", branch_json(pull_request.head_ref, pull_request.head_oid, view)},
              {"base", branch_json(pull_request.base_ref, pull_request.base_oid, view)},
              {"draft", pull_request.draft},
              {"auto_merge", nullptr},
              {"_links",
               {{"self", link(url)},
                {"html", link(web)},
                {"issue", link(issue_url)},
                {"comments", link(issue_url + "/comments")},
                {"review_comments", link(url + "/comments")},
                {"review_comment", link(view.api() + "/pulls/comments{/number}")},
                {"commits", link(url + "/commits")},
                {"statuses", link(statuses)}}}});
  if (detail == RepositoryDetail::full) add_detail(out, issue, view);
  return out;
}

json review_json(const Review& review, const Issue& issue, const RepositoryView& view) {
  const std::string pull_request = fmt::format("{}/pulls/{}", view.api(), issue.number);
  const std::string web = fmt::format("{}/pull/{}#pullrequestreview-{}", view.web(), issue.number, review.id);
  json out = {{"id", review.id},
              {"node_id", node_id("PRR", review.id)},
              {"user", user_json(review.post.author, view.call)},
              {"body", review.post.body},
              {"state", review.state},
              {"html_url", web},
              {"pull_request_url", pull_request},
              {"author_association", association_of(review.post.author, view)},
              {"commit_id", review.commit.empty() ? json(nullptr) : json(review.commit)},
              {"_links", {{"html", {{"href", web}}}, {"pull_request", {{"href", pull_request}}}}}};
  if (review.state != "PENDING") out["submitted_at"] = format_time(review.post.created_at);
  return out;
}

json review_comment_json(const ReviewComment& comment, const RepositoryView& view) {
  const PullRequest& pull_request = *view.all.issues.at(comment.pull_request).pull_request;
  const auto thread = std::find_if(pull_request.threads.begin(), pull_request.threads.end(),
                                   [&](const ReviewThread& each) { return each.id == comment.thread; });
  const std::string url = fmt::format("{}/pulls/comments/{}", view.api(), comment.id);
  const std::string pull = fmt::format("{}/pulls/{}", view.api(), comment.pull_request);
  const std::string web =
      fmt::format("{}/pull/{}#discussion_r{}", view.web(), comment.pull_request, comment.id);
  const json line = thread->outdated ? json(nullptr) : json(thread->line);
  json out = post_json(comment.post, url, view);
  out.update({{"id", comment.id},
              {"node_id", node_id("PRRC", comment.id)},
              {"pull_request_review_id", comment.review},
              {"diff_hunk", comment.diff_hunk},
              {"path", thread->path},
              {"commit_id", pull_request.head_oid},
              {"original_commit_id", comment.commit},
              {"html_url", web},
              {"pull_request_url", pull},
              {"line", line},
              {"original_line", thread->line},
              {"start_line", thread->outdated ? json(nullptr) : value_or_null(thread->start_line)},
              {"original_start_line", value_or_null(thread->start_line)},
              {"side", thread->side},
              {"subject_type", thread->on_file ? "file" : "line"},
              {"_links",
               {{"self", {{"href", url}}}, {"html", {{"href", web}}}, {"pull_request", {{"href", pull}}}}}});
  if (comment.in_reply_to != 0) out["in_reply_to_id"] = comment.in_reply_to;
  return out;
}

json pull_commit_json(const PullCommit& commit, const RepositoryView& view) {
  const std::string url = fmt::format("{}/commits/{}", view.api(), commit.oid);
  const json person = {{"name", commit.author},
                       {"email", commit.author + "@example.org"},
                       {"date", format_time(commit.committed_at)}};
  const json user = user_json(commit.author, view.call);
  return {
      {"url", url},
      {"sha", commit.oid},
      {"node_id", "C_" + commit.oid},
      {"html_url", fmt::format("{}/commit/{}", view.web(), commit.oid)},
      {"comments_url", url + "/comments"},
      {"commit",
       {{"url", fmt::format("{}/git/commits/{}", view.api(), commit.oid)},
        {"author", person},
        {"committer", person},
        {"message", commit.message},
        {"comment_count", 0},
        {"tree", {{"sha", commit.oid}, {"url", fmt::format("{}/git/trees/{}", view.api(), commit.oid)}}}}},
      {"author", user},
      {"committer", user},
      {"parents", json::array()}};
}

}  // namespace hubkeep::sim
