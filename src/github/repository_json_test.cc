#include "github/repository_json.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace hubkeep {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

nlohmann::json whole_repository() {
  return nlohmann::json::parse(R"({
    "id": 1296269, "node_id": "R_1", "name": "site", "full_name": "acme/site", "private": true,
    "owner": {"login": "acme", "id": 7}, "fork": true, "archived": true, "disabled": true,
    "visibility": "internal", "default_branch": "main", "pushed_at": "2026-11-23T18:45:01Z", "size": 108,
    "updated_at": "2026-11-23T18:46:00Z", "has_issues": false,
    "clone_url": "https://github.com/acme/site.git"})");
}

TEST(ParseRepository, ReadsEveryField) {
  const UtcTime listed_at{std::chrono::seconds(5)};

  const Repository repository = parse_repository(whole_repository(), listed_at);

  EXPECT_EQ(repository.id, 1296269);
  EXPECT_EQ(repository.node_id, "R_1");
  EXPECT_EQ(repository.owner, "acme");
  EXPECT_EQ(repository.owner_id, 7);
  EXPECT_EQ(repository.name, "site");
  EXPECT_EQ(repository.full_name, "acme/site");
  EXPECT_TRUE(repository.is_private && repository.is_fork && repository.is_archived &&
              repository.is_disabled);
  EXPECT_EQ(repository.visibility, "internal");
  EXPECT_EQ(repository.default_branch, "main");
  EXPECT_EQ(repository.pushed_at, "2026-11-23T18:45:01Z");
  EXPECT_EQ(repository.updated_at, "2026-11-23T18:46:00Z");
  EXPECT_EQ(repository.has_issues, false);
  EXPECT_EQ(repository.size, 108U * 1024);
  EXPECT_EQ(repository.clone_url, "https://github.com/acme/site.git");
  EXPECT_EQ(repository.listed_at, listed_at);
}

nlohmann::json whole_gist() {
  return nlohmann::json::parse(R"({
    "id": "aa5a315d61ae9438b18d", "node_id": "G_1", "public": false, "comments": 2,
    "git_pull_url": "https://gist.github.com/aa5a315d61ae9438b18d.git", "updated_at": "2026-11-23T18:45:01Z",
    "owner": {"login": "octo", "id": 7},
    "files": {"a.txt": {"size": 5}, "b.txt": {"size": 6}, "c.txt": {"size": -1}}})");
}

TEST(ParseGist, ReadsEveryField) {
  const Repository gist = parse_gist(whole_gist(), UtcTime{std::chrono::seconds(5)});

  EXPECT_TRUE(gist.is_gist && gist.is_private);
  EXPECT_EQ(gist.id, 0);
  EXPECT_EQ(gist.name, "aa5a315d61ae9438b18d");
  EXPECT_EQ(gist.full_name, "octo/aa5a315d61ae9438b18d");
  EXPECT_EQ(gist.owner_id, 7);
  EXPECT_EQ(gist.visibility, "secret");
  EXPECT_EQ(gist.pushed_at, "2026-11-23T18:45:01Z");
  EXPECT_EQ(gist.clone_url, "https://gist.github.com/aa5a315d61ae9438b18d.git");
  EXPECT_EQ(gist.comments, 2);
  EXPECT_EQ(gist.size, 11U);
  EXPECT_EQ(gist.listed_at, UtcTime{std::chrono::seconds(5)});
}

TEST(ParseGist, OfNobodyIsAnonymous) {
  auto json = whole_gist();
  json["owner"] = nullptr;
  json["comments"] = nullptr;
  json["files"] = nullptr;

  const Repository gist = parse_gist(json, {});

  EXPECT_EQ(gist.full_name, "anonymous/aa5a315d61ae9438b18d");
  EXPECT_EQ(gist.comments, std::nullopt);
  EXPECT_EQ(gist.size, 0U);
}

TEST(ParseGist, RefusesAnIdThatIsNone) {
  for (const char* id : {"", "..", "AA", "a/b", "octo"}) {
    auto json = whole_gist();
    json["id"] = id;
    EXPECT_THROW(parse_gist(json, {}), Error) << id;
  }
}

TEST(ParseRepository, TakesNullAndMissingForEmpty) {
  auto json = whole_repository();
  json["pushed_at"] = nullptr;
  json["default_branch"] = nullptr;
  json["updated_at"] = nullptr;
  json["size"] = -1;
  json["private"] = nullptr;
  for (const char* field : {"visibility", "node_id", "archived"}) json.erase(field);

  const Repository repository = parse_repository(json, {});

  EXPECT_EQ(repository.pushed_at, "");
  EXPECT_EQ(repository.updated_at, std::nullopt);
  EXPECT_EQ(repository.default_branch, "");
  EXPECT_EQ(repository.node_id, "");
  EXPECT_EQ(repository.size, 0U);
  EXPECT_EQ(repository.visibility, "public");
  EXPECT_FALSE(repository.is_archived);
}

TEST(ParseRepository, DerivesAPrivateVisibility) {
  auto json = whole_repository();
  json.erase("visibility");

  EXPECT_EQ(parse_repository(json, {}).visibility, "private");
}

TEST(ParseRepository, NamesTheFieldThatItCannotDoWithout) {
  for (const char* field : {"id", "name", "full_name", "owner", "clone_url"}) {
    for (const auto& bad :
         {nlohmann::json(), nlohmann::json::array(), nlohmann::json(""), nlohmann::json(-1)}) {
      auto json = whole_repository();
      json[field] = bad;
      try {
        parse_repository(json, {});
        FAIL() << field;
      } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::corrupt);
        EXPECT_THAT(error.message(), AllOf(HasSubstr("repository"), HasSubstr(std::string("\"") + field)));
      }
    }
  }
}

// It would go into every manifest and into a line of the catalog.
TEST(ParseRepository, RefusesTextThatNoCatalogWouldTake) {
  for (const char* field : {"node_id", "clone_url", "visibility", "default_branch", "pushed_at"}) {
    auto json = whole_repository();
    json[field] = std::string(4096, 'x');
    EXPECT_NO_THROW(parse_repository(json, {})) << field;
    json[field] = std::string(4097, 'x');
    try {
      parse_repository(json, {});
      ADD_FAILURE() << field;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::corrupt);
      EXPECT_EQ(
          error.message(),
          fmt::format("GitHub's answer describes a repository (acme/site) without a usable \"{}\"", field));
    }
  }
}

TEST(ParseRepository, RefusesWhatIsNoObject) {
  for (const char* text : {"null", "[]", "1", "\"x\"", "{}"}) {
    EXPECT_THROW(parse_repository(nlohmann::json::parse(text), {}), Error) << text;
    EXPECT_THROW(parse_user(nlohmann::json::parse(text)), Error) << text;
  }
}

TEST(ParseUser, ReadsIdAndLogin) {
  const User user =
      parse_user(nlohmann::json::parse(R"({"id": 583231, "login": "octocat", "type": "User"})"));

  EXPECT_EQ(user.id, 583231);
  EXPECT_EQ(user.login, "octocat");
}

}  // namespace
}  // namespace hubkeep
