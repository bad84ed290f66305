#include "vault/subject.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/error.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

constexpr auto kGist = "aa5a315d61ae9438b18d";

Json document(const SubjectId& id) {
  Json json = {{"id", id}};
  add_kind(json, id);
  return json;
}

ErrorKind refusal_of(const char* text) {
  try {
    subject_id_from_json(Json::parse(text));
  } catch (const Error& error) {
    return error.kind();
  }
  ADD_FAILURE() << text;
  return ErrorKind::internal;
}

TEST(SubjectId, IsReadBackAsWritten) {
  struct Case {
    SubjectId id;
    const char* json;
  };
  for (const Case& c : {Case{7, R"({"id":7})"},
                        {SubjectId::gist(kGist), R"({"id":"aa5a315d61ae9438b18d","kind":"gist"})"},
                        {SubjectId::gist("7"), R"({"id":"7","kind":"gist"})"},
                        {SubjectId::account(7), R"({"id":7,"kind":"account"})"}}) {
    EXPECT_EQ(document(c.id).dump(), c.json);
    EXPECT_EQ(subject_id_from_json(Json::parse(c.json)), c.id) << c.json;
  }
}

TEST(SubjectId, RefusesWhatIsNone) {
  for (const char* text :
       {R"({"id":"7"})", R"({"id":7.5})", R"({"id":"x","kind":"gist"})", R"({"id":"","kind":"gist"})",
        R"({"id":"../a","kind":"gist"})", R"({"id":"7","kind":"account"})"})
    EXPECT_EQ(refusal_of(text), ErrorKind::corrupt) << text;
}

// It is no damage: a later version may keep more.
TEST(SubjectId, RefusesAKindThatItDoesNotKnowAsALaterVersions) {
  EXPECT_EQ(refusal_of(R"({"id":7,"kind":"project"})"), ErrorKind::invalid);
}

TEST(SubjectKey, IsOrderedByHostAndKindAndNumber) {
  const std::vector<SubjectKey> sorted = {{"a.example", SubjectId::account(1)},
                                          {"github.com", 3},
                                          {"github.com", 20},
                                          {"github.com", 100},
                                          {"github.com", SubjectId::gist("20")},
                                          {"github.com", SubjectId::gist("3")},
                                          {"github.com", SubjectId::gist(kGist)},
                                          {"github.com", SubjectId::account(3)},
                                          {"github.com", SubjectId::account(20)}};

  EXPECT_TRUE(std::is_sorted(sorted.begin(), sorted.end()));
  EXPECT_EQ(std::adjacent_find(sorted.begin(), sorted.end()), sorted.end());
}

TEST(SubjectFolder, IsBelowTheRootOfItsKind) {
  struct Case {
    const char* folder;
    bool is_repository;
    bool is_gist;
    bool is_account;
  };
  for (const Case& c : {Case{"repos/github.com/acme/site.7/", true, false, false},
                        Case{"gists/github.com/octocat/aa5a/", false, true, false},
                        Case{"accounts/github.com/octocat.1/", false, false, true},
                        Case{"repos/github.com/acme/site.7", false, false, false},
                        Case{"repos/../gists/x/", false, false, false}, Case{"zip/x/", false, false, false},
                        Case{"", false, false, false}}) {
    EXPECT_EQ(is_folder_of(SubjectKind::repository, c.folder), c.is_repository) << c.folder;
    EXPECT_EQ(is_folder_of(SubjectKind::gist, c.folder), c.is_gist) << c.folder;
    EXPECT_EQ(is_folder_of(SubjectKind::account, c.folder), c.is_account) << c.folder;
  }
}

TEST(SubjectFolder, IsFoundInAKey) {
  struct Case {
    const char* key;
    const char* folder;
  };
  for (const Case& c : {Case{"repos/github.com/acme/site.7/git/a.bundle", "repos/github.com/acme/site.7/"},
                        Case{"gists/github.com/octocat/aa5a/git/a", "gists/github.com/octocat/aa5a/"},
                        Case{"accounts/github.com/octocat.1/meta/a", "accounts/github.com/octocat.1/"},
                        Case{"repos/github.com/acme/x", ""}, Case{"zip/2026-11-23/acme/site.zip", ""},
                        Case{"catalog.jsonl.zst", ""}})
    EXPECT_EQ(subject_folder_of(c.key), c.folder) << c.key;
}

}  // namespace
}  // namespace hubkeep
