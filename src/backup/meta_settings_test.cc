#include "backup/meta_settings.h"

#include <gmock/gmock.h>

#include "backup/meta_fakes.h"
#include "backup/meta_lists.h"

namespace hubkeep {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::EndsWith;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class SettingsTest : public testing::Test, public MetaBench {
 protected:
  SettingsTest() {
    repository(R"({"id":7,"has_pages":true,"owner":{"type":"Organization"},"permissions":{"admin":true}})");
    for (const char* path :
         {"/collaborators?affiliation=all&per_page=100", "/hooks?per_page=100", "/keys?per_page=100",
          "/teams?per_page=100", "/invitations?per_page=100", "/autolinks?per_page=100",
          "/properties/values?per_page=100", "/security-advisories?per_page=100",
          "/rulesets?includes_parents=false&per_page=100"})
      answer(path, "[]");
    answer("/environments?per_page=100", R"({"total_count":0,"environments":[]})");
    answer("/actions/variables?per_page=100", R"({"total_count":0,"variables":[]})");
    answer("/actions/secrets?per_page=100", R"({"total_count":0,"secrets":[]})");
    answer("/pages", R"({"status":"built"})");
    answer("/interaction-limits", "{}");
  }
  void repository(const std::string& json) { http.answer(kRoot, 200, json); }
  void collect() { settings_collector()->collect(intake); }
};

// All that a test does not answer is not found.
class OtherSettingsTest : public testing::Test, public MetaBench {
 protected:
  void collect() { settings_collector()->collect(intake); }
};

TEST_F(SettingsTest, OfARepositoryCostOneRequestForEachKind) {
  collect();

  EXPECT_THAT(intake.documents, testing::SizeIs(2)) << "the repository itself and its pages";
  EXPECT_EQ(intake.requests.at(ApiKind::rest), 15);
  EXPECT_THAT(intake.refused, IsEmpty());
  EXPECT_THAT(intake.absent_kinds, IsEmpty());
}

TEST_F(SettingsTest, ThatAreNotThereAnyMoreAreGone) {
  intake.documents[{MetaKind::hook, "1"}] = "{}";
  intake.documents[{MetaKind::ruleset, "2"}] = "{}";
  intake.documents[{MetaKind::interaction_limits, "-"}] = "{}";

  collect();

  EXPECT_THAT(intake.missing,
              ElementsAre(FakeIntake::Key{MetaKind::hook, "1"}, FakeIntake::Key{MetaKind::ruleset, "2"},
                          FakeIntake::Key{MetaKind::interaction_limits, "-"}));
}

TEST_F(OtherSettingsTest, OfAUsersRepositoryWithoutPagesSpareTheRest) {
  http.answer(kRoot, 200,
              R"({"id":7,"has_pages":false,"owner":{"type":"User"},"permissions":{"admin":true}})");

  collect();

  EXPECT_THAT(http.urls(), Not(Contains(EndsWith("/pages"))));
  EXPECT_THAT(http.urls(), Not(Contains(EndsWith("/teams?per_page=100"))));
  EXPECT_THAT(intake.absent_kinds, Contains(MetaKind::team));
}

TEST_F(OtherSettingsTest, ThatOnlyAdministratorsSeeAreNotPermittedToOthers) {
  http.answer(kRoot, 200,
              R"({"id":7,"has_pages":false,"owner":{"type":"User"},"permissions":{"admin":false}})");
  answer("/keys?per_page=100", R"({"message":"Resource not accessible by integration"})", 403,
         {{"X-Accepted-GitHub-Permissions", "administration=read"}});

  collect();

  EXPECT_EQ(intake.refused.at(MetaKind::deploy_key), "administration=read");
  EXPECT_EQ(intake.refused.at(MetaKind::hook), "") << "404: GitHub does not say that there are hooks";
}

TEST_F(OtherSettingsTest, ARulesetIsAskedForByItself) {
  http.answer(kRoot, 200,
              R"({"id":7,"has_pages":false,"owner":{"type":"User"},"permissions":{"admin":true}})");
  answer("/rulesets?includes_parents=false&per_page=100", R"([{"id":21,"name":"main"}])");
  answer("/rulesets/21", R"({"id":21,"name":"main","rules":[{"type":"deletion"}]})");

  collect();

  EXPECT_EQ(intake.documents.at({MetaKind::ruleset, "21"}),
            R"({"id":21,"name":"main","rules":[{"type":"deletion"}]})");
}

TEST_F(OtherSettingsTest, AnErrorOfTheServerEndsTheWork) {
  http.answer(kRoot, 200,
              R"({"id":7,"has_pages":false,"owner":{"type":"User"},"permissions":{"admin":true}})");
  answer("/hooks?per_page=100", "{}", 500);

  EXPECT_THROW(collect(), Error);
}

class ListsTest : public testing::Test, public MetaBench {};

TEST_F(ListsTest, OfLabelsMilestonesAndCommentsOnCommits) {
  intake.documents[{MetaKind::label, "1"}] = "{}";
  answer("/labels?per_page=100", R"([{"id":2,"name":"bug"}])");
  answer("/milestones?state=all&per_page=100", R"([{"id":900,"number":3}])");
  answer("/comments?per_page=100", "[]");

  for (const auto& collector : list_collectors()) collector->collect(intake);

  EXPECT_THAT(intake.ids(MetaKind::label), ElementsAre("1", "2"));
  EXPECT_THAT(intake.missing, ElementsAre(FakeIntake::Key{MetaKind::label, "1"}));
  EXPECT_THAT(intake.ids(MetaKind::milestone), ElementsAre("3"));
  EXPECT_THAT(http.urls(), SizeIs(3)) << "nothing is no reason to ask again";
}

TEST_F(ListsTest, ThatHaveLostAllAreLookedAtTwice) {
  for (const char* path : {"/milestones?state=all&per_page=100", "/comments?per_page=100"})
    answer(path, "[]");
  intake.documents[{MetaKind::label, "1"}] = "{}";
  answer("/labels?per_page=100", "[]");
  answer("/labels?per_page=100", R"([{"id":1,"name":"bug"}])");

  for (const auto& collector : list_collectors()) collector->collect(intake);

  EXPECT_THAT(intake.missing, IsEmpty());
}

TEST_F(ListsTest, OfCommentsOnCommitsThoseThatWereEditedOrReactedToHaveMore) {
  answer("/labels?per_page=100", "[]");
  answer("/milestones?state=all&per_page=100", "[]");
  answer(
      "/comments?per_page=100",
      R"([{"id":1,"node_id":"CC_1","created_at":"2026-11-01T09:00:00Z","updated_at":"2026-11-01T09:00:00Z",)"
      R"("reactions":{"total_count":0}},)"
      R"({"id":2,"node_id":"CC_2","created_at":"2026-11-01T09:00:00Z","updated_at":"2026-11-02T09:00:00Z"},)"
      R"({"id":3,"node_id":"CC_3","created_at":"2026-11-01T09:00:00Z","updated_at":"2026-11-01T09:00:00Z",)"
      R"("reactions":{"total_count":1}}])");

  for (const auto& collector : list_collectors()) collector->collect(intake);

  EXPECT_THAT(intake.pending_ids(MetaKind::comment_graph), ElementsAre("CC_2", "CC_3"));
}

}  // namespace
}  // namespace hubkeep
