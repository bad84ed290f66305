#include "github/known_repositories.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "http/scripted_http.h"

namespace hubkeep {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kApi = "https://api.github.com";

// A GitHub of repositories 1, 2, 3, …, whose node ids are R_1, R_2, R_3, …
class FakeApi final : public HttpClient {
 public:
  HttpResponse send(const HttpRequest& request, ByteSink*, const std::stop_token&) override {
    const bool is_graphql = request.url.path == "/graphql";
    HttpResponse answer = is_graphql ? graphql(request) : rest(request.url.path);
    answer.url = request.url;
    (is_graphql ? queries : asked).push_back(is_graphql ? request.body : request.url.path);
    return answer;
  }

  HttpResponse graphql(const HttpRequest& request) {
    if (graphql_status != 200) return {.status = graphql_status, .body = R"({"message":"no"})"};
    nlohmann::json nodes = nlohmann::json::array();
    nlohmann::json errors = nlohmann::json::array();
    const auto ids = nlohmann::json::parse(request.body).at("variables").at("ids");
    for (const auto& node_id : ids) {
      const int id = std::stoi(node_id.get<std::string>().substr(2));
      const bool is_null = !there.contains(id) || null_in_graphql.contains(id) || null_once.erase(id) != 0;
      if (is_null) {
        const char* type = forbidden.contains(id) ? "FORBIDDEN" : "NOT_FOUND";
        errors.push_back({{"type", type}, {"path", {"nodes", nodes.size()}}, {"message", "no"}});
        nodes.push_back(nullptr);
      } else {
        nodes.push_back({{"__typename", "Repository"}, {"id", node_id}, {"databaseId", database_id(id)}});
      }
    }
    return {.status = 200, .body = nlohmann::json({{"data", {{"nodes", nodes}}}, {"errors", errors}}).dump()};
  }

  HttpResponse rest(const std::string& path) {
    const int id = std::stoi(path.substr(path.rfind('/') + 1));
    if (!there.contains(id) || null_in_rest.contains(id))
      return {.status = 404, .body = R"({"message":"Not Found"})"};
    if (forbidden.contains(id)) return {.status = 403, .body = R"({"message":"Blocked"})"};
    return {
        .status = rest_status,
        .body = fmt::format(R"({{"id":{0},"name":"r{0}","full_name":"acme/r{0}",)"
                            R"("owner":{{"login":"acme","id":9}},"clone_url":"https://github.com/x.git"}})",
                            id == described_as_other ? id + 1 : id)};
  }

  nlohmann::json database_id(int id) const {
    if (id == too_large) return nullptr;
    return id == of_another ? id + 1 : id;
  }

  std::set<int> there;
  std::set<int> null_in_graphql, null_once, null_in_rest, forbidden;
  int of_another = 0, too_large = 0, described_as_other = 0;
  int graphql_status = 200, rest_status = 200;
  std::vector<std::string> queries, asked;
};

class KnownRepositoriesTest : public ::testing::Test {
 protected:
  static std::vector<RepositoryIdentity> known(int count) {
    std::vector<RepositoryIdentity> known;
    for (int id = 1; id <= count; ++id) known.push_back({id, fmt::format("R_{}", id)});
    return known;
  }
  void all_there(int count) {
    for (int id = 1; id <= count; ++id) http_.there.insert(id);
  }
  std::vector<RepositoryAnswer> ask(const std::vector<RepositoryIdentity>& known,
                                    Secret token = Secret("ghp_x", "T")) {
    RestClient client(http_, clock_,
                      {.api_url = Url::parse(kApi),
                       .token = fixed_token(std::move(token)),
                       .observer = {},
                       .retries = {.max_attempts = 2}});
    return ask_for_known(client, clock_, known, {});
  }
  // One letter for each: v(isible), g(one), and the first letter of an error's kind in upper case.
  static std::string outcomes(const std::vector<RepositoryAnswer>& answers) {
    std::string text;
    for (const auto& answer : answers) {
      const char kind =
          answer.error ? static_cast<char>(std::toupper(to_string(answer.error->kind())[0])) : 'g';
      text += answer.repository ? 'v' : kind;
    }
    return text;
  }

  FakeApi http_;
  ManualClock clock_;
};

TEST_F(KnownRepositoriesTest, DescribesThoseThatAreThereAsAListingWould) {
  all_there(3);

  const auto answers = ask(known(3));

  ASSERT_EQ(outcomes(answers), "vvv");
  EXPECT_EQ(answers[1].repository->id, 2);
  EXPECT_EQ(answers[1].repository->full_name, "acme/r2");
  EXPECT_EQ(http_.queries.size(), 1U);
  EXPECT_THAT(http_.asked, ElementsAre("/repositories/1", "/repositories/2", "/repositories/3"));
  EXPECT_THAT(clock_.slept, IsEmpty());
}

TEST_F(KnownRepositoriesTest, GoneIsTwoLooksOfGraphQlAndOneOfRest) {
  http_.there = {1, 3};

  EXPECT_EQ(outcomes(ask(known(3))), "vgv");

  EXPECT_EQ(http_.queries.size(), 2U);
  EXPECT_THAT(http_.asked, ElementsAre("/repositories/2", "/repositories/1", "/repositories/3"));
  EXPECT_THAT(clock_.slept, ElementsAre(kSecondLook));
}

TEST_F(KnownRepositoriesTest, ANullThatComesOnceIsNotBelieved) {
  all_there(2);
  http_.null_once = {2};

  EXPECT_EQ(outcomes(ask(known(2))), "vv");
}

TEST_F(KnownRepositoriesTest, ANullThatRestContradictsIsNotBelieved) {
  all_there(250);
  for (int id = 1; id <= 250; ++id) http_.null_in_graphql.insert(id);

  EXPECT_EQ(outcomes(ask(known(250))), std::string(250, 'v'));
}

TEST_F(KnownRepositoriesTest, ThousandsThatVanishTogetherDoNotUseUpTheRequestsOfAnHour) {
  EXPECT_EQ(outcomes(ask(known(2000))), std::string(2000, 'g'));

  EXPECT_EQ(http_.queries.size(), 40U);
  EXPECT_EQ(http_.asked.size(), 100U);
}

TEST_F(KnownRepositoriesTest, WhatGraphQlAloneSeesIsNotGone) {
  all_there(2);
  http_.null_in_rest = {2};

  const auto answers = ask(known(2));

  EXPECT_EQ(outcomes(answers), "vT");
  EXPECT_THAT(answers[1].error->message(), HasSubstr("both that it is there and that it is not"));
}

TEST_F(KnownRepositoriesTest, WhatMayNotBeLookedAtIsNotGone) {
  all_there(2);
  http_.forbidden = http_.null_in_graphql = {2};

  EXPECT_EQ(outcomes(ask(known(2))), "vF");
}

TEST_F(KnownRepositoriesTest, ANodeOfAnotherRepositoryIsRefused) {
  all_there(3);
  http_.of_another = 1;
  http_.described_as_other = 3;

  const auto answers = ask(known(3));

  ASSERT_EQ(outcomes(answers), "CvC");
  EXPECT_THAT(answers[0].error->message(), HasSubstr("node R_1 is repository 2"));
  EXPECT_THAT(answers[2].error->message(), HasSubstr("asked for repository 3 and described 4"));
}

TEST_F(KnownRepositoriesTest, ANumberThatGraphQlCannotSayIsLeftToRest) {
  all_there(2);
  http_.too_large = 2;

  EXPECT_EQ(outcomes(ask(known(2))), "vv");
}

TEST_F(KnownRepositoriesTest, RestAloneIsAskedTwiceWhereGraphQlCannotBe) {
  http_.there = {1};
  for (const int status : {404, 403, 401, 502}) {
    http_.asked.clear();
    http_.graphql_status = status;
    EXPECT_EQ(outcomes(ask(known(2))), "vg") << status;
    EXPECT_THAT(http_.asked, ElementsAre("/repositories/1", "/repositories/2", "/repositories/2")) << status;
  }
  http_.graphql_status = 200;
  http_.queries.clear();

  EXPECT_EQ(outcomes(ask(known(2), {})), "vg");
  EXPECT_EQ(outcomes(ask({{1, ""}, {2, "MDEwOlJlcG9zaXRvcnky"}})), "vg");
  EXPECT_THAT(http_.queries, IsEmpty());
}

TEST_F(KnownRepositoriesTest, ARefusedTokenIsNotAskedWithAgain) {
  all_there(50);
  http_.graphql_status = http_.rest_status = 401;

  EXPECT_EQ(outcomes(ask(known(50))), std::string(50, 'U'));

  EXPECT_EQ(http_.asked.size(), 2U);
}

TEST_F(KnownRepositoriesTest, AsksNothingAboutNothing) {
  EXPECT_THAT(ask({}), IsEmpty());
  EXPECT_THAT(http_.queries, IsEmpty());
}

}  // namespace
}  // namespace hubkeep
