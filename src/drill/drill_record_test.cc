#include "drill/drill_record.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "base/error_of.h"

namespace hubkeep {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kDrill = "20261123T184501Z-3f9a1c";

DrillOutcome restored(int id) {
  DrillOutcome outcome{.repository = "acme/site", .id = id, .host = "github.com"};
  outcome.result = DrillResult::restored;
  outcome.bytes = 1000;
  outcome.objects = 12;
  outcome.restoring = std::chrono::milliseconds(1500);
  outcome.fsck = FsckResult::ok;
  return outcome;
}

DrillReport report(std::vector<DrillOutcome> outcomes) {
  DrillReport report;
  report.drill = *SnapshotId::parse(kDrill);
  report.outcomes = std::move(outcomes);
  return report;
}

TEST(DrillOutcomes, AreGoodWhereNothingFailedAndAllIsExplained) {
  EXPECT_TRUE(restored(1).is_good());
  DrillOutcome outcome = restored(1);
  outcome.fsck = FsckResult::not_run;
  EXPECT_TRUE(outcome.is_good());
  outcome.fsck = FsckResult::problems;
  EXPECT_FALSE(outcome.is_good());
  outcome = restored(1);
  outcome.differences.add({"github", "refs/heads/main", "1", "2", "pushed since"});
  EXPECT_TRUE(outcome.is_good());
  outcome.differences.add({"github", "refs/heads/x", "1", "2", ""});
  EXPECT_FALSE(outcome.is_good());
  outcome = restored(1);
  outcome.error = Error(ErrorKind::transient, "GitHub");
  EXPECT_FALSE(outcome.is_good());
  outcome.result = DrillResult::failed;
  EXPECT_FALSE(outcome.is_good());
  EXPECT_FALSE(DrillOutcome().is_good()) << "not done";
}

TEST(DrillOutcomes, ThatAreTooLargeFailOnlyWhereTheyWereAskedFor) {
  for (const ChosenAs as :
       {ChosenAs::largest, ChosenAs::longest_not_drilled, ChosenAs::random, ChosenAs::named, ChosenAs::all}) {
    DrillOutcome outcome;
    outcome.result = DrillResult::too_large;
    outcome.chosen_as = as;
    EXPECT_EQ(outcome.is_good(), as != ChosenAs::named && as != ChosenAs::all) << to_string(as);
  }
}

TEST(DrillReports, AreGoodWhereSomethingWasRestoredAndAllOfItIsGood) {
  DrillOutcome too_large;
  too_large.result = DrillResult::too_large;
  too_large.chosen_as = ChosenAs::largest;

  EXPECT_TRUE(report({restored(1), too_large}).is_good());
  EXPECT_FALSE(report({too_large}).is_good());
  EXPECT_FALSE(report({}).is_good());
  EXPECT_FALSE(report({restored(1), DrillOutcome()}).is_good());
  DrillReport stopped = report({restored(1)});
  stopped.stopped = true;
  EXPECT_FALSE(stopped.is_good());
}

TEST(DrillReports, HaveTheTotalsOfWhatWasRestored) {
  DrillReport some = report({restored(1), restored(2), DrillOutcome()});
  some.too_large = {"acme/huge"};

  const auto json = to_json(some);

  EXPECT_EQ(json.at("totals").at("restored"), 2);
  EXPECT_EQ(json.at("totals").at("not_done"), 1);
  EXPECT_EQ(json.at("totals").at("too_large"), 1);
  EXPECT_EQ(json.at("totals").at("bytes"), 2000);
  EXPECT_EQ(json.at("totals").at("objects"), 24);
  EXPECT_EQ(json.at("totals").at("seconds"), 3.0);
}

TEST(DrillReports, SayWhichRepositoriesWereRestored) {
  DrillOutcome failed = restored(2);
  failed.result = DrillResult::failed;
  DrillOutcome gist = restored(3);
  gist.id = SubjectId::gist("aa5a315d");

  EXPECT_THAT(
      restored_in(to_json(report({restored(1), failed, gist})).dump()),
      ElementsAre(SubjectKey{"github.com", 1}, SubjectKey{"github.com", SubjectId::gist("aa5a315d")}));
  EXPECT_THAT(restored_in(R"({"repositories": [], "of a later version": [[]]})"), IsEmpty());
}

TEST(DrillReports, ThatAreNoneAreCorrupt) {
  for (const char* text : {"", "[]", "{}", "nonsense", R"({"repositories": [{}]})",
                           R"({"repositories": [{"result": "restored", "host": 1, "id": 1}]})"})
    EXPECT_EQ(error_of([&] { restored_in(text); }).kind(), ErrorKind::corrupt) << text;
}

TEST(DrillKeys, AreMadeAndReadBack) {
  const SnapshotId drill = *SnapshotId::parse(kDrill);

  EXPECT_EQ(drill_key(drill), "drills/20261123T184501Z-3f9a1c.json");
  EXPECT_EQ(drill_of("20261123T184501Z-3f9a1c.json"), drill);
  for (const char* name : {"", "x.json", "20261123T184501Z-3f9a1c", "20261123T184501Z-3f9a1c.json/"})
    EXPECT_EQ(drill_of(name), std::nullopt) << name;
}

}  // namespace
}  // namespace hubkeep
