// What GitHub lists, when a list errs: nothing may be missing from a run that says "ok", and what came is
// saved.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>

#include "e2e/end_to_end.h"
#include "github/rest_github.h"
#include "http/curl_client.h"

namespace hubkeep {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class Listing : public EndToEnd {
 protected:
  /// r000, r001, …: all with the git data of the first, which has none.
  void add_many(int count, const std::string& owner = "octo") {
    std::filesystem::path shared;
    for (int i = 0; i < count; ++i) {
      ids_.push_back(world_.add_repository(owner, fmt::format("r{:03}", i), {.adopt_path = shared}));
      if (i == 0) shared = path_of(ids_.front());
    }
    world_.advance(std::chrono::hours(1));
  }
  /// Saves r000, r050, r100, r150, … of them; a filter leaves out the others after they were listed.
  sim::RunResult backup_some(std::vector<std::string> arguments = {}) {
    arguments.insert(arguments.end(), {"--include", "*/r?00", "--include", "*/r?50"});
    return backup(std::move(arguments));
  }
  std::size_t pages_asked() const {
    std::size_t count = 0;
    for (const auto& request : github_.log()) count += request.path.ends_with("/repos") ? 1 : 0;
    return count;
  }
  void expect_saved(const sim::RunResult& result, int count) {
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.out, HasSubstr(fmt::format("{} saved, 0 unchanged, 0 failed", count)));
  }
  void expect_not_whole(const sim::RunResult& result, int count, const std::string& why) {
    EXPECT_EQ(result.exit_code, 3) << result.err;
    EXPECT_THAT(result.out, HasSubstr(fmt::format("{} saved, 0 unchanged, 1 failed", count)));
    EXPECT_THAT(result.err,
                AllOf(HasSubstr("the list of repositories, page "), HasSubstr(why),
                      HasSubstr("repositories may be missing from this run"), Not(HasSubstr("make a new"))));
  }

  const sim::FaultMatch second_page_{.path = "/user/repos.*[?&]page=2"};
  std::vector<sim::RepositoryId> ids_;
};

TEST_F(Listing, OfThreeHundredCostsTwoRequestsMore) {
  add_many(301);

  expect_saved(backup_some(), 7);

  EXPECT_EQ(pages_asked(), 6U);
}

TEST_F(Listing, OfAHundredCostsOneRequestMore) {
  add_many(100);

  expect_saved(backup_some(), 2);

  EXPECT_EQ(pages_asked(), 2U);
}

TEST_F(Listing, APageThatIsEmptyOnceHidesNothing) {
  add_many(101);
  github_.faults().add(second_page_, sim::EmptyList{});

  expect_saved(backup_some(), 3);
}

TEST_F(Listing, APageThatIsEmptyForEverIsAProblem) {
  add_many(101);
  github_.faults().add(second_page_, sim::EmptyList{}, sim::Fault::kForever);

  expect_not_whole(backup_some(), 2, "GitHub says that there is more, and sends page 2 empty");
}

TEST_F(Listing, ARepositoryDeletedBetweenTwoPagesHidesNoOther) {
  add_many(102);
  github_.faults().add(second_page_, sim::Hook{[&] { world_.remove(ids_[0]); }});

  expect_saved(backup_some(), 2);  // r050 and r100, which had moved to the first page
}

TEST_F(Listing, ARepositoryDeletedBetweenLaterPagesHidesNoOther) {
  add_many(202);
  // The last page is looked at early, and then in its turn.
  github_.faults().add({.path = "/user/repos.*[?&]page=3"}, sim::Hook{[&] { world_.remove(ids_[120]); }}, 1,
                       1);

  expect_saved(backup_some(), 5);  // r200 had moved to the second page

  EXPECT_EQ(github_.faults().applied(), 1U);
}

TEST_F(Listing, ARepositoryCreatedBetweenTwoPagesMovesNothing) {
  add_many(101);
  github_.faults().add(second_page_, sim::Hook{[&] { world_.add_repository("octo", "zzz"); }});

  expect_saved(backup_some(), 3);

  EXPECT_EQ(pages_asked(), 3U);
}

TEST_F(Listing, AProxyThatTakesTheLinksAwayHidesNothing) {
  add_many(201);
  github_.faults().add({.path = "/repos"}, sim::WithoutHeader{"Link"}, sim::Fault::kForever);

  expect_saved(backup_some(), 5);
}

TEST_F(Listing, PagesWithoutEndHaveOne) {
  add_many(1);
  github_.faults().add({.path = "/user/repos"}, sim::PagesWithoutEnd{}, sim::Fault::kForever);

  expect_not_whole(backup_some(), 1, "page 2 brings only what came before it");

  EXPECT_EQ(pages_asked(), 4U);
}

struct Spoilt {
  const char* name;
  sim::FaultAction action;
  const char* why;
};

void PrintTo(const Spoilt& spoilt, std::ostream* out) {
  *out << spoilt.name;
}

class SpoiltPage : public Listing, public testing::WithParamInterface<Spoilt> {};

TEST_P(SpoiltPage, OnceCostsNothing) {
  add_many(101);
  github_.faults().add(second_page_, GetParam().action);

  expect_saved(backup_some(), 3);
}

TEST_P(SpoiltPage, ForEverIsAProblemAndTheOtherPagesAreSaved) {
  add_many(301);
  github_.faults().add({.path = "/user/repos.*[?&]page=3"}, GetParam().action, sim::Fault::kForever);

  expect_not_whole(backup_some(), 5, GetParam().why);  // of pages 1, 2 and 4
}

INSTANTIATE_TEST_SUITE_P(
    Listing, SpoiltPage,
    testing::Values(
        Spoilt{"forbidden", sim::Respond{.status = 403, .body = "{}"}, "is not allowed to do this"},
        Spoilt{"missing", sim::Respond{.status = 404, .body = "{}"}, "it does not exist"},
        Spoilt{"web_page",
               sim::Respond{.status = 200, .headers = {{"Content-Type", "text/html"}}, .body = "<html>"},
               "a web page answered"},
        Spoilt{"wrong_label", sim::WithHeader{"Content-Encoding", "gzip"}, "cannot be unpacked"},
        Spoilt{"broken", sim::Respond{.status = 502}, "status 502"},
        Spoilt{"other_shape", sim::Respond{.status = 200, .body = R"({"message":"hello"})"},
               "an object where a list was expected"}),
    [](const auto& each) { return std::string(each.param.name); });

TEST_F(Listing, AnotherListThatFailsIsAProblemOfItsOwn) {
  world_.add_organization("corp", {"octo"});
  world_.add_organization("acme", {"octo"});
  add_many(1, "corp");
  github_.faults().add({.path = "/orgs/acme/repos"}, sim::Respond{.status = 502}, sim::Fault::kForever);

  const auto result = backup({"--org", "acme", "--org", "corp"});

  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.out, HasSubstr("1 saved, 0 unchanged, 1 failed"));
  EXPECT_THAT(result.err, HasSubstr("--org acme: failed: GET"));
}

TEST_F(Listing, ARepositoryThatIsCalledByTwoNamesIsNotSaved) {
  const auto id = add_filled("site");
  const auto describe = [&](std::int64_t number, const std::string& name, const std::string& full_name) {
    return fmt::format(R"({{"id":{},"name":"{}","full_name":"{}","owner":{{"login":"octo","id":1001}},)"
                       R"("clone_url":"{}"}})",
                       number, name, full_name, github_.clone_url(id));
  };
  github_.faults().add({.path = "/user/repos"},
                       sim::Respond{.status = 200,
                                    .body = "[" + describe(id, "site", "octo/site") + "," +
                                            describe(9, "site", "stranger/secret") + "]"});

  const auto result = backup();

  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.out, HasSubstr("1 saved, 0 unchanged, 1 failed"));
  EXPECT_THAT(result.err, HasSubstr("stranger/secret: failed"));
  EXPECT_THAT(result.err, HasSubstr("both stranger/secret and octo/site"));
}

class OneRefusal : public Listing, public testing::WithParamInterface<int> {
 protected:
  void refuse(const std::string& path) {
    github_.faults().add({.path = path}, sim::Respond{.status = GetParam(), .body = R"({"message":"no"})"});
  }
};

TEST_P(OneRefusal, OfTheListEndsNothing) {
  add_filled("site");
  refuse("/user/repos");

  expect_saved(backup(), 1);
}

TEST_P(OneRefusal, OfWhatIsNamedEndsNothing) {
  world_.add_organization("corp", {"octo"});
  world_.add_user("else");
  add_filled("site");
  add_many(1, "corp");
  add_many(1, "else");
  for (const char* path : {"/repos/octo/site", "/orgs/corp/repos", "/users/else/repos", "/user\\?"})
    refuse(path);

  expect_saved(backup({"--repo", "octo/site", "--org", "corp", "--user", "else"}), 3);

  EXPECT_EQ(github_.faults().applied(), 4U);
}

TEST_P(OneRefusal, OfGitEndsNothing) {
  add_filled("site");
  github_.faults().add({.git_command = sim::GitCommand::ls_refs}, sim::Respond{.status = GetParam()});
  github_.faults().add({.git_command = sim::GitCommand::fetch}, sim::Respond{.status = GetParam()});

  expect_saved(backup(), 1);

  EXPECT_EQ(github_.faults().applied(), 2U);
}

INSTANTIATE_TEST_SUITE_P(Listing, OneRefusal, testing::Values(401, 403, 404),
                         [](const auto& each) { return std::to_string(each.param); });

TEST_F(Listing, AnEmptyListThatComesOnceIsNotBelieved) {
  add_filled("site");
  github_.faults().add({.path = "/user/repos"}, sim::EmptyList{});

  expect_saved(backup(), 1);
}

// What is known by id, asked of the simulator with real requests.
class KnownById : public Listing {
 protected:
  std::vector<RepositoryAnswer> ask() {
    std::vector<RepositoryIdentity> known;
    for (const auto id : ids_) known.push_back({id, nodes_.at(id)});
    return github().repositories_by_id(known, {});
  }
  void know(sim::RepositoryId id) {
    ids_.push_back(id);
    nodes_[id] = world_.repository(id).node_id;
  }
  GitHub& github() {
    api_ = make_rest_github(*http_, clock_,
                            {.api_url = Url::parse(github_.api_url()),
                             .token = fixed_token(Secret(token_, "TOKEN_GITHUB")),
                             .observer = {},
                             .retries = {}});
    return *api_;
  }

  // Waits for nothing: the simulator needs no time.
  class HastyClock final : public Clock {
   public:
    UtcTime now() override { return SystemClock().now(); }
    void sleep(std::chrono::milliseconds, std::stop_token) override {}
  };

  std::unique_ptr<HttpClient> http_ = make_curl_client({.user_agent = "hubkeep test"});
  HastyClock clock_;
  std::unique_ptr<GitHub> api_;
  std::map<sim::RepositoryId, std::string> nodes_;
};

TEST_F(KnownById, WhatCanBeSeenIsDescribedAsItIsNow) {
  world_.add_organization("corp", {"octo"});
  const auto open = world_.add_repository("corp", "open");
  const auto secret = world_.add_repository("corp", "secret", {.is_private = true});
  const auto deleted = world_.add_repository("octo", "deleted");
  const auto moved = world_.add_repository("octo", "moved");
  for (const auto id : {open, secret, deleted, moved}) know(id);
  world_.remove_member("corp", "octo");
  world_.remove(deleted);
  world_.add_repository("octo", "deleted");  // another of the same name
  world_.rename(moved, "new-name");

  const auto answers = ask();

  ASSERT_EQ(answers.size(), 4U);
  ASSERT_TRUE(answers[0].repository.has_value());
  EXPECT_EQ(answers[0].repository->full_name, "corp/open");
  EXPECT_EQ(answers[0].repository->node_id, world_.repository(open).node_id);
  for (const int gone : {1, 2}) EXPECT_FALSE(answers[gone].repository || answers[gone].error) << gone;
  ASSERT_TRUE(answers[3].repository.has_value());
  EXPECT_EQ(answers[3].repository->full_name, "octo/new-name");
}

TEST_F(KnownById, AListingSaysTheSameOfThem) {
  know(world_.add_repository("octo", "site", {.is_private = true, .fork = true}));
  const Repository listed = github().list_repositories({}, {}).repositories.at(0);

  const Repository asked = ask().at(0).repository.value();

  EXPECT_EQ(asked.id, listed.id);
  EXPECT_EQ(asked.pushed_at, listed.pushed_at);
  EXPECT_EQ(asked.visibility, listed.visibility);
  EXPECT_EQ(asked.default_branch, listed.default_branch);
  EXPECT_EQ(asked.clone_url, listed.clone_url);
  EXPECT_EQ(asked.is_fork, listed.is_fork);
  EXPECT_EQ(asked.size, listed.size);
}

TEST_F(KnownById, ATokenThatWasNarrowedSeesWhatIsPublic) {
  const auto kept = world_.add_repository("octo", "kept", {.is_private = true});
  const auto lost = world_.add_repository("octo", "lost", {.is_private = true});
  const auto open = world_.add_repository("octo", "open");
  for (const auto id : {kept, lost, open}) know(id);
  world_.edit_token(token_, [&](sim::Token& token) {
    token.kind = sim::TokenKind::fine_grained;
    token.repositories = {kept};
  });

  const auto answers = ask();

  EXPECT_TRUE(answers[0].repository.has_value());
  EXPECT_FALSE(answers[1].repository || answers[1].error);
  EXPECT_TRUE(answers[2].repository.has_value());
}

TEST_F(KnownById, GraphQlThatIsClosedIsDoneWithout) {
  const auto there = world_.add_repository("octo", "there");
  const auto gone = world_.add_repository("octo", "gone");
  for (const auto id : {there, gone}) know(id);
  world_.remove(gone);
  github_.faults().add({.path = "/graphql"}, sim::Respond{.status = 404, .body = "{}"}, sim::Fault::kForever);

  const auto answers = ask();

  EXPECT_TRUE(answers[0].repository.has_value());
  EXPECT_FALSE(answers[1].repository || answers[1].error);
}

}  // namespace
}  // namespace hubkeep
