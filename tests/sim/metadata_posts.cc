// The part of the Metadata that is about reactions and hiding, on whatever was written; and labels,
// milestones and comments on commits.
#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "sim/metadata.h"
#include "sim/world.h"

namespace hubkeep::sim {

Post& Metadata::locked_post(std::string_view node) {
  const auto place = find_node(node);
  if (!place) throw Error(ErrorKind::not_found, fmt::format("no node {}", node));
  RepositoryMetadata& repository = repositories_[place->repository];
  const Place of{place->repository, place->number};
  if (place->prefix == "IC") return repository.comments.at(place->id).post;
  if (place->prefix == "PRRC") return repository.review_comments.at(place->id).post;
  if (place->prefix == "CC") return repository.commit_comments.at(place->id).post;
  if (place->prefix == "D") return locked_discussion(of).post;
  if (place->prefix == "DC") {
    for (DiscussionComment& comment : locked_discussion(of).comments) {
      if (comment.id == place->id) return comment.post;
    }
  }
  if (place->prefix == "PRR") {
    for (Review& review : locked_pull_request(of).reviews) {
      if (review.id == place->id) return review.post;
    }
  }
  return locked_issue(of).post;
}

std::int64_t Metadata::react(std::string_view node, const std::string& who, const std::string& content) {
  const std::lock_guard lock(mutex_);
  auto& reactions = locked_post(node).reactions;
  reactions.push_back({next(Counter::reaction), content, who, world_.now()});
  return reactions.back().id;
}

void Metadata::unreact(std::string_view node, const std::string& who, const std::string& content) {
  const std::lock_guard lock(mutex_);
  std::erase_if(locked_post(node).reactions, [&](const Reaction& reaction) {
    return reaction.user == who && reaction.content == content;
  });
}

void Metadata::minimize(std::string_view node, const std::string& reason) {
  const std::lock_guard lock(mutex_);
  locked_post(node).minimized = reason;
}

std::int64_t Metadata::add_label(RepositoryId id, Label label) {
  const std::lock_guard lock(mutex_);
  label.id = next(Counter::label);
  label.created_at = label.updated_at = world_.now();
  return repositories_[id].labels.emplace(label.id, std::move(label)).first->first;
}

void Metadata::edit_label(RepositoryId id, std::int64_t label_id, const std::function<void(Label&)>& change) {
  const std::lock_guard lock(mutex_);
  Label& label = repositories_[id].labels.at(label_id);
  change(label);
  label.updated_at = world_.now();
}

void Metadata::remove_label(RepositoryId id, std::int64_t label) {
  const std::lock_guard lock(mutex_);
  RepositoryMetadata& repository = repositories_[id];
  repository.labels.erase(label);
  for (auto& [number, issue] : repository.issues) issue.labels.erase(label);
  for (auto& [number, discussion] : repository.discussions) discussion.labels.erase(label);
}

std::int64_t Metadata::add_milestone(RepositoryId id, Milestone milestone) {
  const std::lock_guard lock(mutex_);
  RepositoryMetadata& repository = repositories_[id];
  milestone.id = next(Counter::milestone);
  milestone.number = ++repository.last_milestone;
  milestone.created_at = milestone.updated_at = world_.now();
  return repository.milestones.emplace(milestone.number, std::move(milestone)).first->first;
}

void Metadata::edit_milestone(RepositoryId id, std::int64_t number,
                              const std::function<void(Milestone&)>& change) {
  const std::lock_guard lock(mutex_);
  Milestone& milestone = repositories_[id].milestones.at(number);
  change(milestone);
  milestone.updated_at = world_.now();
  if (milestone.open) milestone.closed_at.reset();
  if (!milestone.open && !milestone.closed_at) milestone.closed_at = milestone.updated_at;
}

void Metadata::remove_milestone(RepositoryId id, std::int64_t number) {
  const std::lock_guard lock(mutex_);
  RepositoryMetadata& repository = repositories_[id];
  repository.milestones.erase(number);
  for (auto& [each, issue] : repository.issues) {
    if (issue.milestone == number) issue.milestone = 0;
  }
}

CommentId Metadata::add_commit_comment(RepositoryId id, CommitComment comment) {
  const std::lock_guard lock(mutex_);
  comment.id = next(Counter::comment);
  comment.post.created_at = comment.post.updated_at = world_.now();
  return repositories_[id].commit_comments.emplace(comment.id, std::move(comment)).first->first;
}

void Metadata::edit_commit_comment(RepositoryId id, CommentId comment, const std::string& who,
                                   const std::string& body) {
  const std::lock_guard lock(mutex_);
  Post& post = repositories_[id].commit_comments.at(comment).post;
  edit_post(post, who, body);
  post.updated_at = world_.now();
}

void Metadata::remove_commit_comment(RepositoryId id, CommentId comment) {
  const std::lock_guard lock(mutex_);
  repositories_[id].commit_comments.erase(comment);
}

}  // namespace hubkeep::sim
