#include "vault/listing.h"

#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "base/error.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

constexpr auto kToday =
    R"({"full_name":"acme/site","visibility":"private","archived":true,"fork":false,)"
    R"("default_branch":"main","pushed_at":"2026-11-23T18:40:00Z",)"
    R"("clone_url":"https://github.com/acme/site.git","listed_at":"2026-11-23T18:45:01Z"})";

Listing today() {
  return listing_from_json(Json::parse(kToday));
}

Listing without(const char* field) {
  Json json = Json::parse(kToday);
  json.erase(field);
  return listing_from_json(json);
}

TEST(Listing, OfTheFirstVersionIsWrittenAgainAsItWas) {
  for (const char* text :
       {kToday, R"({"full_name":"acme/site","visibility":"public","archived":false,"fork":false,)"
                R"("default_branch":"","pushed_at":"","clone_url":"","listed_at":"1970-01-01T00:00:00Z"})"})
    EXPECT_EQ(to_json(listing_from_json(Json::parse(text))).dump(), text);
}

TEST(Listing, KeepsTheFieldsOfALaterVersion) {
  Json json = Json::parse(kToday);
  json.update({{"has_wiki", true},
               {"has_issues", false},
               {"updated_at", "2026-11-23T18:44:00Z"},
               {"probe", {{"issues", "3 2026-11-23T18:43:00Z"}, {"settings", "x"}}},
               {"topics", {"a", "b"}},
               {"license", {{"key", "mit"}}}});

  const Listing listing = listing_from_json(json);

  EXPECT_EQ(to_json(listing), json);
  EXPECT_EQ(listing.has_wiki, true);
  EXPECT_EQ(listing.has_issues, false);
  EXPECT_EQ(listing.probe.at("settings"), "x");
  EXPECT_NE(listing, today());
  EXPECT_EQ(listing, listing_from_json(to_json(listing)));
}

TEST(Listing, TakesAbsentAndNullForNotKnown) {
  Json nulls = Json::parse(kToday);
  for (auto& [name, value] : nulls.items())
    if (name != "listed_at") value = nullptr;
  nulls.erase("listed_at");

  for (const Json& json : {Json::object(), nulls}) EXPECT_EQ(listing_from_json(json), Listing{}) << json;
  EXPECT_EQ(without("archived").is_archived, std::nullopt);
  EXPECT_EQ(without("pushed_at").pushed_at, std::nullopt);
  EXPECT_EQ(today().pushed_at, "2026-11-23T18:40:00Z");
  EXPECT_FALSE(to_json(without("fork")).contains("fork"));
}

TEST(Listing, RefusesWhatIsNone) {
  for (const char* text : {"[]", "7", R"("x")", R"({"listed_at":"never"})"})
    EXPECT_THROW(listing_from_json(Json::parse(text)), Error) << text;
  for (const char* text : {R"({"archived":"yes"})", R"({"full_name":7})", R"({"listed_at":7})"})
    EXPECT_THROW(listing_from_json(Json::parse(text)), nlohmann::json::exception) << text;
}

TEST(Listing, ADifferenceThatCountsIsOneOfNamedFields) {
  struct Case {
    std::function<void(Listing&)> change;
    bool is_described_otherwise;
    bool git_may_have_moved;
  };
  const Case cases[] = {
      {[](Listing&) {}, false, false},
      {[](Listing& l) { l.full_name = "acme/new"; }, true, true},
      {[](Listing& l) { l.visibility = "public"; }, true, true},
      {[](Listing& l) { l.is_archived = false; }, true, true},
      {[](Listing& l) { l.is_fork = true; }, true, true},
      {[](Listing& l) { l.default_branch = "trunk"; }, true, true},
      {[](Listing& l) { l.clone_url = "https://github.com/acme/new.git"; }, true, true},
      {[](Listing& l) { l.pushed_at = "2026-11-23T18:41:00Z"; }, false, true},
      {[](Listing& l) { l.pushed_at = ""; }, false, true},
      {[](Listing& l) { l.listed_at += std::chrono::hours(1); }, false, false},
      {[](Listing& l) { l.has_wiki = true; }, false, false},
      {[](Listing& l) { l.has_issues = true; }, false, false},
      {[](Listing& l) { l.updated_at = "2026-11-23T18:44:00Z"; }, false, false},
      {[](Listing& l) { l.others = OtherFields(Json{{"topics", "a"}}, {}); }, false, false},
  };

  for (std::size_t i = 0; i < std::size(cases); ++i) {
    Listing changed = today();
    cases[i].change(changed);
    for (const auto& [before, now] : {std::pair(today(), changed), std::pair(changed, today())}) {
      EXPECT_EQ(is_described_otherwise(before, now), cases[i].is_described_otherwise) << i;
      EXPECT_EQ(git_may_have_moved(before, now), cases[i].git_may_have_moved) << i;
    }
  }
}

// A version that drops a field, or adds one, makes nobody "changed"; but of pushes nothing may be missed.
TEST(Listing, WhatIsNotKnownIsNoDifferenceButForPushes) {
  for (const char* field : {"full_name", "visibility", "archived", "fork", "default_branch", "pushed_at",
                            "clone_url", "listed_at"}) {
    const bool is_of_pushes = std::string(field) == "pushed_at";
    for (const auto& [before, now] :
         {std::pair(today(), without(field)), std::pair(without(field), today())}) {
      EXPECT_FALSE(is_described_otherwise(before, now)) << field;
      EXPECT_EQ(git_may_have_moved(before, now), is_of_pushes) << field;
    }
  }
}

}  // namespace
}  // namespace hubkeep
