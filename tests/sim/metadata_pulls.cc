// The part of the Metadata that is about pull requests: commits, reviews, and threads on the difference.
#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "sim/metadata.h"
#include "sim/world.h"

namespace hubkeep::sim {

namespace {

auto& with_id(auto& things, std::int64_t id) {
  const auto found =
      std::find_if(things.begin(), things.end(), [id](const auto& thing) { return thing.id == id; });
  if (found == things.end()) throw Error(ErrorKind::not_found, fmt::format("nothing with the id {}", id));
  return *found;
}

}  // namespace

PullRequest& Metadata::locked_pull_request(Place place) {
  Issue& issue = locked_issue(place);
  if (!issue.pull_request)
    throw Error(ErrorKind::not_found, fmt::format("{} is not a pull request", place.number));
  return *issue.pull_request;
}

std::int64_t Metadata::add_pull_request(RepositoryId id, Issue issue, PullRequest pull_request) {
  issue.pull_request = std::move(pull_request);
  return add_issue(id, std::move(issue));
}

void Metadata::add_commit(Place place, PullCommit commit) {
  update(place, [&](Issue& issue) -> std::optional<Event> {
    issue.pull_request->head_oid = commit.oid;
    issue.pull_request->commits.push_back(std::move(commit));
    return std::nullopt;
  });
}

void Metadata::force_push(Place place, const std::string& who, std::vector<PullCommit> commits) {
  update(place, [&](Issue& issue) -> std::optional<Event> {
    PullRequest& pull_request = *issue.pull_request;
    Event event{.kind = EventKind::head_ref_force_pushed, .actor = who, .before = pull_request.head_oid};
    if (!commits.empty()) pull_request.head_oid = commits.back().oid;
    pull_request.commits = std::move(commits);
    for (ReviewThread& thread : pull_request.threads) thread.outdated = true;
    event.after = pull_request.head_oid;
    return event;
  });
}

void Metadata::merge(Place place, const std::string& who) {
  update(place, [&](Issue& issue) -> std::optional<Event> {
    PullRequest& pull_request = *issue.pull_request;
    pull_request.merged_at = world_.now();
    pull_request.merged_by = who;
    pull_request.merge_commit = fmt::format("{:040x}", issue.id);
    return Event{.kind = EventKind::merged, .actor = who, .subject = pull_request.merge_commit};
  });
  close(place, who);
}

void Metadata::set_draft(Place place, const std::string& who, bool draft) {
  update(place, [&](Issue& issue) -> std::optional<Event> {
    issue.pull_request->draft = draft;
    return Event{.kind = draft ? EventKind::convert_to_draft : EventKind::ready_for_review, .actor = who};
  });
}

void Metadata::request_review(Place place, const std::string& who, const std::string& reviewer) {
  update(place, [&](Issue& issue) -> std::optional<Event> {
    issue.pull_request->requested_reviewers.insert(reviewer);
    return Event{.kind = EventKind::review_requested, .actor = who, .subject = reviewer};
  });
}

std::int64_t Metadata::add_review(Place place, const std::string& who, const std::string& state,
                                  const std::string& body) {
  const std::lock_guard lock(mutex_);
  PullRequest& pull_request = locked_pull_request(place);
  Review review;
  review.id = next(Counter::review);
  review.state = state;
  review.commit = pull_request.head_oid;
  review.post.author = who;
  review.post.body = body;
  review.post.created_at = review.post.updated_at = world_.now();
  const std::int64_t id = review.id;
  pull_request.reviews.push_back(std::move(review));
  pull_request.requested_reviewers.erase(who);
  touch(place, locked_issue(place));
  return id;
}

void Metadata::edit_review(Place place, std::int64_t review_id, const std::string& who,
                           const std::string& body) {
  const std::lock_guard lock(mutex_);
  Review& review = with_id(locked_pull_request(place).reviews, review_id);
  edit_post(review.post, who, body);
  review.post.updated_at = world_.now();
}

void Metadata::dismiss_review(Place place, std::int64_t review_id, const std::string& who) {
  update(place, [&](Issue& issue) -> std::optional<Event> {
    Review& review = with_id(issue.pull_request->reviews, review_id);
    review.state = "DISMISSED";
    review.post.updated_at = world_.now();
    return Event{.kind = EventKind::review_dismissed, .actor = who, .review = review_id};
  });
}

ReviewComment& Metadata::enter_review_comment(Place place, ReviewComment comment) {
  RepositoryMetadata& repository = locked_repository(place);
  comment.id = next(Counter::comment);
  comment.pull_request = place.number;
  comment.post.created_at = comment.post.updated_at = world_.now();
  const CommentId id = comment.id;
  with_id(locked_pull_request(place).threads, comment.thread).comments.push_back(id);
  repository.review_comments_by_update.add(comment.post.updated_at, id);
  touch(place, locked_issue(place));
  return repository.review_comments.emplace(id, std::move(comment)).first->second;
}

CommentId Metadata::add_thread(Place place, std::int64_t review_id, ReviewThread thread,
                               const std::string& body) {
  const std::lock_guard lock(mutex_);
  PullRequest& pull_request = locked_pull_request(place);
  const Review& review = with_id(pull_request.reviews, review_id);
  thread.id = next(Counter::thread);
  ReviewComment comment;
  comment.thread = thread.id;
  comment.review = review_id;
  comment.commit = review.commit;
  comment.post.author = review.post.author;
  comment.post.body = body;
  comment.diff_hunk = fmt::format("@@ -{0} +{0} @@\n+{1}", thread.line, thread.path);
  pull_request.threads.push_back(std::move(thread));
  return enter_review_comment(place, std::move(comment)).id;
}

CommentId Metadata::reply_to_thread(Place place, std::int64_t thread_id, const std::string& who,
                                    const std::string& body) {
  const std::lock_guard lock(mutex_);
  const ReviewThread& thread = with_id(locked_pull_request(place).threads, thread_id);
  const ReviewComment& first = locked_repository(place).review_comments.at(thread.comments.front());
  ReviewComment comment;
  comment.thread = thread_id;
  comment.in_reply_to = first.id;
  comment.commit = first.commit;
  comment.diff_hunk = first.diff_hunk;
  comment.post.author = who;
  comment.post.body = body;
  comment.review = add_review(place, who, "COMMENTED", "");  // GitHub: a reply is a review of its own
  return enter_review_comment(place, std::move(comment)).id;
}

void Metadata::resolve_thread(Place place, std::int64_t thread, const std::string& who) {
  const std::lock_guard lock(mutex_);
  with_id(locked_pull_request(place).threads, thread).resolved_by = who;
}

void Metadata::unresolve_thread(Place place, std::int64_t thread) {
  resolve_thread(place, thread, "");
}

void Metadata::edit_review_comment(RepositoryId id, CommentId comment_id, const std::string& who,
                                   const std::string& body) {
  const std::lock_guard lock(mutex_);
  RepositoryMetadata& repository = repositories_[id];
  ReviewComment& comment = repository.review_comments.at(comment_id);
  edit_post(comment.post, who, body);
  repository.review_comments_by_update.remove(comment.post.updated_at, comment_id);
  comment.post.updated_at = world_.now();
  repository.review_comments_by_update.add(comment.post.updated_at, comment_id);
  const Place place{id, comment.pull_request};
  touch(place, locked_issue(place));
}

void Metadata::remove_review_comment(RepositoryId id, CommentId comment_id) {
  const std::lock_guard lock(mutex_);
  RepositoryMetadata& repository = repositories_[id];
  const ReviewComment& comment = repository.review_comments.at(comment_id);
  auto& threads = locked_pull_request({id, comment.pull_request}).threads;
  std::erase(with_id(threads, comment.thread).comments, comment_id);
  std::erase_if(threads, [](const ReviewThread& thread) { return thread.comments.empty(); });
  repository.review_comments_by_update.remove(comment.post.updated_at, comment_id);
  repository.review_comments.erase(comment_id);
}

}  // namespace hubkeep::sim
