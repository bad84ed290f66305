// What only pull requests have: commits, reviews, threads of review comments.
#include <fmt/format.h>

#include <algorithm>

#include "sim/graph_nodes.h"

namespace hubkeep::sim {

using nlohmann::json;

namespace {

GraphObject review_object(const Review& review, const Home& home, const Issue& issue,
                          const GraphExecution& execution) {
  GraphFields fields = id_fields("PRR", review.id);
  append(fields, post_fields(review.post, home, execution));
  append(fields,
         address_fields(fmt::format("{}/pull/{}#pullrequestreview-{}", home->url, issue.number, review.id),
                        execution));
  const std::int64_t id = review.id;
  append(fields,
         {{"state", review.state},
          {"submittedAt", review.state == "PENDING" ? GraphValue() : GraphValue(review.post.created_at)},
          {"commit", review.commit.empty() ? GraphValue() : commit_object(review.commit, nullptr, execution)},
          {"pullRequest", on_demand([home, &issue](const GraphField& field) {
             return item_value(home, issue.number, field.execution);
           })},
          {"comments", on_demand([home, &issue, id](const GraphField& field) {
             std::vector<const ReviewComment*> some;
             for (const ReviewThread& thread : issue.pull_request->threads) {
               for (const CommentId comment : thread.comments) {
                 const ReviewComment& each = home->metadata.review_comments.at(comment);
                 if (each.review == id) some.push_back(&each);
               }
             }
             std::sort(some.begin(), some.end(), [](const auto* a, const auto* b) { return a->id < b->id; });
             GraphExecution& query = field.execution;
             return by_id("PullRequestReviewComment", std::move(some),
                          [home, &query](const ReviewComment& each) {
                            return review_comment_value(home, each.id, query);
                          });
           })}});
  return {"PullRequestReview", std::move(fields)};
}

GraphObject thread_object(const ReviewThread& thread, const Home& home, const Issue& issue) {
  const GraphValue line = thread.on_file ? GraphValue() : GraphValue(thread.line);
  const GraphValue start = thread.start_line;
  return {"PullRequestReviewThread",
          {{"id", node_id("PRRT", thread.id)},
           {"isResolved", !thread.resolved_by.empty()},
           {"isOutdated", thread.outdated},
           {"isCollapsed", !thread.resolved_by.empty() || thread.outdated},
           {"resolvedBy", on_demand([&thread](const GraphField& field) {
              return actor_value(thread.resolved_by, field.execution);
            })},
           {"path", thread.path},
           {"line", thread.outdated ? GraphValue() : line},
           {"startLine", thread.outdated ? GraphValue() : start},
           {"originalLine", line},
           {"originalStartLine", start},
           {"diffSide", thread.side},
           {"startDiffSide", thread.start_line ? GraphValue(thread.side) : GraphValue()},
           {"subjectType", thread.on_file ? "FILE" : "LINE"},
           {"pullRequest", on_demand([home, &issue](const GraphField& field) {
              return item_value(home, issue.number, field.execution);
            })},
           {"comments", on_demand([home, &thread](const GraphField& field) {
              std::vector<const ReviewComment*> all;
              for (const CommentId id : thread.comments)
                all.push_back(&home->metadata.review_comments.at(id));
              GraphExecution& query = field.execution;
              return by_id("PullRequestReviewComment", std::move(all),
                           [home, &query](const ReviewComment& each) {
                             return review_comment_value(home, each.id, query);
                           });
            })}}};
}

GraphConnection commits_of(const PullRequest& pull, const GraphField& field) {
  std::vector<const PullCommit*> all;
  for (const PullCommit& each : pull.commits) all.push_back(&each);
  GraphExecution& execution = field.execution;
  return connection_of("PullRequestCommit", std::move(all), [&execution](const PullCommit* each) {
    return GraphObject{"PullRequestCommit",
                       {{"id", "PURC_" + each->oid}, {"commit", commit_object(each->oid, each, execution)}}};
  });
}

GraphConnection requests_of(const PullRequest& pull, const Home& home, const GraphField& field) {
  GraphValue::List reviewers;
  for (const std::string& login : pull.requested_reviewers)
    reviewers.push_back(actor_value(login, field.execution));
  for (const std::string& slug : pull.requested_teams)
    reviewers.push_back(team_value(home->repository.owner, slug, field.execution));
  return connection_of("ReviewRequest", std::move(reviewers), [](const GraphValue& reviewer) {
    return GraphObject{"ReviewRequest", {{"asCodeOwner", false}, {"requestedReviewer", reviewer}}};
  });
}

/// The issues that the text says it closes.
GraphConnection closed_by(const Issue& pull, const Home& home, const GraphField& field) {
  std::vector<Place> closed;
  for (const Event& event : pull.events) {
    if (event.kind == EventKind::closed && event.source) closed.push_back(*event.source);
  }
  for (const auto& word : {"Fixes #", "Closes #", "Resolves #"}) {
    const std::string& text = pull.post.body;
    for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
      const std::int64_t number = std::atoll(text.c_str() + at + std::char_traits<char>::length(word));
      const auto found = home->metadata.issues.find(number);
      if (found != home->metadata.issues.end() && !found->second.pull_request)
        closed.push_back({home->repository.id, number});
    }
  }
  GraphExecution& execution = field.execution;
  return connection_of("Issue", std::move(closed),
                       [&execution](Place place) { return item_value(place, execution); });
}

GraphValue decision_on(const PullRequest& pull) {
  const auto with = [&](const char* state) {
    return std::any_of(pull.reviews.begin(), pull.reviews.end(),
                       [&](const Review& review) { return review.state == state; });
  };
  if (with("CHANGES_REQUESTED")) return "CHANGES_REQUESTED";
  return with("APPROVED") ? GraphValue("APPROVED") : GraphValue();
}

GraphConnection reviews_of(const Home& home, const Issue& issue, const GraphField& field) {
  const json states = field.argument("states");
  std::vector<const Review*> some;
  for (const Review& each : issue.pull_request->reviews) {
    if (!states.is_array() || std::find(states.begin(), states.end(), each.state) != states.end())
      some.push_back(&each);
  }
  GraphExecution& execution = field.execution;
  return by_id("PullRequestReview", std::move(some), [home, &issue, &execution](const Review& each) {
    return review_object(each, home, issue, execution);
  });
}

GraphConnection threads_of(const Home& home, const Issue& issue) {
  std::vector<const ReviewThread*> all;
  for (const ReviewThread& each : issue.pull_request->threads) all.push_back(&each);
  return by_id("PullRequestReviewThread", std::move(all),
               [home, &issue](const ReviewThread& each) { return thread_object(each, home, issue); });
}

const Issue* pull_of(const Home& home, std::int64_t number) {
  const auto found = home->metadata.issues.find(number);
  const bool is_there = found != home->metadata.issues.end() && found->second.pull_request;
  return is_there ? &found->second : nullptr;
}

template <typename Thing>
const Thing* with_id(const std::vector<Thing>& things, std::int64_t id) {
  const auto found =
      std::find_if(things.begin(), things.end(), [id](const Thing& each) { return each.id == id; });
  return found == things.end() ? nullptr : &*found;
}

}  // namespace

GraphObject commit_object(const std::string& oid, const PullCommit* known, const GraphExecution& execution) {
  GraphFields fields = {{"id", "C_" + oid}, {"oid", oid}, {"abbreviatedOid", oid.substr(0, 7)}};
  if (known == nullptr) return {"Commit", std::move(fields)};
  const auto line = known->message.find('\n');
  const auto body = known->message.find_first_not_of('\n', line);
  const GraphObject person{"GitActor",
                           {{"name", known->author},
                            {"email", known->author + "@users.noreply.github.com"},
                            {"date", known->committed_at},
                            {"user", actor_value(known->author, execution)}}};
  append(fields, {{"message", known->message},
                  {"messageHeadline", known->message.substr(0, line)},
                  {"messageBody", line == std::string::npos || body == std::string::npos
                                      ? std::string()
                                      : known->message.substr(body)},
                  {"authoredDate", known->committed_at},
                  {"committedDate", known->committed_at},
                  {"author", person},
                  {"committer", person}});
  return {"Commit", std::move(fields)};
}

GraphFields pull_request_fields(const Home& home, const Issue& issue, const GraphExecution& execution) {
  const PullRequest& pull = *issue.pull_request;
  return {{"state", pull.merged_at ? "MERGED"
                    : issue.open   ? "OPEN"
                                   : "CLOSED"},
          {"isDraft", pull.draft},
          {"merged", pull.merged_at.has_value()},
          {"mergedAt", pull.merged_at},
          {"mergedBy", actor_value(pull.merged_by, execution)},
          {"mergeCommit", pull.merge_commit.empty()
                              ? GraphValue()
                              : GraphValue(commit_object(pull.merge_commit, nullptr, execution))},
          {"baseRefName", pull.base_ref},
          {"baseRefOid", pull.base_oid},
          {"headRefName", pull.head_ref},
          {"headRefOid", pull.head_oid},
          {"isCrossRepository", false},
          {"headRepository",
           on_demand([home](const GraphField& field) { return repository_value(home, field.execution); })},
          {"headRepositoryOwner", on_demand([home](const GraphField& field) {
             return actor_value(home->repository.owner, field.execution);
           })},
          {"additions", pull.additions},
          {"deletions", pull.deletions},
          {"changedFiles", pull.changed_files},
          {"maintainerCanModify", false},
          {"autoMergeRequest", nullptr},
          {"reviewDecision", on_demand([&pull] { return decision_on(pull); })},
          {"commits", on_demand([&pull](const GraphField& field) { return commits_of(pull, field); })},
          {"reviewRequests",
           on_demand([home, &pull](const GraphField& field) { return requests_of(pull, home, field); })},
          {"reviews",
           on_demand([home, &issue](const GraphField& field) { return reviews_of(home, issue, field); })},
          {"reviewThreads", on_demand([home, &issue] { return threads_of(home, issue); })},
          {"closingIssuesReferences",
           on_demand([home, &issue](const GraphField& field) { return closed_by(issue, home, field); })}};
}

GraphValue review_comment_value(const Home& home, CommentId id, const GraphExecution& execution) {
  const ReviewComment& comment = home->metadata.review_comments.at(id);
  const Issue* pull = pull_of(home, comment.pull_request);
  const ReviewThread* thread =
      pull == nullptr ? nullptr : with_id(pull->pull_request->threads, comment.thread);
  GraphFields fields = id_fields("PRRC", id);
  append(fields, post_fields(comment.post, home, execution));
  append(fields, address_fields(fmt::format("{}/pull/{}#discussion_r{}", home->url, comment.pull_request, id),
                                execution));
  const std::int64_t number = comment.pull_request;
  const GraphValue line = thread == nullptr || thread->on_file ? GraphValue() : GraphValue(thread->line);
  append(fields,
         {{"diffHunk", comment.diff_hunk},
          {"path", thread == nullptr ? "" : thread->path},
          {"line", thread != nullptr && thread->outdated ? GraphValue() : line},
          {"originalLine", line},
          {"outdated", thread != nullptr && thread->outdated},
          {"subjectType", thread != nullptr && thread->on_file ? "FILE" : "LINE"},
          {"state", "SUBMITTED"},
          {"draftedAt", comment.post.created_at},
          {"commit", comment.commit.empty() ? GraphValue()
                                            : GraphValue(commit_object(comment.commit, nullptr, execution))},
          {"replyTo", on_demand([home, reply = comment.in_reply_to](const GraphField& field) {
             return home->metadata.review_comments.contains(reply)
                        ? review_comment_value(home, reply, field.execution)
                        : GraphValue();
           })},
          {"pullRequestReview", on_demand([home, number, review = comment.review](const GraphField& field) {
             return review_value(home, number, review, field.execution);
           })},
          {"pullRequest", on_demand([home, number](const GraphField& field) {
             return item_value(home, number, field.execution);
           })}});
  return GraphObject{"PullRequestReviewComment", std::move(fields)};
}

GraphValue review_value(const Home& home, std::int64_t number, std::int64_t id,
                        const GraphExecution& execution) {
  const Issue* pull = pull_of(home, number);
  const Review* review = pull == nullptr ? nullptr : with_id(pull->pull_request->reviews, id);
  return review == nullptr ? GraphValue() : review_object(*review, home, *pull, execution);
}

GraphValue thread_value(const Home& home, std::int64_t number, std::int64_t id, const GraphExecution&) {
  const Issue* pull = pull_of(home, number);
  const ReviewThread* thread = pull == nullptr ? nullptr : with_id(pull->pull_request->threads, id);
  return thread == nullptr ? GraphValue() : thread_object(*thread, home, *pull);
}

}  // namespace hubkeep::sim
