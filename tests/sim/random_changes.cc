// A table of changes; one that needs what is not there (a review of a repository without pull requests) is
// passed over for another.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sim/busy_repository.h"

namespace hubkeep::sim {

namespace {

constexpr std::array<const char*, 5> kPeople = {"ann", "ben", "cleo", "dan", "eve"};
constexpr std::array<const char*, 8> kReactions = {"+1",    "-1",     "laugh",  "confused",
                                                   "heart", "hooray", "rocket", "eyes"};

}  // namespace

/// `make` says whether it found what it needs.
struct RandomChanges::Action {
  const char* name;
  bool (*make)(RandomChanges&);
};

RandomChanges::RandomChanges(World& world, RepositoryId id, RepositoryId elsewhere, unsigned seed)
    : world_(world), metadata_(world.metadata()), id_(id), elsewhere_(elsewhere), random_(seed) {
  for (const char* login : kPeople) {
    if (!world_.find_account(login)) world_.add_user(login);
  }
}

std::size_t RandomChanges::pick(std::size_t count) {
  return random_() % count;
}

std::string RandomChanges::who() {
  return kPeople[pick(kPeople.size())];
}

std::string RandomChanges::words() {
  const auto issue = pick(3) == 0 ? any_issue() : std::nullopt;
  return fmt::format("Words {}{}", random_() % 1'000'000,
                     issue ? fmt::format(" see #{}", issue->number) : "");
}

std::optional<Place> RandomChanges::any_issue() {
  return metadata_.read(id_, [&](const RepositoryMetadata& all) -> std::optional<Place> {
    if (all.issues.empty()) return std::nullopt;
    return Place{id_,
                 std::next(all.issues.begin(), static_cast<std::ptrdiff_t>(pick(all.issues.size())))->first};
  });
}

std::optional<Place> RandomChanges::any_pull_request() {
  return metadata_.read(id_, [&](const RepositoryMetadata& all) -> std::optional<Place> {
    std::vector<std::int64_t> numbers;
    for (const auto& [number, issue] : all.issues) {
      if (issue.pull_request && !issue.pull_request->merged_at) numbers.push_back(number);
    }
    if (numbers.empty()) return std::nullopt;
    return Place{id_, numbers[pick(numbers.size())]};
  });
}

std::optional<Place> RandomChanges::any_discussion() {
  return metadata_.read(id_, [&](const RepositoryMetadata& all) -> std::optional<Place> {
    if (all.discussions.empty()) return std::nullopt;
    const auto step = static_cast<std::ptrdiff_t>(pick(all.discussions.size()));
    return Place{id_, std::next(all.discussions.begin(), step)->first};
  });
}

std::optional<CommentId> RandomChanges::any_comment() {
  return metadata_.read(id_, [&](const RepositoryMetadata& all) -> std::optional<CommentId> {
    const auto& entries = all.comments_by_update.entries();
    return entries.empty() ? std::nullopt : std::optional(entries[pick(entries.size())].id);
  });
}

std::optional<CommentId> RandomChanges::any_review_comment() {
  return metadata_.read(id_, [&](const RepositoryMetadata& all) -> std::optional<CommentId> {
    const auto& entries = all.review_comments_by_update.entries();
    return entries.empty() ? std::nullopt : std::optional(entries[pick(entries.size())].id);
  });
}

std::optional<std::int64_t> RandomChanges::any_label() {
  return metadata_.read(id_, [&](const RepositoryMetadata& all) -> std::optional<std::int64_t> {
    if (all.labels.empty()) return std::nullopt;
    return std::next(all.labels.begin(), static_cast<std::ptrdiff_t>(pick(all.labels.size())))->first;
  });
}

std::optional<std::int64_t> RandomChanges::any_milestone() {
  return metadata_.read(id_, [&](const RepositoryMetadata& all) -> std::optional<std::int64_t> {
    if (all.milestones.empty()) return std::nullopt;
    return std::next(all.milestones.begin(), static_cast<std::ptrdiff_t>(pick(all.milestones.size())))->first;
  });
}

/// Of something that can have reactions.
std::string RandomChanges::any_node() {
  if (const auto comment = any_comment(); comment && pick(3) == 0) return node_id("IC", *comment);
  if (const auto comment = any_review_comment(); comment && pick(3) == 0) return node_id("PRRC", *comment);
  const auto discussion = pick(3) == 0 ? any_discussion() : std::nullopt;
  const auto issue = any_issue();
  return metadata_.read(id_, [&](const RepositoryMetadata& all) {
    if (discussion) return node_id("D", all.discussions.at(discussion->number).id);
    if (!issue) return std::string();
    const Issue& each = all.issues.at(issue->number);
    return node_id(each.pull_request ? "PR" : "I", each.id);
  });
}

namespace {

/// Makes `change` of what was found; false where that is nothing.
template <typename Found, typename Change>
bool with(const std::optional<Found>& found, const Change& change) {
  if (found) change(*found);
  return found.has_value();
}

}  // namespace

const std::vector<RandomChanges::Action>& RandomChanges::actions() {
  using R = RandomChanges;
  static const std::vector<Action> table = {
      {"an issue",
       [](R& r) {
         Issue issue;
         issue.title = r.words();
         issue.post.author = r.who();
         issue.post.body = r.words();
         r.metadata_.add_issue(r.id_, std::move(issue));
         return true;
       }},
      {"a pull request",
       [](R& r) {
         Issue issue;
         issue.title = r.words();
         issue.post.author = r.who();
         issue.post.body = r.words();
         const std::string oid = fmt::format("{:040x}", r.random_());
         r.metadata_.add_pull_request(r.id_, std::move(issue),
                                      {.base_oid = std::string(40, '0'),
                                       .head_ref = "topic",
                                       .head_oid = oid,
                                       .commits = {{oid, "Change it", r.who(), r.world_.now()}}});
         return true;
       }},
      {"a comment",
       [](R& r) {
         return with(r.any_issue(), [&](Place at) { r.metadata_.add_comment(at, r.who(), r.words()); });
       }},
      {"a comment edited",
       [](R& r) {
         return with(r.any_comment(),
                     [&](CommentId id) { r.metadata_.edit_comment(r.id_, id, r.who(), r.words()); });
       }},
      {"a comment removed",
       [](R& r) {
         return with(r.any_comment(), [&](CommentId id) { r.metadata_.remove_comment(r.id_, id, r.who()); });
       }},
      {"a body edited",
       [](R& r) {
         return with(r.any_issue(), [&](Place at) { r.metadata_.edit_body(at, r.who(), r.words()); });
       }},
      {"a title changed",
       [](R& r) {
         return with(r.any_issue(), [&](Place at) { r.metadata_.rename(at, r.who(), r.words()); });
       }},
      {"an issue closed",
       [](R& r) { return with(r.any_issue(), [&](Place at) { r.metadata_.close(at, r.who()); }); }},
      {"an issue reopened",
       [](R& r) { return with(r.any_issue(), [&](Place at) { r.metadata_.reopen(at, r.who()); }); }},
      {"an issue locked",
       [](R& r) { return with(r.any_issue(), [&](Place at) { r.metadata_.lock(at, r.who()); }); }},
      {"an assignee",
       [](R& r) { return with(r.any_issue(), [&](Place at) { r.metadata_.assign(at, r.who(), r.who()); }); }},
      {"an issue removed",
       [](R& r) {
         return r.pick(4) == 0 && with(r.any_issue(), [&](Place at) { r.metadata_.remove_issue(at); });
       }},
      {"an issue transferred",
       [](R& r) {
         const auto at = r.any_issue();
         const bool is_issue = at && r.metadata_.read(r.id_, [&](const RepositoryMetadata& all) {
           return !all.issues.at(at->number).pull_request;
         });
         if (!is_issue || r.pick(4) != 0) return false;
         r.metadata_.transfer_issue(*at, r.who(), r.elsewhere_);
         return true;
       }},
      {"a label",
       [](R& r) {
         r.metadata_.add_label(r.id_, {.name = r.words()});
         return true;
       }},
      {"a label renamed",
       [](R& r) {
         return with(r.any_label(), [&](std::int64_t id) {
           r.metadata_.edit_label(r.id_, id, [&](Label& label) { label.name = r.words(); });
         });
       }},
      {"a label removed",
       [](R& r) {
         return r.pick(4) == 0 &&
                with(r.any_label(), [&](std::int64_t id) { r.metadata_.remove_label(r.id_, id); });
       }},
      {"an issue labeled",
       [](R& r) {
         const auto label = r.any_label();
         return label &&
                with(r.any_issue(), [&](Place at) { r.metadata_.add_label_to(at, r.who(), *label); });
       }},
      {"a milestone",
       [](R& r) {
         r.metadata_.add_milestone(r.id_, {.title = r.words(), .creator = r.who()});
         return true;
       }},
      {"an issue in a milestone",
       [](R& r) {
         const auto number = r.any_milestone();
         return number &&
                with(r.any_issue(), [&](Place at) { r.metadata_.set_milestone(at, r.who(), *number); });
       }},
      {"a milestone closed",
       [](R& r) {
         return with(r.any_milestone(), [&](std::int64_t number) {
           r.metadata_.edit_milestone(r.id_, number, [](Milestone& each) { each.open = false; });
         });
       }},
      {"a reaction",
       [](R& r) {
         const std::string node = r.any_node();
         if (!node.empty()) r.metadata_.react(node, r.who(), kReactions[r.pick(kReactions.size())]);
         return !node.empty();
       }},
      {"a comment hidden",
       [](R& r) {
         return with(r.any_comment(),
                     [&](CommentId id) { r.metadata_.minimize(node_id("IC", id), "OUTDATED"); });
       }},
      {"a commit",
       [](R& r) {
         return with(r.any_pull_request(), [&](Place at) {
           r.metadata_.add_commit(at,
                                  {fmt::format("{:040x}", r.random_()), r.words(), r.who(), r.world_.now()});
         });
       }},
      {"a review with a thread",
       [](R& r) {
         return with(r.any_pull_request(), [&](Place at) {
           const auto review = r.metadata_.add_review(at, r.who(), "CHANGES_REQUESTED", r.words());
           r.metadata_.add_thread(at, review, {.path = "a.txt", .line = 3}, r.words());
         });
       }},
      {"a review edited",
       [](R& r) {
         const auto at = r.any_pull_request();
         const auto review = !at ? std::nullopt : r.metadata_.read(r.id_, [&](const RepositoryMetadata& all) {
           const auto& reviews = all.issues.at(at->number).pull_request->reviews;
           return reviews.empty() ? std::nullopt : std::optional(reviews[r.pick(reviews.size())].id);
         });
         return with(review, [&](std::int64_t id) { r.metadata_.edit_review(*at, id, r.who(), r.words()); });
       }},
      {"a reply to a thread",
       [](R& r) {
         return with(r.any_review_comment(), [&](CommentId id) {
           const auto comment = r.metadata_.read(
               r.id_, [&](const RepositoryMetadata& all) { return all.review_comments.at(id); });
           r.metadata_.reply_to_thread({r.id_, comment.pull_request}, comment.thread, r.who(), r.words());
         });
       }},
      {"a thread resolved",
       [](R& r) {
         return with(r.any_review_comment(), [&](CommentId id) {
           const auto comment = r.metadata_.read(
               r.id_, [&](const RepositoryMetadata& all) { return all.review_comments.at(id); });
           r.metadata_.resolve_thread({r.id_, comment.pull_request}, comment.thread, r.who());
         });
       }},
      {"a review comment edited",
       [](R& r) {
         return with(r.any_review_comment(),
                     [&](CommentId id) { r.metadata_.edit_review_comment(r.id_, id, r.who(), r.words()); });
       }},
      {"a review comment removed",
       [](R& r) {
         return with(r.any_review_comment(),
                     [&](CommentId id) { r.metadata_.remove_review_comment(r.id_, id); });
       }},
      {"a pull request merged",
       [](R& r) { return with(r.any_pull_request(), [&](Place at) { r.metadata_.merge(at, r.who()); }); }},
      {"a comment on a commit",
       [](R& r) {
         CommitComment comment;
         comment.commit = fmt::format("{:040x}", r.random_());
         comment.post.author = r.who();
         comment.post.body = r.words();
         r.metadata_.add_commit_comment(r.id_, std::move(comment));
         return true;
       }},
      {"a discussion",
       [](R& r) {
         Discussion discussion;
         discussion.title = r.words();
         discussion.post.author = r.who();
         discussion.post.body = r.words();
         const auto categories =
             r.metadata_.read(r.id_, [](const RepositoryMetadata& all) { return all.categories; });
         discussion.category = categories.empty()
                                   ? r.metadata_.add_category(r.id_, {.name = "Ideas", .is_answerable = true})
                                   : categories.front().id;
         r.metadata_.add_discussion(r.id_, std::move(discussion));
         return true;
       }},
      {"a comment in a discussion",
       [](R& r) {
         return with(r.any_discussion(), [&](Place at) {
           const CommentId id = r.metadata_.add_discussion_comment(at, r.who(), r.words());
           r.metadata_.add_discussion_comment(at, r.who(), r.words(), id);
           if (r.pick(2) == 0) r.metadata_.mark_answer(at, r.who(), id);
         });
       }},
      {"a comment in a discussion removed",
       [](R& r) {
         const auto at = r.any_discussion();
         const auto id = !at ? std::nullopt : r.metadata_.read(r.id_, [&](const RepositoryMetadata& all) {
           const auto& comments = all.discussions.at(at->number).comments;
           return comments.empty() ? std::nullopt : std::optional(comments[r.pick(comments.size())].id);
         });
         return with(id, [&](CommentId comment) { r.metadata_.remove_discussion_comment(*at, comment); });
       }},
      {"topics",
       [](R& r) {
         r.metadata_.change(r.id_, [&](RepositoryMetadata& all) {
           all.settings.topics = {fmt::format("topic-{}", r.random_() % 100)};
         });
         r.world_.edit(r.id_, [](Repository&) {});
         return true;
       }},
  };
  return table;
}

std::string RandomChanges::step() {
  while (true) {
    const Action& action = actions()[pick(actions().size())];
    if (action.make(*this)) return action.name;
  }
}

}  // namespace hubkeep::sim
