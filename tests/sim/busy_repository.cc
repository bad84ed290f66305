#include "sim/busy_repository.h"

#include <fmt/format.h>

#include <array>

namespace hubkeep::sim {

namespace {

constexpr std::array<const char*, 5> kPeople = {"ann", "ben", "cleo", "dan", "eve"};
constexpr std::array<EventKind, 6> kSimpleEvents = {EventKind::labeled,    EventKind::assigned,
                                                    EventKind::mentioned,  EventKind::subscribed,
                                                    EventKind::referenced, EventKind::milestoned};

/// How many of `total` things the one of `count` places has.
std::size_t share(std::size_t total, std::size_t place, std::size_t count) {
  return total / count + (place < total % count ? 1 : 0);
}

class Filling {
 public:
  Filling(World& world, RepositoryId id, const BusyShape& shape)
      : world_(world), metadata_(world.metadata()), id_(id), shape_(shape), random_(shape.seed) {}

  void run() {
    const std::size_t things = shape_.issues + shape_.pull_requests + shape_.comments + shape_.reviews +
                               shape_.review_comments + shape_.events + shape_.discussions;
    const UtcTime now = world_.now();
    world_.set_time(now - std::chrono::seconds(things / 2 + 1));
    for (const char* login : kPeople) {
      if (!world_.find_account(login)) world_.add_user(login);
    }
    for (std::size_t i = 0; i < shape_.labels; ++i)
      labels_.push_back(metadata_.add_label(
          id_, {.name = fmt::format("label-{}", i), .color = "d73a4a", .description = "One of many"}));
    for (std::size_t i = 0; i < shape_.milestones; ++i)
      metadata_.add_milestone(id_, {.title = fmt::format("M{}", i), .creator = who()});
    const std::size_t all = shape_.issues + shape_.pull_requests;
    for (std::size_t i = 0; i < all; ++i) add_item(i, all);
    if (shape_.discussions > 0) category_ = metadata_.add_category(id_, {.name = "General"});
    for (std::size_t i = 0; i < shape_.discussions; ++i) add_discussion();
    world_.set_time(now);
  }

 private:
  std::string who() { return kPeople[random_() % kPeople.size()]; }

  void tick() {
    if (++ticks_ % 2 == 0) world_.advance(std::chrono::seconds(1));
  }

  std::string text() { return fmt::format("What there is to say, number {}.", ++texts_); }

  /// Pull requests stand among the issues, evenly.
  void add_item(std::size_t place, std::size_t all) {
    tick();
    Issue issue;
    issue.title = fmt::format("Matter {}", place + 1);
    issue.post.author = who();
    issue.post.body = text();
    if (!labels_.empty()) issue.labels.insert(labels_[random_() % labels_.size()]);
    if (shape_.milestones > 0 && place % 3 == 0)
      issue.milestone = static_cast<std::int64_t>(1 + random_() % shape_.milestones);
    const bool is_pull_request =
        (place + 1) * shape_.pull_requests / all > place * shape_.pull_requests / all;
    Place at{id_, 0};
    if (is_pull_request) {
      const std::string oid = fmt::format("{:040x}", place + 1);
      PullRequest pull_request{.base_oid = std::string(40, '0'),
                               .head_ref = fmt::format("topic-{}", place),
                               .head_oid = oid,
                               .changed_files = 1,
                               .commits = {{oid, "Change it", issue.post.author, world_.now()}}};
      at.number = metadata_.add_pull_request(id_, std::move(issue), std::move(pull_request));
      fill_pull_request(at);
      ++pull_requests_;
    } else {
      at.number = metadata_.add_issue(id_, std::move(issue));
    }
    for (std::size_t i = share(shape_.events, place, all); i > 0; --i) {
      tick();
      metadata_.add_event(at,
                          {.kind = kSimpleEvents[i % kSimpleEvents.size()], .actor = who(), .subject = "x"});
    }
    for (std::size_t i = share(shape_.comments, place, all); i > 0; --i) {
      tick();
      metadata_.add_comment(at, who(), text());
    }
    if (place % 4 == 3) metadata_.close(at, who());
  }

  void fill_pull_request(Place at) {
    std::int64_t review = 0;
    for (std::size_t i = share(shape_.reviews, pull_requests_, shape_.pull_requests); i > 0; --i) {
      tick();
      review = metadata_.add_review(at, who(), i % 2 == 0 ? "APPROVED" : "COMMENTED", text());
    }
    CommentId opening = 0;
    for (std::size_t i = 0; i < share(shape_.review_comments, pull_requests_, shape_.pull_requests); ++i) {
      tick();
      if (review == 0) review = metadata_.add_review(at, who(), "COMMENTED", "");
      if (i % 3 == 2) {
        const auto thread = metadata_.read(
            id_, [&](const RepositoryMetadata& all) { return all.review_comments.at(opening).thread; });
        metadata_.reply_to_thread(at, thread, who(), text());
      } else {
        opening = metadata_.add_thread(at, review,
                                       {.path = "a.txt", .line = static_cast<std::int64_t>(i + 1)}, text());
      }
    }
  }

  void add_discussion() {
    tick();
    Discussion discussion;
    discussion.title = text();
    discussion.post.author = who();
    discussion.post.body = text();
    discussion.category = category_;
    const Place at{id_, metadata_.add_discussion(id_, std::move(discussion))};
    const CommentId comment = metadata_.add_discussion_comment(at, who(), text());
    metadata_.add_discussion_comment(at, who(), text(), comment);
  }

  World& world_;
  Metadata& metadata_;
  const RepositoryId id_;
  const BusyShape& shape_;
  std::mt19937 random_;
  std::vector<std::int64_t> labels_;
  std::int64_t category_ = 0;
  std::size_t pull_requests_ = 0;
  std::size_t ticks_ = 0;
  std::size_t texts_ = 0;
};

}  // namespace

void make_busy(World& world, RepositoryId id, const BusyShape& shape) {
  Filling(world, id, shape).run();
}

}  // namespace hubkeep::sim
