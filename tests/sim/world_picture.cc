#include "sim/world_picture.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sim/event_kind.h"

namespace hubkeep::sim {

using nlohmann::json;

namespace {

template <typename Value>
void put(json& out, const char* name, const std::optional<Value>& value) {
  if (value) out[name] = *value;
}

void put(json& out, const char* name, const std::optional<UtcTime>& time) {
  if (time) out[name] = format_time(*time);
}

void put(json& out, const char* name, const std::string& text) {
  if (!text.empty()) out[name] = text;
}

json post_picture(const Post& post) {
  json out = {{"body", post.body},
              {"created_at", format_time(post.created_at)},
              {"updated_at", format_time(post.updated_at)}};
  put(out, "user", post.author);
  put(out, "minimized", post.minimized);
  for (const Reaction& reaction : post.reactions)
    out["reactions"].push_back({{"content", reaction.content}, {"user", reaction.user}});
  for (const BodyEdit& edit : post.edits)
    out["edits"].push_back(
        {{"editor", edit.editor}, {"edited_at", format_time(edit.edited_at)}, {"text", edit.text}});
  return out;
}

json names_of_labels(const std::set<std::int64_t>& labels, const RepositoryMetadata& all) {
  json out = json::array();
  for (const std::int64_t label : labels) out.push_back(all.labels.at(label).name);
  return out;
}

std::string text_of(Place place, const World& world) {
  const auto repository = world.find_repository(place.repository);
  return fmt::format("{}#{}", repository ? repository->full_name() : "", place.number);
}

json texts_of(const std::vector<Place>& places, const World& world) {
  json out = json::array();
  for (const Place place : places) out.push_back(text_of(place, world));
  return out;
}

void put_pull_request(json& out, const PullRequest& pull_request) {
  out["base"] = pull_request.base_ref;
  out["head"] = pull_request.head_ref;
  out["head_sha"] = pull_request.head_oid;
  out["draft"] = pull_request.draft;
  put(out, "merged_at", pull_request.merged_at);
  put(out, "merged_by", pull_request.merged_by);
  out["requested_reviewers"] = pull_request.requested_reviewers;
  for (const PullCommit& commit : pull_request.commits) out["commits"].push_back(commit.oid);
}

json issue_picture(const Issue& issue, const RepositoryMetadata& all, const World& world) {
  json out = post_picture(issue.post);
  out.update({{"title", issue.title},
              {"state", issue.open ? "open" : "closed"},
              {"locked", issue.locked},
              {"labels", names_of_labels(issue.labels, all)},
              {"assignees", issue.assignees},
              {"comments", issue.comments.size()},
              {"pull_request", issue.pull_request.has_value()}});
  put(out, "state_reason", issue.state_reason);
  put(out, "closed_at", issue.closed_at);
  put(out, "active_lock_reason", issue.lock_reason);
  put(out, "type", issue.type);
  if (issue.milestone != 0) out["milestone"] = all.milestones.at(issue.milestone).title;
  if (issue.parent) out["parent"] = text_of(*issue.parent, world);
  if (!issue.sub_issues.empty()) out["sub_issues"] = texts_of(issue.sub_issues, world);
  if (!issue.blocked_by.empty()) out["blocked_by"] = texts_of(issue.blocked_by, world);
  if (!issue.blocking.empty()) out["blocking"] = texts_of(issue.blocking, world);
  if (issue.pull_request) put_pull_request(out, *issue.pull_request);
  return out;
}

json event_picture(const Event& event, std::int64_t issue, const World& world) {
  json out = {{"event", names_of(event.kind).rest},
              {"issue", issue},
              {"actor", event.actor},
              {"created_at", format_time(event.created_at)}};
  put(out, "subject", event.subject);
  put(out, "before", event.before);
  put(out, "after", event.after);
  if (event.source) out["source"] = text_of(*event.source, world);
  return out;
}

void put_reviews(json& out, const Issue& issue) {
  for (const Review& review : issue.pull_request->reviews) {
    json each = post_picture(review.post);
    each["state"] = review.state;
    each["pull_request"] = issue.number;
    out["review"][std::to_string(review.id)] = std::move(each);
  }
  for (const ReviewThread& thread : issue.pull_request->threads) {
    out["thread"][std::to_string(thread.id)] = {
        {"path", thread.path},         {"line", thread.line},         {"resolved_by", thread.resolved_by},
        {"outdated", thread.outdated}, {"comments", thread.comments}, {"pull_request", issue.number}};
  }
}

void put_discussion(json& out, const Discussion& discussion, const RepositoryMetadata& all) {
  json each = post_picture(discussion.post);
  each["title"] = discussion.title;
  each["labels"] = names_of_labels(discussion.labels, all);
  each["upvoters"] = discussion.upvoters;
  each["locked"] = discussion.locked;
  put(each, "closed_at", discussion.closed_at);
  if (discussion.answer != 0) each["answer"] = discussion.answer;
  for (const DiscussionCategory& category : all.categories) {
    if (category.id == discussion.category) each["category"] = category.name;
  }
  if (discussion.poll) {
    each["poll"] = {{"question", discussion.poll->question}};
    for (const PollOption& option : discussion.poll->options)
      each["poll"]["options"].push_back({{"option", option.text}, {"votes", option.voters.size()}});
  }
  out["discussion"][std::to_string(discussion.number)] = std::move(each);
  for (const DiscussionComment& comment : discussion.comments) {
    json post = post_picture(comment.post);
    post["discussion"] = discussion.number;
    post["upvoters"] = comment.upvoters;
    if (comment.reply_to != 0) post["reply_to"] = comment.reply_to;
    put(post, "deleted_at", comment.deleted_at);
    out["discussion_comment"][std::to_string(comment.id)] = std::move(post);
  }
}

void put_settings(json& out, const RepositorySettings& settings) {
  out["topics"] = settings.topics;
  out["properties"] = settings.properties;
  for (const auto& [kind, objects] : settings.objects) {
    for (const auto& [key, object] : objects) out[kind][key] = object;
  }
}

json picture(const RepositoryMetadata& all, const World& world) {
  json out = json::object();
  for (const auto& [number, issue] : all.issues) {
    out["issue"][std::to_string(number)] = issue_picture(issue, all, world);
    for (const Event& event : issue.events)
      out["event"][std::to_string(event.id)] = event_picture(event, number, world);
    if (issue.pull_request) put_reviews(out, issue);
  }
  for (const auto& [id, comment] : all.comments) {
    out["comment"][std::to_string(id)] = post_picture(comment.post);
    out["comment"][std::to_string(id)]["issue"] = comment.issue;
  }
  for (const auto& [id, comment] : all.review_comments) {
    json each = post_picture(comment.post);
    each["pull_request"] = comment.pull_request;
    each["thread"] = comment.thread;
    each["review"] = comment.review;
    if (comment.in_reply_to != 0) each["in_reply_to_id"] = comment.in_reply_to;
    out["review_comment"][std::to_string(id)] = std::move(each);
  }
  for (const auto& [id, comment] : all.commit_comments) {
    out["commit_comment"][std::to_string(id)] = post_picture(comment.post);
    out["commit_comment"][std::to_string(id)]["commit_id"] = comment.commit;
  }
  for (const auto& [id, label] : all.labels) {
    json each = {{"name", label.name}, {"color", label.color}};
    put(each, "description", label.description);
    out["label"][std::to_string(id)] = std::move(each);
  }
  for (const auto& [number, milestone] : all.milestones) {
    json each = {{"title", milestone.title}, {"state", milestone.open ? "open" : "closed"}};
    put(each, "description", milestone.description);
    put(each, "due_on", milestone.due_on);
    out["milestone"][std::to_string(number)] = std::move(each);
  }
  for (const auto& [number, discussion] : all.discussions) put_discussion(out, discussion, all);
  put_settings(out["settings"], all.settings);
  return out;
}

}  // namespace

json picture_of(const World& world, RepositoryId id) {
  return world.metadata().read(id, [&](const RepositoryMetadata& all) { return picture(all, world); });
}

json picture_of_projects(const World& world, const std::string& owner) {
  json out = json::object();
  for (const ProjectId id : world.metadata().projects_of(owner)) {
    world.metadata().read_project(id, [&](const Project& project) {
      json each = {{"title", project.title},
                   {"number", project.number},
                   {"short_description", project.short_description},
                   {"readme", project.readme},
                   {"public", project.is_public}};
      put(each, "closed_at", project.closed_at);
      for (const ProjectField& field : project.fields) each["fields"].push_back(field.name);
      for (const ProjectView& view : project.views) each["views"].push_back(view.name);
      for (const ProjectWorkflow& workflow : project.workflows) each["workflows"].push_back(workflow.name);
      out["project"][std::to_string(id)] = std::move(each);
      for (const ProjectItem& item : project.items) {
        json content = {{"project", id}, {"archived", item.archived}};
        if (item.content) content["content"] = text_of(*item.content, world);
        put(content, "title", item.draft_title);
        put(content, "body", item.draft_body);
        for (const auto& [field, value] : item.values) content["values"][std::to_string(field)] = value;
        out["project_item"][std::to_string(item.id)] = std::move(content);
      }
    });
  }
  return out;
}

}  // namespace hubkeep::sim
