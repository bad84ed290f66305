#include "lambda/event.h"

#include <gmock/gmock.h>

#include "base/error.h"

namespace hubkeep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string refusal(const std::string& text) {
  try {
    parse_event(text);
  } catch (const Error& error) {
    return error.message();
  }
  return "accepted";
}

TEST(LambdaEvent, IsReadForEachAction) {
  EXPECT_EQ(parse_event(R"({"action":"backup"})").action, LambdaAction::backup);
  EXPECT_EQ(parse_event(R"({"action":"plan","run":"monday"})").name, "monday");
  const LambdaEvent work = parse_event(
      R"({"action":"backup-repositories","run":"20261123T184501Z-3f9a1c","attempt":2,"batch":{"number":3}})");
  EXPECT_EQ(work.action, LambdaAction::backup_repositories);
  EXPECT_EQ(work.run.str(), "20261123T184501Z-3f9a1c");
  EXPECT_EQ(work.attempt, 2);
  EXPECT_EQ(work.batch.at("number"), 3);
  EXPECT_EQ(work.share, 0);
  EXPECT_EQ(parse_event(R"({"action":"backup-repositories","run":"20261123T184501Z-3f9a1c","attempt":2,)"
                        R"("batch":{"number":3},"share":4})")
                .share,
            4);
  EXPECT_EQ(parse_event(R"({"action":"finish","run":"20261123T184501Z-3f9a1c"})").run, work.run);
  const LambdaEvent verify = parse_event(
      R"({"action":"verify","repositories":["a/b"],"after":"repos/x/","read_data_subset":"1/7","attempt":2})");
  EXPECT_THAT(verify.repositories, ElementsAre("a/b"));
  EXPECT_EQ(verify.after, "repos/x/");
  EXPECT_EQ(verify.read_data_subset, "1/7");
  EXPECT_EQ(verify.attempt, 2);
  EXPECT_EQ(parse_event(R"({"action":"verify"})").attempt, 1);
  EXPECT_FALSE(verify.deep);
  EXPECT_TRUE(parse_event(R"({"action":"verify","deep":true})").deep);
}

TEST(LambdaEvent, SaysWhatIsWrongWithIt) {
  EXPECT_THAT(refusal("{}"),
              HasSubstr(R"(the event names no action: send {"action": "backup"}, or one of backup, plan)"));
  EXPECT_THAT(refusal(R"({"action":"destroy"})"), HasSubstr("'destroy' is not one of backup, plan"));
  EXPECT_THAT(refusal("[]"), HasSubstr("no JSON object"));
  EXPECT_THAT(refusal("nonsense"), HasSubstr("no JSON object"));
  EXPECT_THAT(refusal(R"({"action":7})"), HasSubstr("the event lacks something"));
  EXPECT_THAT(refusal(R"({"action":"finish"})"), HasSubstr("the event lacks something"));
  EXPECT_THAT(refusal(R"({"action":"finish","run":"../../x"})"), HasSubstr("is not the id of a planned run"));
  EXPECT_THAT(
      refusal(R"({"action":"backup-repositories","run":"20261123T184501Z-3f9a1c","attempt":1.5,"batch":{}})"),
      HasSubstr("no whole number"));
  for (const char* attempt : {"0", "-3", "2147483647"})
    EXPECT_THAT(refusal(std::string(R"({"action":"verify","attempt":)") + attempt + "}"),
                HasSubstr("must be a number from 1 to 1,000,000"));
  for (const char* share : {"0", "-1"})
    EXPECT_THAT(refusal(std::string(R"({"action":"backup-repositories","run":"20261123T184501Z-3f9a1c",)"
                                    R"("attempt":1,"batch":{},"share":)") +
                        share + "}"),
                HasSubstr("\"share\" must be 1 or more"));
  for (const char* key : {"read-data-subset", "read_data", "repository"})
    EXPECT_THAT(refusal(std::string(R"({"action":"verify",")") + key + R"(":"1/7"})"),
                HasSubstr(std::string("the event's key '") + key + "' is not one that verify knows"));
  EXPECT_NE(refusal(std::string(1000, '[')), "accepted");
  EXPECT_THAT(refusal(std::string(1000, '[')), HasSubstr("nested"));
}

TEST(LambdaEvent, SayWhatToDrill) {
  const LambdaEvent drill =
      parse_event(R"({"action":"drill","repositories":["a/b"],"count":5,"seed":7,"against_github":true})");
  EXPECT_EQ(drill.action, LambdaAction::drill);
  EXPECT_THAT(drill.repositories, ElementsAre("a/b"));
  EXPECT_EQ(drill.count, 5U);
  EXPECT_EQ(drill.seed, 7U);
  EXPECT_EQ(drill.against_github, true);
  EXPECT_TRUE(parse_event(R"({"action":"drill","all":true})").all);
  const LambdaEvent plain = parse_event(R"({"action":"drill"})");
  EXPECT_FALSE(plain.all || plain.count || plain.seed || plain.against_github);
}

TEST(LambdaEvent, OfADrillAreRefusedWhereTheySaySomethingElse) {
  EXPECT_THAT(refusal(R"({"action":"drill","against-github":true})"),
              HasSubstr("the event's key 'against-github' is not one that drill knows"));
  EXPECT_THAT(refusal(R"({"action":"drill","all":true,"repositories":["a/b"]})"), HasSubstr("give one"));
  for (const char* text : {R"({"action":"drill","against_github":"yes"})", R"({"action":"drill","all":1})"})
    EXPECT_THAT(refusal(text), HasSubstr("the event lacks something")) << text;
}

}  // namespace
}  // namespace hubkeep
