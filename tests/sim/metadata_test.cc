// What changes on the simulated GitHub, and what of it `updated_at` tells.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "sim/busy_repository.h"
#include "sim/metadata.h"
#include "sim/sample_things.h"
#include "sim/sim_fixture.h"
#include "sim/world_picture.h"

namespace hubkeep::sim {
namespace {

using nlohmann::json;

class MetadataChanges : public SimTest {
 protected:
  MetadataChanges() { world.set_time(UtcTime(std::chrono::seconds(1'800'000'000))); }

  Place issue(const std::string& body = "Always") {
    Issue issue;
    issue.title = "It fails";
    issue.post.author = "acme";
    issue.post.body = body;
    return {site, metadata.add_issue(site, std::move(issue))};
  }

  Place pull_request() {
    Issue issue;
    issue.title = "Change it";
    issue.post.author = "acme";
    return {site, metadata.add_pull_request(site, std::move(issue),
                                            {.head_ref = "topic", .head_oid = std::string(40, 'a')})};
  }

  json get(const std::string& path) { return json::parse(api_get_as_acme("/repos/acme/site/" + path).body); }

  /// Whether `change`, a minute later, moves what GitHub says of the issue's update.
  template <typename Change>
  bool moves(Place place, const Change& change) {
    const std::string path = fmt::format("issues/{}", place.number);
    const json before = get(path)["updated_at"];
    world.advance(std::chrono::seconds(60));
    change();
    return get(path)["updated_at"] != before;
  }

  RepositoryId site = world.add_repository("acme", "site");
  Metadata& metadata = world.metadata();
};

TEST_F(MetadataChanges, OfAnIssueAndItsCommentsMoveItsUpdate) {
  const Place place = issue();
  const auto label = metadata.add_label(site, {.name = "bug"});
  CommentId comment = 0;

  EXPECT_TRUE(moves(place, [&] { comment = metadata.add_comment(place, "acme", "Yes"); }));
  EXPECT_TRUE(moves(place, [&] { metadata.edit_comment(site, comment, "acme", "No"); }));
  EXPECT_TRUE(moves(place, [&] { metadata.add_label_to(place, "acme", label); }));
  EXPECT_TRUE(moves(place, [&] { metadata.close(place, "acme"); }));
  EXPECT_TRUE(moves(place, [&] { metadata.edit_body(place, "acme", "Never"); }));
  EXPECT_EQ(get(fmt::format("issues/comments/{}", comment))["updated_at"], "2027-01-15T08:02:00Z");
}

TEST_F(MetadataChanges, ThatGitHubMakesSilentlyMoveNothing) {
  const Place place = issue();
  const Place other = issue();
  const auto label = metadata.add_label(site, {.name = "bug"});
  metadata.add_label_to(place, "acme", label);
  const CommentId comment = metadata.add_comment(place, "acme", "Yes");
  const std::string node = node_id("IC", comment);

  EXPECT_FALSE(moves(place, [&] { metadata.react(node, "acme", "heart"); }));
  EXPECT_FALSE(moves(place, [&] { metadata.minimize(node, "SPAM"); }));
  EXPECT_FALSE(moves(place, [&] { metadata.cross_reference(place, "acme", other); }));
  EXPECT_FALSE(moves(place, [&] { metadata.add_comment(other, "acme", "See #1"); }));
  EXPECT_FALSE(
      moves(place, [&] { metadata.edit_label(site, label, [](Label& each) { each.name = "fault"; }); }));
  EXPECT_FALSE(moves(place, [&] { metadata.remove_comment(site, comment, "acme"); }));
  EXPECT_EQ(get("issues/1")["labels"][0]["name"], "fault");
  EXPECT_EQ(get("issues/1")["comments"], 0);
  EXPECT_EQ(api_get_as_acme(fmt::format("/repos/acme/site/issues/comments/{}", comment)).status, 404);
  EXPECT_EQ(get("issues/events")[0]["event"], "comment_deleted");
}

TEST_F(MetadataChanges, OfThreadsMoveThePullRequestUnlessTheyAreResolvedOrRemoved) {
  const Place place = pull_request();
  std::int64_t review = 0;
  CommentId comment = 0;
  EXPECT_TRUE(moves(place, [&] { review = metadata.add_review(place, "acme", "COMMENTED", "Hm"); }));
  EXPECT_TRUE(moves(place, [&] { comment = metadata.add_thread(place, review, {.path = "a"}, "Why?"); }));
  const auto thread = metadata.read(
      site, [&](const RepositoryMetadata& all) { return all.review_comments.at(comment).thread; });

  EXPECT_TRUE(moves(place, [&] { metadata.reply_to_thread(place, thread, "acme", "So"); }));
  EXPECT_FALSE(moves(place, [&] { metadata.resolve_thread(place, thread, "acme"); }));
  EXPECT_FALSE(moves(place, [&] { metadata.edit_review(place, review, "acme", "Well"); }));
  EXPECT_FALSE(moves(place, [&] { metadata.remove_review_comment(site, comment); }));
  EXPECT_EQ(get("pulls/1/reviews").size(), 2U) << "the reply is a review of its own";
  EXPECT_EQ(get("pulls/comments").size(), 1U);
}

TEST_F(MetadataChanges, LeaveTheTextsThatWere) {
  const Place place = issue("First");
  metadata.edit_body(place, "ann", "Second");

  const auto edits =
      metadata.read(site, [](const RepositoryMetadata& all) { return all.issues.at(1).post.edits; });

  ASSERT_EQ(edits.size(), 2U);
  EXPECT_EQ(edits[0].text, "First");
  EXPECT_EQ(edits[1].text, "Second");
  EXPECT_EQ(edits[1].editor, "ann");
}

TEST_F(MetadataChanges, TellWhereAnIssueIsThatIsGone) {
  const RepositoryId elsewhere = world.add_repository("acme", "elsewhere");
  const RepositoryId secret = world.add_repository("acme", "secret", {.is_private = true});
  for (int i = 0; i < 4; ++i) issue();
  metadata.add_comment({site, 1}, "acme", "Yes");

  metadata.transfer_issue({site, 1}, "acme", elsewhere);
  metadata.remove_issue({site, 2});
  metadata.transfer_issue({site, 3}, "acme", secret);
  const auto category = metadata.add_category(site, {.name = "Ideas"});
  const std::int64_t discussion = metadata.convert_to_discussion({site, 4}, category);

  const ClientResponse moved = api_get("/repos/acme/site/issues/1");
  EXPECT_EQ(moved.status, 301);
  EXPECT_EQ(moved.header("Location"),
            fmt::format("{}/repositories/{}/issues/1", github.api_url(), elsewhere));
  EXPECT_EQ(json::parse(api_get("/repos/acme/elsewhere/issues/1/comments").body).size(), 1U);
  EXPECT_EQ(api_get("/repos/acme/site/issues/2").status, 410);
  EXPECT_EQ(api_get("/repos/acme/site/issues/3").status, 404) << "it is where this one does not see";
  EXPECT_EQ(api_get("/repos/acme/site/issues/4").status, 410);
  EXPECT_EQ(api_get("/repos/acme/site/issues/99").status, 404);
  EXPECT_EQ(discussion, 5) << "discussions count with the issues";
  EXPECT_EQ(get("issues?state=all").size(), 0U);
  EXPECT_EQ(get("issues/comments").size(), 0U);
}

TEST_F(MetadataChanges, OfEachKindAreInThePicture) {
  add_conversation_samples(world, site);
  add_settings_samples(world, site);

  const json picture = picture_of(world, site);

  for (const char* kind :
       {"issue", "comment", "review_comment", "review", "thread", "event", "commit_comment", "label",
        "milestone", "discussion", "discussion_comment", "settings"})
    EXPECT_FALSE(picture.value(kind, json()).empty()) << kind;
  EXPECT_EQ(picture["issue"]["1"]["blocked_by"], json({"acme/site#2"}));
  EXPECT_EQ(picture_of_projects(world, "acme")["project_item"].size(), 2U);
}

TEST_F(MetadataChanges, AtRandomAreTheSameFromTheSameSeed) {
  const auto run = [&](const std::string& name) {
    world.set_time(UtcTime(std::chrono::seconds(1'800'000'000)));
    const RepositoryId id = world.add_repository("acme", name);
    const RepositoryId elsewhere = world.add_repository("acme", name + "-2");
    make_busy(world, id,
              {.issues = 10,
               .pull_requests = 10,
               .comments = 20,
               .reviews = 10,
               .review_comments = 20,
               .events = 20,
               .discussions = 3});
    RandomChanges changes(world, id, elsewhere, 7);
    std::map<std::string, int> made;
    for (int i = 0; i < 400; ++i) {
      world.advance(std::chrono::seconds(1));
      ++made[changes.step()];
    }
    return std::pair(made, picture_of(world, id));
  };

  const auto [first, first_picture] = run("a");
  const auto [second, second_picture] = run("b");

  EXPECT_EQ(first, second);
  EXPECT_GT(first.size(), 30U) << "nearly each kind of change was made";
  EXPECT_EQ(first_picture["issue"].size(), second_picture["issue"].size());
  EXPECT_EQ(first_picture["comment"].size(), second_picture["comment"].size());
}

TEST_F(MetadataChanges, KeepTheOrderOfUpdatesWholeWhateverHappens) {
  const RepositoryId elsewhere = world.add_repository("acme", "elsewhere");
  make_busy(
      world, site,
      {.issues = 10, .pull_requests = 10, .comments = 40, .reviews = 10, .review_comments = 20, .events = 0});
  RandomChanges changes(world, site, elsewhere, 3);
  for (int i = 0; i < 500; ++i) {
    if (i % 3 == 0) world.advance(std::chrono::seconds(1));
    changes.step();
  }

  metadata.read(site, [](const RepositoryMetadata& all) {
    const auto expect_same = [](const UpdateOrder& order, const auto& things, const char* what) {
      ASSERT_EQ(order.entries().size(), things.size()) << what;
      EXPECT_TRUE(std::is_sorted(order.entries().begin(), order.entries().end())) << what;
      for (const auto& entry : order.entries())
        EXPECT_EQ(entry.updated_at, things.at(entry.id).post.updated_at) << what;
    };
    expect_same(all.issues_by_update, all.issues, "issues");
    expect_same(all.comments_by_update, all.comments, "comments");
    expect_same(all.review_comments_by_update, all.review_comments, "review comments");
  });
}

}  // namespace
}  // namespace hubkeep::sim
