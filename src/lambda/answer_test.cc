#include "lambda/answer.h"

#include <gtest/gtest.h>

#include "report/verify_json.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

const SnapshotId kRun = *SnapshotId::parse("20261123T184501Z-3f9a1c");

RunSummary summary_of(std::vector<Outcome> outcomes) {
  RunSummary summary;
  summary.run = kRun;
  summary.vault = "00ff";
  summary.outcomes = std::move(outcomes);
  return summary;
}

TEST(LambdaAnswer, SaysWhetherAllIsSaved) {
  const Outcome saved{.repository = "acme/site", .kind = OutcomeKind::saved};
  const Outcome failed{
      .repository = "acme/x", .kind = OutcomeKind::failed, .error = Error(ErrorKind::transient, "broken")};
  const Outcome left{.repository = "acme/y", .kind = OutcomeKind::not_done};

  EXPECT_EQ(answer_of(LambdaAction::backup, summary_of({saved})).at("status"), "DONE");
  EXPECT_EQ(answer_of(LambdaAction::backup, summary_of({saved, failed, left})).at("status"), "CONTINUE");
  EXPECT_EQ(
      answer_of(LambdaAction::finish, summary_of({saved, failed})).dump(),
      R"({"action":"finish","status":"INCOMPLETE","run":"20261123T184501Z-3f9a1c","vault":"00ff","saved":1,)"
      R"("unchanged":0,"gone":0,"failed":1,"left":0,"files_saved":0,"files_newly_lacking":0,"documents_saved":0,"documents_gone":0,"documents_unexplained":0,"losses":0,"failures":[{"repository":"acme/x","kind":"transient",)"
      R"("error":"broken"}],"problems":[]})");
}

TEST(LambdaAnswer, IsIncompleteWithoutACatalog) {
  RunSummary summary = summary_of({});
  summary.run_problems = {"the catalog could not be written"};

  EXPECT_EQ(answer_of(LambdaAction::finish, summary).at("status"), "INCOMPLETE");
}

TEST(LambdaAnswer, IsIncompleteWhereTheVaultHasLostSomething) {
  RunSummary summary = summary_of({});
  summary.losses = {{.losses = std::vector<Loss>(2)},
                    {.repository = "acme/site", .losses = std::vector<Loss>(1)}};

  const Json answer = answer_of(LambdaAction::finish, summary);

  EXPECT_EQ(answer.at("status"), "INCOMPLETE");
  EXPECT_EQ(answer.at("losses"), 3);
}

TEST(LambdaAnswer, NamesSomeFailuresOfMany) {
  const Outcome failed{
      .repository = "acme/x", .kind = OutcomeKind::failed, .error = Error(ErrorKind::transient, "broken")};

  const Json answer = answer_of(LambdaAction::finish, summary_of(std::vector<Outcome>(1000, failed)));

  EXPECT_EQ(answer.at("failed"), 1000);
  EXPECT_EQ(answer.at("failures").size(), 20U);
}

TEST(LambdaAnswer, OfAPlanIsWhatStepFunctionsReads) {
  const SharedPlan plan{
      .run = kRun, .key = "runs/20261123T184501Z-3f9a1c/plan.json", .batches = 3, .concurrency = 2};

  const Json answer = answer_of(plan, {.bucket = "backups", .prefix = "github/"});

  EXPECT_EQ(answer.at("run"), kRun.str());
  EXPECT_EQ(answer.at("bucket"), "backups");
  EXPECT_EQ(answer.at("key"), "github/runs/20261123T184501Z-3f9a1c/plan.json");
  EXPECT_EQ(answer.at("concurrency"), 2);
}

TEST(LambdaAnswer, OfABatchIsTheNextEvent) {
  const LambdaEvent event{.action = LambdaAction::backup_repositories, .run = kRun};
  BatchSummary summary{.attempt = 2, .left = {{"number", 3}, {"items", Json::array({1})}}};

  const Json answer = answer_of(event, summary);

  EXPECT_EQ(answer.at("status"), "CONTINUE");
  EXPECT_EQ(answer.at("attempt"), 3);
  EXPECT_EQ(answer.at("batch"), summary.left);
  EXPECT_FALSE(answer.contains("shares"));
  EXPECT_FALSE(answer.contains("share"));
  EXPECT_EQ(parse_event(answer.dump()).run, kRun);
  summary.shares = 3;
  EXPECT_EQ(answer_of(event, summary).at("shares"), (Json{1, 2, 3}));
  LambdaEvent of_share = event;
  of_share.share = 2;
  summary.shares = 0;
  EXPECT_EQ(answer_of(of_share, summary).at("share"), 2);
  summary.is_done = true;
  EXPECT_EQ(answer_of(event, summary).at("status"), "DONE");
}

TEST(LambdaAnswer, OfAVerificationSaysWhatIsAmissWithTheVaultAsAWhole) {
  VerifySummary summary;
  EXPECT_EQ(answer_of({.action = LambdaAction::verify}, summary).at("status"), "DONE");

  summary.runs.problems = {"no run has ever completed into this vault"};
  summary.runs.never_saved = std::vector<FailingRepository>(
      30, {.repository = "acme/x", .id = 1, .host = "github.com", .failure = {.since = {}, .message = "no"}});
  const Json answer = answer_of({.action = LambdaAction::verify}, summary);

  EXPECT_EQ(answer.at("status"), "INCOMPLETE");
  EXPECT_EQ(answer.at("problems").front(), "no run has ever completed into this vault");
  EXPECT_EQ(answer.at("problems").at(1), "never saved: acme/x, since 1970-01-01T00:00:00Z: no");
  EXPECT_EQ(answer.at("problems").size(), 21U);
  EXPECT_EQ(answer.at("problems").back(), "and 11 more");
}

TEST(LambdaAnswer, OfAVerificationGoesOnWhereItStopped) {
  const LambdaEvent event{.action = LambdaAction::verify,
                          .attempt = 2,
                          .repositories = {"acme/site"},
                          .read_data_subset = "1/7",
                          .deep = true};
  VerifySummary summary;
  summary.stopped = true;
  summary.verified_up_to = "repos/github.com/acme/site.7/";

  const LambdaEvent next = parse_event(answer_of(event, summary).dump());

  EXPECT_EQ(next.after, "repos/github.com/acme/site.7/");
  EXPECT_EQ(next.read_data_subset, "1/7");
  EXPECT_TRUE(next.deep);
  EXPECT_EQ(next.repositories, event.repositories);
  EXPECT_EQ(next.attempt, 1);
}

TEST(LambdaAnswer, CountsTheAttemptsAtOnePlace) {
  const LambdaEvent event{.action = LambdaAction::verify, .attempt = 2, .after = "repos/x/"};
  VerifySummary summary;
  summary.stopped = true;
  summary.verified_up_to = event.after;

  EXPECT_EQ(parse_event(answer_of(event, summary).dump()).attempt, 3);
}

TEST(LambdaAnswer, NamesDamagedZips) {
  VerifySummary summary;
  summary.zips.damages = {
      {.key = "zip/2026-11-23/acme/site-a.zip", .kind = DamageKind::missing, .detail = "is missing"},
      {.key = "zip/2026-11-23/acme/old-a.zip", .kind = DamageKind::missing, .accepted = true}};
  summary.zips.error = Error(ErrorKind::forbidden, "no \033permission");

  const Json answer = answer_of(LambdaEvent{.action = LambdaAction::verify}, summary);

  EXPECT_EQ(answer.at("status"), "INCOMPLETE");
  EXPECT_EQ(answer.at("damaged").dump(),
            R"([{"zip":"zip/2026-11-23/acme/site-a.zip","kind":"missing","detail":"is missing"},)"
            R"({"zip":null,"kind":"forbidden","detail":"no \\x1bpermission"}])");
}

TEST(LambdaAnswer, NamesSomeDamagesOfMany) {
  VerifySummary summary;
  summary.verdicts = std::vector<Verdict>(15, {.error = Error(ErrorKind::transient, "broken")});
  summary.zips.damages = std::vector<Damage>(15);

  EXPECT_EQ(answer_of(LambdaEvent{.action = LambdaAction::verify}, summary).at("damaged").size(), 20U);
}

// Lambda takes 6 MB, Step Functions hands on 256 KiB: an answer that is larger is none.
TEST(LambdaAnswer, StaysSmallWhereMuchIsDamaged) {
  VerifySummary summary;
  for (int n = 0; n < 30; ++n) {
    Verdict& verdict = summary.verdicts.emplace_back();
    verdict.repository =
        std::string(39, 'o') + "/" + std::string(100, 'n');  // GitHub: as long as they can be
    for (int m = 0; m < 1000; ++m)
      verdict.damages.push_back({.key = "repos/github.com/" + verdict.repository + ".1234567890/git/x.bundle",
                                 .detail = std::string(2000, 'x'),
                                 .snapshots = std::vector<SnapshotId>(100, kRun),
                                 .accepted = m < 999});
  }

  const Json answer = answer_of(LambdaEvent{.action = LambdaAction::verify}, summary);

  EXPECT_LT(answer.dump().size(), 256U << 10U);
  const Json& damaged = answer.at("damaged");
  EXPECT_EQ(damaged.size(), 20U);
  EXPECT_EQ(damaged.at(0).at("damages").size(), 10U);
  EXPECT_EQ(damaged.at(0).at("damages_left_out"), 990U);
  EXPECT_EQ(damaged.at(0).at("damages").at(0).value("accepted", false), false) << "what is new comes first";
  EXPECT_EQ(damaged.at(0).at("damages").at(0).at("snapshots").size(), 10U);
  EXPECT_EQ(damaged.at(0).at("damages").at(0).at("snapshots_left_out"), 90U);
}

TEST(LambdaAnswer, IsWholeWhereLittleIsDamaged) {
  VerifySummary summary;
  Verdict& verdict = summary.verdicts.emplace_back();
  verdict.damages.push_back({.key = "repos/github.com/acme/site.7/git/x.bundle", .snapshots = {kRun}});

  const Json answer = answer_of(LambdaEvent{.action = LambdaAction::verify}, summary);

  EXPECT_EQ(answer.at("damaged").at(0), to_json(verdict));
}

TEST(LambdaAnswer, StaysSmallWhateverErrorsSay) {
  const Error error(ErrorKind::transient, std::string(100'000, 'x'));
  RunSummary run = summary_of(
      std::vector<Outcome>(30, {.repository = "acme/x", .kind = OutcomeKind::failed, .error = error}));
  run.run_problems =
      std::vector<std::string>(2000, "runs/x/1.1.jsonl.zst cannot be read: a line is too long");
  VerifySummary verified;
  verified.verdicts = std::vector<Verdict>(15, {.error = error});
  verified.zips.damages = std::vector<Damage>(15, {.detail = error.message()});

  const Json answer = answer_of(LambdaAction::finish, run);

  EXPECT_LT(answer.dump().size(), 64U << 10U);
  EXPECT_EQ(answer.at("failures").at(0).at("error").get<std::string>().size(), 1003U);  // and an ellipsis
  EXPECT_EQ(answer.at("problems").size(), 21U);
  EXPECT_EQ(answer.at("problems").back(), "and 1980 more");
  EXPECT_LT(answer_of(LambdaEvent{.action = LambdaAction::verify}, verified).dump().size(), 64U << 10U);
}

TEST(LambdaFailure, HasATypeForEachKind) {
  EXPECT_EQ(failure_of(Error(ErrorKind::not_found, "x")).type, "Hubkeep.NotFound");
  EXPECT_EQ(failure_of(Error(ErrorKind::rate_limited, "x")).type, "Hubkeep.RateLimited");
  EXPECT_EQ(failure_of(Error(ErrorKind::invalid, "x")).type, "Hubkeep.Invalid");
  EXPECT_EQ(failure_of(Error(ErrorKind::invalid, "a\033b")).message.find('\033'), std::string::npos);
}

TEST(LambdaAnswer, OfADrillSaysWhatWasRestoredAndWhatWasNot) {
  DrillReport report;
  report.drill = kRun;
  report.seed = 7;
  DrillOutcome restored{.repository = "acme/site", .id = 1, .host = "github.com"};
  restored.result = DrillResult::restored;
  restored.bytes = 1000;
  restored.restoring = std::chrono::milliseconds(1500);
  report.outcomes = {restored};
  report.too_large = {"acme/huge"};
  EXPECT_EQ(answer_of(report).dump(),
            R"({"action":"drill","status":"DONE","drill":"20261123T184501Z-3f9a1c",)"
            R"("key":"drills/20261123T184501Z-3f9a1c.json","seed":7,"restored":1,"seconds":1.5,"bytes":1000,)"
            R"("unexplained":0,"not_done":0,"too_large":["acme/huge"],"failures":[]})");

  DrillOutcome failed = restored;
  failed.result = DrillResult::failed;
  failed.error = Error(ErrorKind::corrupt, std::string(5000, 'x'));
  report.outcomes = std::vector<DrillOutcome>(1000, failed);
  const Json answer = answer_of(report);

  EXPECT_EQ(answer.at("status"), "INCOMPLETE");
  EXPECT_EQ(answer.at("failures").size(), 20U);
  EXPECT_LT(answer.dump().size(), 50'000U);
}

}  // namespace
}  // namespace hubkeep
