#include "vault/findings.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "base/error_of.h"
#include "report/verify_json.h"

namespace hubkeep {
namespace {

using testing::ElementsAre;

Verdict damaged(std::int64_t id) {
  const std::string folder = "repos/github.com/acme/site." + std::to_string(id) + "/";
  return {.repository = "acme/site",
          .id = id,
          .host = "github.com",
          .damages = {{.key = folder + "git/a.bundle"},
                      {.key = folder + "snapshots/b.json.zst"},
                      {.key = "lfs/aa/bb/cc"},
                      {.key = folder + "git/old.bundle", .accepted = true}}};
}

TEST(Findings, AreWhatVerifySays) {
  const VerifySummary summary{
      .verdicts = {damaged(1), {.repository = "acme/good", .id = 2, .host = "github.com"}}};

  const auto findings = parse_findings(to_json(summary).dump());

  ASSERT_EQ(findings.size(), 1U);
  const Finding& finding = findings.at({"github.com", 1});
  EXPECT_EQ(finding.repository, "acme/site");
  EXPECT_THAT(finding.lost, ElementsAre("git/a.bundle", "snapshots/b.json.zst", "/lfs/aa/bb/cc"));
}

TEST(Findings, AreOfSubjectsOfAllKinds) {
  const std::pair<SubjectId, std::string> subjects[] = {
      {7, "repos/github.com/acme/site.7/"},
      {SubjectId::gist("7"), "gists/github.com/octocat/7/"},
      {SubjectId::account(7), "accounts/github.com/acme.7/"}};
  VerifySummary summary;
  for (const auto& [id, folder] : subjects)
    summary.verdicts.push_back({.repository = "x",
                                .id = id,
                                .host = "github.com",
                                .damages = {{.key = folder + "git/a.bundle"}, {.key = "lfs/aa"}}});

  const auto findings = parse_findings(to_json(summary).dump());

  ASSERT_EQ(findings.size(), 3U);
  for (const auto& [id, folder] : subjects)
    EXPECT_THAT(findings.at({"github.com", id}).lost, ElementsAre("git/a.bundle", "/lfs/aa")) << folder;
}

TEST(Findings, HaveAllThatARepairMayGiveUp) {
  VerifySummary summary{.verdicts = {damaged(1), damaged(1)}};
  summary.verdicts.back().damages.front().key = "repos/github.com/acme/old.1/git/a.bundle";
  summary.verdicts.back().newest_restorable = SnapshotId::make(UtcTime{});
  summary.states = {{.host = "github.com",
                     .damages = {{.key = "state/github.com.jsonl.zst"}, {.key = "zip/x", .accepted = true}}},
                    {.host = "example.com", .damages = {{.key = "zip/y", .accepted = true}}}};
  const std::string json = to_json(summary).dump();

  const Finding finding = parse_findings(json).at({"github.com", 1});

  EXPECT_EQ(finding.objects.size(), 6U) << "of both folders";
  EXPECT_EQ(finding.objects.front(), "repos/github.com/acme/site.1/git/a.bundle");
  EXPECT_EQ(finding.objects.at(3), "repos/github.com/acme/old.1/git/a.bundle");
  EXPECT_EQ(finding.newest_restorable, summary.verdicts.back().newest_restorable);
  EXPECT_EQ(parse_state_findings(json),
            (std::map<std::string, std::vector<ObjectKey>>{{"github.com", {"state/github.com.jsonl.zst"}}}));
  EXPECT_TRUE(parse_state_findings(R"({"repositories": []})").empty()) << "an older version's";
}

TEST(Findings, LeaveOutWhatWasAcceptedBefore) {
  Verdict verdict = damaged(1);
  for (Damage& damage : verdict.damages) damage.accepted = true;

  EXPECT_TRUE(parse_findings(to_json(VerifySummary{.verdicts = {verdict}}).dump()).empty());
}

TEST(Findings, HaveTheZipsThatNoRepairHasAccepted) {
  VerifySummary summary;
  summary.zips.damages = {{.key = "zip/2026-11-23/acme/site-a.zip"},
                          {.key = "zip/2026-11-23/metadata.json"},
                          {.key = "zip/2026-11-23/acme/old-a.zip", .accepted = true}};

  EXPECT_THAT(parse_zip_findings(to_json(summary).dump()),
              ElementsAre("zip/2026-11-23/acme/site-a.zip", "zip/2026-11-23/metadata.json"));
  EXPECT_TRUE(parse_findings(to_json(summary).dump()).empty());
  EXPECT_TRUE(parse_zip_findings("{\"repositories\": []}").empty());
  for (const char* text : {"{\"zips\": 1}", "{\"zips\": {\"damages\": [{}]}}",
                           "{\"zips\": {\"damages\": [{\"key\": \"repos/x\", \"accepted\": false}]}}"})
    EXPECT_THROW(parse_zip_findings(text), Error) << text;
}

TEST(Findings, AreNothingElse) {
  for (const char* text : {"", "{}", "[]", "no json", "{\"repositories\": 1}", "{\"repositories\": [{}]}",
                           "{\"repositories\": [{\"repository\": \"a/b\", \"damages\": [{}]}]}",
                           R"({"repositories": [{"repository": "a/b", "host": "h", "id": 1,
                               "damages": [{"key": "../x", "accepted": false}]}]})"}) {
    EXPECT_THROW(parse_findings(text), Error) << text;
  }
}

TEST(Findings, OfMoreThanTheyMayHaveAreRefused) {
  const Error error = error_of([&] { parse_findings(std::string(kMaxFindingsSize + 1, ' ')); });

  EXPECT_EQ(error.kind(), ErrorKind::invalid);
  EXPECT_THAT(error.message(), testing::HasSubstr("256"));
}

}  // namespace
}  // namespace hubkeep
