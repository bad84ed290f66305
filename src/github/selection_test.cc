#include "github/selection.h"

#include <gtest/gtest.h>

namespace hubkeep {
namespace {

Repository repository_of(std::int64_t owner_id, std::string full_name) {
  Repository repository;
  repository.owner_id = owner_id;
  repository.full_name = std::move(full_name);
  return repository;
}

TEST(IsSelected, TakesEverythingWithoutFilters) {
  EXPECT_TRUE(is_selected(repository_of(1, "acme/site"), {}, std::nullopt));
}

TEST(IsSelected, FollowsIncludeThenExclude) {
  RepositorySelection selection;
  selection.include = {"acme/*", "other/tool"};
  selection.exclude = {"*/old-*"};

  EXPECT_TRUE(is_selected(repository_of(1, "ACME/site"), selection, std::nullopt));
  EXPECT_TRUE(is_selected(repository_of(1, "other/tool"), selection, std::nullopt));
  EXPECT_FALSE(is_selected(repository_of(1, "other/site"), selection, std::nullopt));
  EXPECT_FALSE(is_selected(repository_of(1, "acme/Old-site"), selection, std::nullopt));
}

TEST(IsSelected, LeavesOutForksAndArchivedOnes) {
  Repository fork = repository_of(1, "acme/fork");
  fork.is_fork = true;
  Repository archived = repository_of(1, "acme/archived");
  archived.is_archived = true;
  RepositorySelection selection;
  selection.skip_forks = true;

  EXPECT_FALSE(is_selected(fork, selection, std::nullopt));
  EXPECT_TRUE(is_selected(archived, selection, std::nullopt));
  selection = {};
  selection.skip_archived = true;
  EXPECT_TRUE(is_selected(fork, selection, std::nullopt));
  EXPECT_FALSE(is_selected(archived, selection, std::nullopt));
}

TEST(IsSelected, KnowsTheOwnerById) {
  RepositorySelection selection;
  selection.only_owner = true;

  EXPECT_TRUE(is_selected(repository_of(7, "renamed/site"), selection, User{.id = 7, .login = "me"}));
  EXPECT_FALSE(is_selected(repository_of(8, "me/site"), selection, User{.id = 7, .login = "me"}));
  EXPECT_FALSE(is_selected(repository_of(0, "me/site"), selection, std::nullopt));
}

TEST(EncodeName, EncodesEachSide) {
  EXPECT_EQ(encode_full_name("acme/my site?"), "acme/my%20site%3F");
  EXPECT_EQ(encode_login("a b"), "a%20b");
}

TEST(EncodeName, RefusesWhatCannotBeAName) {
  for (const char* name : {"", "acme", "acme/", "/site", "acme/..", "./site", "a/b/c", "/"}) {
    EXPECT_THROW(encode_full_name(name), Error) << name;
  }
  for (const char* login : {"", ".", "..", "a/b"}) EXPECT_THROW(encode_login(login), Error) << login;
}

}  // namespace
}  // namespace hubkeep
