// Three lists tell of everything that was changed since a time. Of an issue that came, what only GraphQL says
// is asked for as well, unless all of that is asked for anyway.
//
// Nothing tells of what was deleted. When everything was asked for, what did not come is looked at one by
// one: a list may have lost it, and only GitHub's word for the thing itself makes it gone.
#include "backup/meta_issues.h"

#include <fmt/format.h>

#include <algorithm>

#include "backup/meta_lists.h"
#include "base/caught_error.h"
#include "base/error.h"
#include "base/text.h"
#include "github/json_slices.h"
#include "github/since_walk.h"

namespace hubkeep {
namespace {

// What was changed while the last walk was under way may carry an earlier time than what it saw.
constexpr std::chrono::minutes kOverlap{5};
// Of what is missing, in one run; the rest is looked at in the next sweep.
constexpr std::size_t kMostLookedAt = 100;

struct ChangingList {
  MetaKind kind;
  std::string_view list;    // "/issues/comments"
  std::string_view one;     // the address of one, before its id
  std::string_view id;      // the member that has it
  std::string_view parent;  // the member with the address of what it belongs to; empty: to nothing
};

constexpr ChangingList kIssues{MetaKind::issue, "/issues?state=all&", "/issues/", "number", ""};
constexpr ChangingList kComments{MetaKind::comment, "/issues/comments?", "/issues/comments/", "id",
                                 "issue_url"};
constexpr ChangingList kReviewComments{MetaKind::review_comment, "/pulls/comments?", "/pulls/comments/", "id",
                                       "pull_request_url"};

std::string last_segment(const std::string& url) {
  return url.substr(url.find_last_of('/') + 1);
}

bool is_pull_request(std::string_view issue) {
  return object_member(issue, "pull_request").value_or("null") != "null";
}

std::string since_of(const MetaIntake& intake, MetaKind kind) {
  const std::string cursor = intake.cursor(kind);
  if (intake.is_sweep(kind)) return cursor;
  const auto time = parse_time(cursor);
  return time ? format_time(*time - kOverlap) : "";
}

class Walk {
 public:
  Walk(MetaIntake& intake, const ChangingList& list)
      : intake_(intake), api_(intake.work().context().github.api()), list_(list) {}

  void run() {
    const auto error = caught_error([&] { walk(); });
    if (error) return take_refusal(intake_, list_.kind, *error, true);
    if (!intake_.is_sweep(list_.kind)) return;
    intake_.saw_all(list_.kind);
    look_at_missing();
  }

 private:
  void walk() {
    const SinceWalkReader reader{.item = [&](std::string_view item) { take(item); },
                                 .page =
                                     [&](const ApiAnswer& answer, const std::string& reached) {
                                       intake_.set_cursor(list_.kind, reached);
                                       intake_.answered(ApiKind::rest, answer.body().size());
                                     }};
    const Url url =
        api_.url(fmt::format("{}{}sort=updated&direction=asc", repository_path(intake_), list_.list));
    walk_since(api_, {url, since_of(intake_, list_.kind)}, reader, intake_.work().stop());
  }

  void take(std::string_view item) {
    const std::string id = plain_member(item, list_.id);
    const std::string parent = list_.parent.empty() ? "" : last_segment(plain_member(item, list_.parent));
    const bool is_news = intake_.take({.kind = list_.kind, .id = id, .parent = parent, .json = item});
    intake_.drop_pending(list_.kind, id);
    if (is_news) ask_for_more(item, id, parent);
  }

  void ask_for_more(std::string_view item, const std::string& id, const std::string& parent) {
    const bool is_issue = list_.kind == MetaKind::issue;
    if (!is_issue && !has_more_to_it(item)) return;
    const MetaKind more = !is_issue               ? MetaKind::comment_graph
                          : is_pull_request(item) ? MetaKind::pull_request
                                                  : MetaKind::issue_graph;
    const std::string node_id = plain_member(item, "node_id");
    if (!is_issue)
      intake_.add_pending(more, {node_id, node_id, parent});
    else if (!intake_.is_sweep(more))
      intake_.add_pending(more, {id, node_id});
  }

  void look_at_missing() {
    std::vector<std::string> missing = intake_.suspects(list_.kind);
    missing.resize(std::min(missing.size(), kMostLookedAt));
    for (const std::string& id : missing) look_at(id);
  }

  void look_at(const std::string& id) {
    const Url url = api_.url(fmt::format("{}{}{}", repository_path(intake_), list_.one, id));
    const auto error = caught_error([&] {
      // The list has not shown it either: that was the first look.
      const ApiAnswer answer =
          api_.get(url, {.second_look = SecondLook::unless_not_found}, intake_.work().stop());
      if (is_of_this_repository(answer.body(), id))
        take(answer.body());
      else
        intake_.gone(list_.kind, id);
      intake_.answered(ApiKind::rest, answer.body().size());
    });
    if (!error) return;
    if (error->kind() != ErrorKind::not_found) throw Error(*error);
    intake_.gone(list_.kind, id);
  }

  // An issue that was moved to another repository leads there.
  bool is_of_this_repository(std::string_view document, const std::string& id) const {
    const std::string url = plain_member(document, "url");
    return plain_member(document, list_.id) == id &&
           to_lower(url).find(to_lower("/repos/" + intake_.work().listing().full_name + "/")) !=
               std::string::npos;
  }

  MetaIntake& intake_;
  GitHubApi& api_;
  const ChangingList& list_;
};

class IssuesCollector final : public MetaCollector {
 public:
  std::string_view name() const override { return "issues"; }
  ContentKind group() const override { return ContentKind::issues; }
  std::vector<MetaKind> kinds() const override { return {MetaKind::issue, MetaKind::comment}; }
  std::vector<std::string_view> probes() const override { return {"issues", "pull_requests"}; }
  void collect(MetaIntake& intake) const override {
    Walk(intake, kIssues).run();
    Walk(intake, kComments).run();
  }
};

class ReviewCommentsCollector final : public MetaCollector {
 public:
  std::string_view name() const override { return "review comments"; }
  ContentKind group() const override { return ContentKind::issues; }
  std::vector<MetaKind> kinds() const override { return {MetaKind::review_comment}; }
  std::vector<std::string_view> probes() const override { return {"pull_requests"}; }
  void collect(MetaIntake& intake) const override {
    constexpr MetaKind kKind = MetaKind::review_comment;
    if (!intake.is_sweep(kKind) && intake.pending(kKind).empty()) return;
    Walk(intake, kReviewComments).run();
    // Those that a list of all changes does not have are gone meanwhile.
    for (const PendingDocument& each : intake.pending(kKind)) intake.drop_pending(kKind, each.id);
  }
};

}  // namespace

std::shared_ptr<const MetaCollector> issues_collector() {
  return std::make_shared<IssuesCollector>();
}

std::shared_ptr<const MetaCollector> review_comments_collector() {
  return std::make_shared<ReviewCommentsCollector>();
}

}  // namespace hubkeep
