// Which repositories a run is about, in which order, and which it takes for gone.

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <set>

#include "e2e/end_to_end.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::UnorderedElementsAre;

using Names = std::set<std::string>;

class Selection : public EndToEnd {
 protected:
  Selection() {
    content_ = scratch_ / "content.git";
    sim::run_checked({"git", "init", "--quiet", "--bare", content_.string()});
    sim::make_repository_content(content_, 1, 1, 1);
  }

  // All of them are the same repository on disk: the account is what is tested here.
  sim::RepositoryId add(const std::string& owner, const std::string& name,
                        sim::RepositoryOptions options = {}) {
    options.adopt_path = content_;
    const auto id = world_.add_repository(owner, name, options);
    world_.edit(
        id, [](sim::Repository& repository) { repository.pushed_at = parse_time("2020-01-01T00:00:00Z"); });
    return id;
  }

  // What a run says that it saved; the vault is a new one each time, in a new place.
  Names saved_by(const std::vector<std::string>& arguments, sim::Environment environment = {}) {
    const fs::path fresh = scratch_ / ("fresh-" + std::to_string(++vaults_));
    std::vector<std::string> all = {"backup", "--api-url",    github_.api_url(),
                                    "--to",   fresh.string(), "--json"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    environment.emplace("TOKEN_GITHUB", token_);
    const auto result = hubkeep(all, std::move(environment));
    EXPECT_EQ(result.exit_code, 0) << result.err;
    Names names;
    const auto json = nlohmann::json::parse(result.out);
    for (const auto& outcome : json["repositories"]) {
      EXPECT_EQ(outcome["result"], "saved");
      names.insert(outcome["repository"]);
    }
    return names;
  }

  nlohmann::json listed() {
    const auto result = hubkeep({"list", "--json", "--from", vault().string()});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return nlohmann::json::parse(result.out)["repositories"];
  }
  Names gone() {
    Names names;
    for (const auto& entry : listed())
      if (!entry["gone_since"].is_null()) names.insert(entry["repository"]);
    return names;
  }

  fs::path content_;
  int vaults_ = 0;
};

TEST_F(Selection, OnlyOwnerIsUnderstoodInEverySpelling) {
  world_.add_user("friend");
  add("octo", "own");
  add("friend", "shared", {.collaborators = {"octo"}});
  const Names own = {"octo/own"};
  const Names both = {"octo/own", "friend/shared"};

  EXPECT_EQ(saved_by({}), both);
  EXPECT_EQ(saved_by({"--only-owner"}), own);
  for (const std::string yes : {"true", "TRUE", "1", "Yes"}) {
    EXPECT_EQ(saved_by({}, {{"BACKUP_ONLY_OWNER_REPOS", yes}}), own) << yes;
  }
  for (const std::string no : {"False", "0", "no", ""}) {
    EXPECT_EQ(saved_by({}, {{"BACKUP_ONLY_OWNER_REPOS", no}}), both) << no;
  }
  EXPECT_EQ(saved_by({"--only-owner=false"}, {{"BACKUP_ONLY_OWNER_REPOS", "true"}}), both);
}

TEST_F(Selection, OnlyOwnerInAnyOtherSpellingIsAUsageError) {
  add("octo", "own");

  for (const std::string text : {"maybe", "2", "tru", "-1", "y"}) {
    const auto result = hubkeep({"backup", "--api-url", github_.api_url()},
                                {{"TOKEN_GITHUB", token_}, {"BACKUP_ONLY_OWNER_REPOS", text}});
    EXPECT_EQ(result.exit_code, 2) << text;
    EXPECT_THAT(result.err, HasSubstr("BACKUP_ONLY_OWNER_REPOS"));
  }
  EXPECT_EQ(backup({"--only-owner=perhaps"}).exit_code, 2);
  EXPECT_EQ(github_.log().size(), 0U);
}

TEST_F(Selection, UsersOrganisationsAndRepositoriesAddUp) {
  world_.add_user("friend");
  world_.add_organization("acme", {"octo"});
  add("octo", "own");
  add("octo", "secret", {.is_private = true});
  add("friend", "public");
  add("friend", "hidden", {.is_private = true});
  add("friend", "other");
  add("acme", "inner", {.is_private = true});
  add("acme", "outer");

  EXPECT_EQ(saved_by({}), (Names{"octo/own", "octo/secret", "acme/inner", "acme/outer"}));
  EXPECT_EQ(saved_by({"--user", "OCTO"}), (Names{"octo/own", "octo/secret"}));
  EXPECT_EQ(saved_by({"--user", "friend"}), (Names{"friend/public", "friend/other"}));
  EXPECT_EQ(saved_by({"--org", "Acme", "--repo", "friend/public", "--repo", "FRIEND/PUBLIC"}),
            (Names{"acme/inner", "acme/outer", "friend/public"}));
  EXPECT_EQ(saved_by({"--user", "octo", "--user", "friend", "--org", "acme", "--repo", "octo/own"}),
            (Names{"octo/own", "octo/secret", "friend/public", "friend/other", "acme/inner", "acme/outer"}));
}

TEST_F(Selection, FiltersLeaveOutWhatTheySay) {
  add("octo", "site");
  add("octo", "site-copy", {.fork = true});
  add("octo", "attic", {.archived = true});
  add("octo", "scratch-1");

  EXPECT_EQ(saved_by({"--skip-forks"}), (Names{"octo/site", "octo/attic", "octo/scratch-1"}));
  EXPECT_EQ(saved_by({"--skip-archived"}), (Names{"octo/site", "octo/site-copy", "octo/scratch-1"}));
  EXPECT_EQ(saved_by({"--include", "OCTO/S*", "--exclude", "*scratch*"}),
            (Names{"octo/site", "octo/site-copy"}));
  EXPECT_EQ(saved_by({"--include", "octo/site", "--include", "*/attic"}), (Names{"octo/site", "octo/attic"}));
  EXPECT_EQ(saved_by({"--exclude", "octo/s*", "--repo", "octo/attic"}), (Names{"octo/attic"}));
}

TEST_F(Selection, WhatAFilterLeavesOutIsNotGone) {
  add("octo", "a");
  add("octo", "b", {.fork = true});
  add("octo", "c", {.archived = true});
  world_.add_user("friend");
  add("friend", "d", {.collaborators = {"octo"}});
  ASSERT_EQ(backup().exit_code, 0);

  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"--include", "octo/a"},
                                             {"--exclude", "octo/b"},
                                             {"--skip-forks"},
                                             {"--skip-archived"},
                                             {"--only-owner"},
                                             {"--repo", "octo/a"},
                                             {"--user", "octo"}}) {
    github_.clear_log();
    const auto result = backup(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(gone(), Names{}) << arguments.front();
    EXPECT_EQ(github_.request_log().count_path("/repositories/"), 0U) << arguments.front();
  }
}

TEST_F(Selection, NamingOneRepositorySaysNothingOfTheOthers) {
  add("octo", "a");
  const auto b = add("octo", "b");
  ASSERT_EQ(backup().exit_code, 0);
  world_.remove(b);

  ASSERT_EQ(backup({"--repo", "octo/a"}).exit_code, 0);
  EXPECT_EQ(gone(), Names{});
  ASSERT_EQ(backup({"--include", "octo/a"}).exit_code, 0);
  EXPECT_EQ(gone(), Names{});
  ASSERT_EQ(backup().exit_code, 0);
  EXPECT_EQ(gone(), Names{"octo/b"});
}

TEST_F(Selection, ARepositoryThatIsGoneAndComesBackIsMarkedSo) {
  const auto id = add("octo", "private", {.is_private = true});
  add("octo", "other");
  ASSERT_EQ(backup().exit_code, 0);
  world_.transfer(id, "stranger");
  const auto marked = backup();
  const auto again = backup();
  ASSERT_EQ(gone(), Names{"octo/private"});
  const auto with_gone = hubkeep({"list", "octo/private", "--from", vault().string()});
  world_.transfer(id, "octo");

  const auto back = backup({"--verbose"});

  for (const auto* result : {&marked, &again}) {
    EXPECT_EQ(result->exit_code, 3) << "a private one is missed until somebody accepts it";
    EXPECT_THAT(result->out, HasSubstr("1 gone from GitHub or hidden"));
    EXPECT_THAT(result->out, HasSubstr("MISSED: octo/private: private, and gone from GitHub or hidden"));
  }
  EXPECT_THAT(with_gone.out, HasSubstr("  gone from GitHub"));
  EXPECT_EQ(back.exit_code, 0) << back.err;
  EXPECT_THAT(back.err, HasSubstr("octo/private: saved (back again)"));
  EXPECT_EQ(gone(), Names{});
  EXPECT_EQ(snapshots_of(folder_of(id)).size(), 3U);
  EXPECT_EQ(backup().exit_code, 0);
  EXPECT_EQ(snapshots_of(folder_of(id)).size(), 3U);
}

TEST_F(Selection, ATransferredRepositoryKeepsItsFolderWhileItCanBeSeen) {
  const auto id = add("octo", "site");
  add("octo", "other");
  ASSERT_EQ(backup().exit_code, 0);
  const auto folder = folder_of(id);
  world_.transfer(id, "friend");

  // Public, but no longer in the token's own list.
  const auto out_of_list = backup({"--verbose"});
  EXPECT_EQ(out_of_list.exit_code, 0);
  EXPECT_THAT(out_of_list.err, HasSubstr("friend/site: saved (the listing differs)"));
  EXPECT_EQ(gone(), Names{});

  world_.edit(id, [](sim::Repository& repository) { repository.collaborators = {"octo"}; });
  ASSERT_EQ(backup().exit_code, 0);
  EXPECT_EQ(gone(), Names{});
  EXPECT_EQ(folder_of(id), folder);
  EXPECT_EQ(state_of(restore("friend/site")), state_of(content_));
  EXPECT_EQ(state_of(restore("octo/site")), state_of(content_));
}

TEST_F(Selection, PagesAreFollowedAsTheServerLinksThem) {
  for (int i = 0; i < 250; ++i) add("friend", "r-" + std::to_string(i));

  EXPECT_EQ(saved_by({"--user", "friend", "--include", "friend/r-7", "--include", "friend/r-249"}),
            (Names{"friend/r-7", "friend/r-249"}));

  // Three pages; the first is looked at again at the end, and the last ahead.
  EXPECT_EQ(github_.request_log().count_path("/users/friend/repos"), 2U);
  EXPECT_EQ(github_.request_log().count_path("/user/" + std::to_string(world_.find_account("friend")->id) +
                                             "/repos"),
            3U);
}

TEST_F(Selection, TheLargestRepositoryComesFirst) {
  for (const auto& [name, size] :
       std::vector<std::pair<std::string, int>>{{"small", 1}, {"huge", 9000}, {"middle", 500}}) {
    const auto id = add("octo", name);
    world_.edit(id, [size = size](sim::Repository& repository) { repository.size_kb = size; });
  }

  ASSERT_EQ(backup({"--jobs", "1"}).exit_code, 0);

  std::vector<std::string> order;
  for (const auto& request : github_.log()) {
    if (request.git_command == sim::GitCommand::fetch) order.push_back(request.repository);
  }
  EXPECT_THAT(order, ElementsAre("octo/huge", "octo/middle", "octo/small"));
}

TEST_F(Selection, HundredsOfUnchangedRepositoriesCostTheListingAlone) {
  // Without a commit: nothing to fetch in the first run, which is not what is measured here.
  sim::run_checked({"git", "init", "--quiet", "--bare", (scratch_ / "empty.git").string()});
  content_ = scratch_ / "empty.git";
  constexpr std::size_t kRepositories = 250;
  for (std::size_t i = 0; i < kRepositories; ++i) add("octo", "r-" + std::to_string(i));
  ASSERT_EQ(backup({"--quiet"}).exit_code, 0);
  const auto files = [&] {
    std::set<std::pair<std::string, fs::file_time_type>> all;
    for (const auto& file : fs::recursive_directory_iterator(vault())) {
      if (file.is_regular_file()) all.emplace(file.path().string(), file.last_write_time());
    }
    return all;
  };
  const auto before = files();
  github_.clear_log();

  const auto result = backup();

  EXPECT_THAT(result.out, HasSubstr("0 saved, 250 unchanged, 0 failed"));
  EXPECT_EQ(github_.count(sim::RequestKind::api), 5U);  // three pages, the last and the first twice
  EXPECT_EQ(github_.count(sim::RequestKind::git), 0U);
  auto after = files();
  std::size_t changed = 0;
  for (const auto& file : before) changed += after.erase(file) == 1 ? 0 : 1;
  EXPECT_EQ(changed, 1U) << "the state says when the last run was";
  ASSERT_EQ(after.size(), 2U);
  EXPECT_THAT(after.begin()->first, HasSubstr("/runs/"));
  EXPECT_THAT(std::next(after.begin())->first, HasSubstr("/state/"));
}

}  // namespace
}  // namespace hubkeep
