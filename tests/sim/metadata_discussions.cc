// The part of the Metadata that is about discussions.
#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "sim/metadata.h"
#include "sim/world.h"

namespace hubkeep::sim {

namespace {

DiscussionComment& comment_of(Discussion& discussion, CommentId id) {
  auto& all = discussion.comments;
  const auto found =
      std::find_if(all.begin(), all.end(), [id](const DiscussionComment& each) { return each.id == id; });
  if (found == all.end())
    throw Error(ErrorKind::not_found, fmt::format("no comment {} in discussion {}", id, discussion.number));
  return *found;
}

}  // namespace

Discussion& Metadata::locked_discussion(Place place) {
  auto& discussions = locked_repository(place).discussions;
  const auto found = discussions.find(place.number);
  if (found == discussions.end())
    throw Error(ErrorKind::not_found, fmt::format("no discussion {} in {}", place.number, place.repository));
  return found->second;
}

std::int64_t Metadata::add_category(RepositoryId id, DiscussionCategory category) {
  const std::lock_guard lock(mutex_);
  category.id = next(Counter::other);
  if (category.slug.empty()) category.slug = to_lower(category.name);
  category.created_at = category.updated_at = world_.now();
  repositories_[id].categories.push_back(std::move(category));
  return repositories_[id].categories.back().id;
}

std::int64_t Metadata::add_discussion(RepositoryId id, Discussion discussion) {
  const std::lock_guard lock(mutex_);
  RepositoryMetadata& repository = repositories_[id];
  discussion.number = ++repository.last_number;
  discussion.id = next(Counter::issue);
  discussion.post.created_at = discussion.post.updated_at = world_.now();
  if (discussion.poll) {
    discussion.poll->id = next(Counter::other);
    for (PollOption& option : discussion.poll->options) option.id = next(Counter::other);
  }
  return repository.discussions.emplace(discussion.number, std::move(discussion)).first->first;
}

void Metadata::edit_discussion(Place place, const std::string& who, const std::string& body) {
  const std::lock_guard lock(mutex_);
  Discussion& discussion = locked_discussion(place);
  edit_post(discussion.post, who, body);
  discussion.post.updated_at = world_.now();
}

CommentId Metadata::add_discussion_comment(Place place, const std::string& who, const std::string& body,
                                           CommentId reply_to) {
  const std::lock_guard lock(mutex_);
  Discussion& discussion = locked_discussion(place);
  DiscussionComment comment;
  comment.id = next(Counter::comment);
  comment.reply_to = reply_to;
  comment.post.author = who;
  comment.post.body = body;
  comment.post.created_at = comment.post.updated_at = discussion.post.updated_at = world_.now();
  discussion.comments.push_back(std::move(comment));
  return discussion.comments.back().id;
}

void Metadata::edit_discussion_comment(Place place, CommentId comment_id, const std::string& who,
                                       const std::string& body) {
  const std::lock_guard lock(mutex_);
  Discussion& discussion = locked_discussion(place);
  Post& post = comment_of(discussion, comment_id).post;
  edit_post(post, who, body);
  post.updated_at = discussion.post.updated_at = world_.now();
}

void Metadata::remove_discussion_comment(Place place, CommentId comment_id) {
  const std::lock_guard lock(mutex_);
  Discussion& discussion = locked_discussion(place);
  DiscussionComment& comment = comment_of(discussion, comment_id);
  if (discussion.answer == comment_id) discussion.answer = 0;
  auto& all = discussion.comments;
  const bool has_replies = std::any_of(
      all.begin(), all.end(), [&](const DiscussionComment& each) { return each.reply_to == comment_id; });
  if (!has_replies) {
    std::erase_if(all, [&](const DiscussionComment& each) { return each.id == comment_id; });
    return;
  }
  comment.deleted_at = world_.now();
  comment.post.body.clear();
  comment.post.edits.clear();
}

void Metadata::mark_answer(Place place, const std::string& who, CommentId comment) {
  const std::lock_guard lock(mutex_);
  Discussion& discussion = locked_discussion(place);
  discussion.answer = comment;
  discussion.answer_chosen_by = comment == 0 ? "" : who;
  discussion.answer_chosen_at = comment == 0 ? std::nullopt : std::optional(world_.now());
  discussion.post.updated_at = world_.now();
}

void Metadata::close_discussion(Place place, const std::string& reason) {
  const std::lock_guard lock(mutex_);
  Discussion& discussion = locked_discussion(place);
  discussion.closed_at = discussion.post.updated_at = world_.now();
  discussion.state_reason = reason;
}

void Metadata::remove_discussion(Place place) {
  const std::lock_guard lock(mutex_);
  locked_repository(place).discussions.erase(place.number);
}

void Metadata::vote(Place place, const std::string& who, std::int64_t poll_option) {
  const std::lock_guard lock(mutex_);
  for (PollOption& option : locked_discussion(place).poll.value().options) {
    if (option.id == poll_option) option.voters.insert(who);
  }
}

void Metadata::upvote(Place place, const std::string& who, CommentId comment) {
  const std::lock_guard lock(mutex_);
  Discussion& discussion = locked_discussion(place);
  (comment == 0 ? discussion.upvoters : comment_of(discussion, comment).upvoters).insert(who);
}

}  // namespace hubkeep::sim
