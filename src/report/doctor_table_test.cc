#include "report/doctor_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/text.h"

namespace hubkeep {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

DoctorReport report_of(std::vector<PlaceFinding> findings) {
  return {.store = {.place = "s3://b/p", .findings = std::move(findings), .left_behind = {}},
          .stopped = false};
}

TEST(DoctorTable, HasARowForEachVerdict) {
  EXPECT_EQ(describe(PlaceFinding{"read it", PlaceVerdict::ok, ""}), "ok             read it\n");
  EXPECT_EQ(describe(PlaceFinding{"start-after", PlaceVerdict::without, "lists begin anew"}),
            "does without   start-after: lists begin anew\n");
  EXPECT_EQ(describe(PlaceFinding{"remove it", PlaceVerdict::not_permitted, "x"}),
            "not permitted  remove it: x\n");
  EXPECT_EQ(describe(PlaceFinding{"list", PlaceVerdict::not_tried, "x"}), "not tried      list: x\n");
  EXPECT_EQ(describe(PlaceFinding{"bucket", PlaceVerdict::missing, "x"}), "MISSING        bucket: x\n");
}

TEST(DoctorTable, FitsATerminalOfEightyColumns) {
  std::string words = "one two three";
  for (int i = 0; i < 60; ++i) words += " word" + std::to_string(i);

  const std::string row = describe(PlaceFinding{"bucket", PlaceVerdict::missing, words});

  for (const std::string_view line : split(row, '\n')) EXPECT_LE(line.size(), 80U) << line;
  EXPECT_THAT(row, HasSubstr("\n               word"));
}

TEST(DoctorTable, LeavesALongWordWhole) {
  const std::string url = "https://" + std::string(100, 'h');

  EXPECT_THAT(describe(PlaceFinding{"reach the server", PlaceVerdict::ok, "at " + url}),
              HasSubstr("\n               " + url + "\n"));
}

TEST(DoctorTable, EndsWithWhatFollowsFromIt) {
  DoctorReport report = report_of({{"list", PlaceVerdict::without, ""}});
  EXPECT_EQ(describe_end(report), "\na vault can be kept in s3://b/p\n");
  EXPECT_TRUE(report.is_good());

  report.store.findings.push_back({"read it", PlaceVerdict::missing, ""});
  EXPECT_THAT(describe_end(report), EndsWith("cannot be kept in s3://b/p: 1 thing it needs is missing\n"));
  EXPECT_FALSE(report.is_good());

  report.store.findings.push_back({"bucket", PlaceVerdict::missing, ""});
  EXPECT_THAT(describe_end(report), EndsWith(": 2 things it needs are missing\n"));

  report.stopped = true;
  EXPECT_EQ(describe_end(report), "\nstopped before all was tried in s3://b/p\n");
}

TEST(DoctorTable, NamesWhatWasLeftBehind) {
  DoctorReport report = report_of({});
  report.store.left_behind = {"s3://b/p/doctor/x/first: AccessDenied"};

  EXPECT_THAT(describe_end(report), HasSubstr("left behind    s3://b/p/doctor/x/first: AccessDenied\n"));
}

TEST(DoctorTable, IsTheSameAsJson) {
  DoctorReport report =
      report_of({{"list", PlaceVerdict::not_permitted, "why"}, {"read it", PlaceVerdict::missing, ""}});
  report.store.left_behind = {"first"};

  EXPECT_EQ(to_json(report).dump(),
            R"({"good":false,"stopped":false,"store":{"place":"s3://b/p","findings":[)"
            R"({"thing":"list","verdict":"not_permitted","text":"why"},)"
            R"({"thing":"read it","verdict":"missing","text":""}],"left_behind":["first"]}})");
}

}  // namespace
}  // namespace hubkeep
