// Every repository that the vault knows has an outcome in every run: what GitHub does not list any more is
// not simply left out.

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "e2e/end_to_end.h"

namespace hubkeep {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr int kIncomplete = 3;

class AccountingTest : public EndToEnd {
 protected:
  sim::RepositoryId add_to(const std::string& owner, const std::string& name, bool is_private) {
    const auto id = world_.add_repository(owner, name, {.is_private = is_private});
    sim::make_repository_content(path_of(id), static_cast<unsigned>(id), 2, 2);
    pushed(id);
    return id;
  }
  static nlohmann::json json_of(const sim::RunResult& result) {
    return nlohmann::json::parse(result.out, nullptr, false);
  }
};

TEST_F(AccountingTest, AUserWhoIsPutOutOfAnOrganisationIsToldOfWhatIsHiddenFromThen) {
  world_.add_organization("corp", {"octo"});
  add_filled("own");
  const auto secret = add_to("corp", "secret", true);
  const auto open = add_to("corp", "open", false);
  ASSERT_EQ(backup().exit_code, 0);
  world_.remove_member("corp", "octo");
  push_file(open, "after that");

  const auto first = backup();
  const auto second = backup();

  for (const auto* result : {&first, &second}) {
    EXPECT_EQ(result->exit_code, kIncomplete);
    EXPECT_THAT(result->err, HasSubstr("corp/secret: gone (or hidden from this token"));
    EXPECT_THAT(result->out, HasSubstr("MISSED: corp/secret: private"));
  }
  EXPECT_THAT(first.err, HasSubstr("corp/open: saved")) << "public, so it is found by its id";
  EXPECT_EQ(state_of(restore("corp/open")), state_of(path_of(open)));
  EXPECT_EQ(state_of(restore("corp/secret")), state_of(path_of(secret)));
}

TEST_F(AccountingTest, WhatIsMeantToBeGoneIsAcceptedOnceAndStaysALine) {
  add_filled("own");
  const auto secret = add_to("octo", "secret", true);
  ASSERT_EQ(backup().exit_code, 0);
  world_.remove(secret);
  ASSERT_EQ(backup().exit_code, kIncomplete);

  const auto accepting = backup({"--accept-gone"});
  const auto after = backup();

  EXPECT_EQ(accepting.exit_code, 0) << accepting.out;
  EXPECT_EQ(after.exit_code, 0) << after.out;
  EXPECT_THAT(after.err, AllOf(HasSubstr("octo/secret: gone (or hidden from this token, since 20"),
                               HasSubstr(", accepted)")));
}

TEST_F(AccountingTest, ATokenThatWasNarrowedIsNoDeletionInSilence) {
  std::set<sim::RepositoryId> all;
  for (int i = 0; i < 5; ++i) all.insert(add_to("octo", "open" + std::to_string(i), false));
  all.insert(add_to("octo", "secret", true));
  token_ = world_.add_token({.value = "github_pat_narrow",
                             .login = "octo",
                             .kind = sim::TokenKind::fine_grained,
                             .repositories = all});
  ASSERT_EQ(backup().exit_code, 0);
  world_.edit_token(token_, [&](sim::Token& token) { token.repositories->erase(*all.rbegin()); });

  const auto result = backup({"--json"});

  EXPECT_EQ(result.exit_code, kIncomplete);
  EXPECT_EQ(json_of(result).at("missed").at(0).at("repositories").at(0), "octo/secret");
}

TEST_F(AccountingTest, TooManyThatGoAtOnceAreAnAlarmUntilTheyAreAccepted) {
  std::vector<sim::RepositoryId> ids;
  for (int i = 0; i < 6; ++i) ids.push_back(add_to("octo", "open" + std::to_string(i), false));
  ASSERT_EQ(backup().exit_code, 0);
  for (int i = 0; i < 3; ++i) world_.remove(ids[static_cast<std::size_t>(i)]);

  const auto first = backup();
  const auto second = backup();
  const auto allowed = backup({"--max-gone", "3"});

  EXPECT_EQ(first.exit_code, kIncomplete);
  EXPECT_THAT(first.out,
              HasSubstr("MISSED: octo/open0, octo/open1, octo/open2: of 6 repositories, these went at once"));
  EXPECT_EQ(second.exit_code, kIncomplete);
  EXPECT_EQ(allowed.exit_code, 0) << allowed.out;
  EXPECT_EQ(backup({"--max-gone", "most"}).exit_code, 2);
}

TEST_F(AccountingTest, AListThatFailsAlwaysCostsNothingThatIsKnown) {
  world_.add_organization("corp", {"octo"});
  add_filled("own");
  const auto open = add_to("corp", "open", false);
  const std::vector<std::string> selection = {"--user", "octo", "--org", "corp"};
  ASSERT_EQ(backup(selection).exit_code, 0);
  push_file(open, "more");
  github_.faults().add({.path = "/orgs/corp/repos", .kind = sim::RequestKind::api},
                       sim::Respond{.status = 403, .headers = {}, .body = "<html>no</html>"},
                       sim::Fault::kForever);

  const auto result = backup(selection);

  EXPECT_EQ(result.exit_code, kIncomplete) << result.err;
  EXPECT_THAT(result.err, HasSubstr("corp/open: saved"));
  EXPECT_THAT(result.out, HasSubstr("1 saved, 1 unchanged, 1 failed"));
  EXPECT_EQ(state_of(restore("corp/open")), state_of(path_of(open)));
}

TEST_F(AccountingTest, AStrangersRepositoryUnderAReusedNameIsNotSavedInAFirstRun) {
  const auto mine = add_filled("site");
  const auto theirs = add_filled("other", 7);
  world_.set_time(SystemClock().now() - std::chrono::hours(1));
  github_.faults().add({.repository = "octo/site", .kind = sim::RequestKind::git}, sim::Hook{[&] {
                         world_.rename(mine, "renamed");
                         world_.rename(theirs, "site");
                       }});

  const auto result = backup({"--repo", "octo/site"});

  EXPECT_NE(result.exit_code, 0);
  EXPECT_THAT(result.err, HasSubstr("it has become octo/renamed since it was listed"));
  EXPECT_FALSE(std::filesystem::exists(vault() / "repos"));
}

}  // namespace
}  // namespace hubkeep
