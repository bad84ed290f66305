#include "vault/part.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "base/error.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;
using testing::ElementsAre;
using testing::IsEmpty;

Json record(const std::string& key) {
  return {{"key", key}, {"size", 3}, {"sha256", std::string(64, 'a')}, {"encoding", "identity"}};
}

Json list(const std::string& key) {
  Json json = record(key);
  json["lists"] = true;
  return json;
}

/// Lists that are given by their keys.
struct Lists {
  std::map<std::string, std::vector<Json>> lines;
  std::vector<std::string> read = {};

  ListReader reader() {
    return [this](const ObjectRecord& of, const std::function<void(const Json&)>& visit) {
      read.push_back(of.key);
      for (const Json& line : lines.at(of.key)) visit(line);
    };
  }
};

std::vector<std::string> keys_of(const Json& part, Lists lists = {}) {
  std::vector<std::string> keys;
  visit_objects(Part(part), lists.reader(), [&](const ObjectRecord& found) { keys.push_back(found.key); });
  return keys;
}

std::vector<std::string> named_keys_of(const Json& part) {
  std::vector<std::string> keys;
  visit_named_objects(Part(part), [&](const ObjectRecord& found) { keys.push_back(found.key); });
  return keys;
}

ErrorKind kind_of_failure(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.kind();
  }
  ADD_FAILURE() << "it did not fail";
  return ErrorKind::internal;
}

TEST(Part, KnowsRecordsByTheirFourFieldsWhereverTheyStand) {
  Json holder = record("d");
  holder["within"] = {{"it", record("e")}};
  const Json part = {{"status", "ok"},
                     {"one", record("a")},
                     {"deep", {{"er", {{{"list", {record("b"), 7, {record("c")}}}}}}}},
                     {"holder", holder}};

  EXPECT_THAT(keys_of(part), ElementsAre("a", "b", "c", "d", "e"));
  EXPECT_THAT(named_keys_of(part), ElementsAre("a", "b", "c", "d", "e"));
}

TEST(Part, TakesNothingForARecordThatLacksAField) {
  for (const char* field : {"key", "size", "sha256", "encoding"}) {
    Json less = record("a");
    less.erase(field);

    EXPECT_THAT(keys_of({{"status", "ok"}, {"less", less}}), IsEmpty()) << field;
  }
}

TEST(Part, RefusesAnEncodingThatIsNotKnownAndCallsOtherRecordsDamaged) {
  const auto kind_with = [](const char* field, const Json& value) {
    Json odd = record("a");
    odd[field] = value;
    return kind_of_failure([&] { named_keys_of({{"status", "ok"}, {"it", {odd}}}); });
  };

  EXPECT_EQ(kind_with("encoding", "age"), ErrorKind::invalid);
  EXPECT_EQ(kind_with("encoding", 7), ErrorKind::corrupt);
  EXPECT_EQ(kind_with("key", "../a"), ErrorKind::corrupt);
  EXPECT_EQ(kind_with("size", -1), ErrorKind::corrupt);
  EXPECT_EQ(kind_with("sha256", nullptr), ErrorKind::corrupt);
}

TEST(Part, HasWhatItsListsName) {
  const Lists lists{{{"l", {record("b"), record("/lfs/c")}}}};
  const Json part = {{"status", "ok"}, {"all", list("l")}, {"last", record("z")}};

  EXPECT_THAT(keys_of(part, lists), ElementsAre("l", "b", "/lfs/c", "z"));
  EXPECT_THAT(named_keys_of(part), ElementsAre("l", "z"));
}

TEST(Part, BelievesTheLastOfItsListsOfAKey) {
  Json changed = record("changed");
  changed["with"] = record("new");
  Json before = record("changed");
  before["with"] = record("old");
  Lists lists{{{"all", {record("same"), before, record("gone"), record("back")}},
               {"changes", {changed, {{"key", "gone"}, {"gone", true}}, record("added")}}}};
  const Json part = {{"status", "ok"}, {"lists", {list("all"), list("changes")}}};

  std::vector<std::string> keys;
  visit_objects(Part(part), lists.reader(), [&](const ObjectRecord& found) { keys.push_back(found.key); });

  EXPECT_THAT(keys, ElementsAre("all", "changes", "changed", "new", "added", "same", "back"));
  EXPECT_THAT(lists.read, ElementsAre("changes", "all"));
}

TEST(Part, LetsListsThatStandApartSayNothingOfEachOther) {
  const Lists lists{{{"a", {record("x")}}, {"b", {{{"key", "x"}, {"gone", true}}}}}};
  const Json part = {{"status", "ok"}, {"one", list("a")}, {"other", list("b")}};

  EXPECT_THAT(keys_of(part, lists), ElementsAre("a", "x", "b"));
}

TEST(Part, IsDamagedWhereALineIsNone) {
  const auto kind_of_line = [](const Json& line) {
    return kind_of_failure([&] { keys_of({{"status", "ok"}, {"all", list("l")}}, {{{"l", {line}}}}); });
  };

  EXPECT_EQ(kind_of_line({{"name", "without a key"}}), ErrorKind::corrupt);
  EXPECT_EQ(kind_of_line({{"key", "without"}, {"size", 3}}), ErrorKind::corrupt);
  EXPECT_EQ(kind_of_line({{"key", 7}, {"gone", true}}), ErrorKind::corrupt);
  EXPECT_EQ(kind_of_line({{"key", "a"}, {"gone", false}}), ErrorKind::corrupt);
  EXPECT_EQ(kind_of_line(list("a list in a list")), ErrorKind::corrupt);
  EXPECT_EQ(kind_of_line(7), ErrorKind::corrupt);
  Json encrypted = record("a");
  encrypted["encoding"] = "age";
  EXPECT_EQ(kind_of_line(encrypted), ErrorKind::invalid);
}

TEST(Part, IsAnObjectWithAStatus) {
  for (const Json& json : {Json(7), Json::array(), Json::object(), Json{{"status", 7}}})
    EXPECT_EQ(kind_of_failure([&] { const Part part(json); }), ErrorKind::corrupt) << json;
  EXPECT_EQ(Part(Json{{"status", "simmering"}}).status(), PartStatus("simmering"));
}

TEST(Part, IsOkOrSettledOnlyByAStatusThatIsKnown) {
  const auto statuses = [](const char* word) { return PartStatuses{{"git", PartStatus(word)}}; };
  const auto is_settled_as = [](const char* word) { return is_settled(Part(Json{{"status", word}})); };

  EXPECT_TRUE(are_all_ok(statuses("ok")));
  EXPECT_FALSE(are_all_ok({}));
  for (const char* word : {"partial", "absent", "gone", "not_permitted", "failed", "simmering", "OK", ""})
    EXPECT_FALSE(are_all_ok(statuses(word))) << word;
  for (const char* word : {"ok", "absent", "gone", "not_permitted"}) EXPECT_TRUE(is_settled_as(word)) << word;
  for (const char* word : {"partial", "failed", "simmering", ""}) EXPECT_FALSE(is_settled_as(word)) << word;
}

TEST(Part, IsSettledWhereNothingOfItsCursorMayStillCome) {
  const auto is_settled_with = [](Json part) {
    part["status"] = "partial";
    return is_settled(Part(part));
  };
  const Json cursor = {{"key", "lfs/x.cursor.zst"}, {"size", 1}};

  EXPECT_TRUE(is_settled_with({{"cursor", cursor}, {"pending", 0}}));
  EXPECT_FALSE(is_settled_with({{"cursor", cursor}, {"pending", 1}}));
  EXPECT_FALSE(is_settled_with({{"cursor", cursor}, {"pending", "0"}}));
  EXPECT_FALSE(is_settled_with({{"cursor", cursor}})) << "it does not say";
  EXPECT_FALSE(is_settled_with({{"pending", 0}}));
  EXPECT_FALSE(is_settled(Part(Json{{"status", "failed"}, {"cursor", cursor}, {"pending", 0}})));
}

TEST(PartStatuses, AreToldByNameWhereThereAreSeveral) {
  EXPECT_EQ(describe_incomplete({{"git", PartStatus::partial}}), "partial");
  EXPECT_EQ(describe_incomplete({{"git", PartStatus::ok}, {"x\n", PartStatus("odd")}}), "x\\x0a odd");
  EXPECT_EQ(describe_incomplete({{"a", PartStatus::failed}, {"b", PartStatus::gone}}), "a failed, b gone");
  EXPECT_EQ(describe_incomplete({}), "not known");
}

TEST(Part, AddsUpWhatCouldNotBeSeenAnywhereInIt) {
  const Json part = {{"status", "ok"}, {"not_proved", 2}, {"bundles", {{{"not_proved", 3}}, {{"a", 1}}}}};

  EXPECT_EQ(count_not_proved(Part(part)), 5U);
  // Of a kind that is not known it may be anything.
  EXPECT_EQ(count_not_proved(Part({{"status", "ok"}, {"not_proved", "many"}})), 0U);
}

}  // namespace
}  // namespace hubkeep
