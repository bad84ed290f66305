#include "remote/lfs_batch.h"

#include <gmock/gmock.h>

#include <array>

#include "base/error_of.h"
#include "base/json.h"

namespace hubkeep {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using Kind = LfsRefusal::Kind;

const std::string kA(64, 'a');
const std::string kB(64, 'b');
const std::array<LfsPointer, 2> kAsked = {LfsPointer{kA, 3}, LfsPointer{kB, 4}};

json address(const std::string& oid, std::uint64_t size, const std::string& href,
             const json& header = json::object()) {
  return {{"oid", oid}, {"size", size}, {"actions", {{"download", {{"href", href}, {"header", header}}}}}};
}

std::vector<LfsAnswer> parse(const json& objects, bool only_tls = true) {
  return parse_lfs_batch(json{{"objects", objects}}.dump(), kAsked, only_tls);
}

/// What is said of the first object, where all that is said is this.
LfsRefusal refusal(const json& object) {
  const LfsAnswer answer = parse(json::array({object})).front();
  const auto* const refusal = std::get_if<LfsRefusal>(&answer);
  if (refusal == nullptr) {
    ADD_FAILURE() << "an address: " << object;
    return {};
  }
  return *refusal;
}

LfsRefusal error(int code, const std::string& message) {
  return refusal({{"oid", kA}, {"size", 3}, {"error", {{"code", code}, {"message", message}}}});
}

HttpResponse response(int status, std::string body = {}) {
  return {.status = status,
          .headers = {},
          .body = std::move(body),
          .url = Url::parse("https://github.com/a/b.git")};
}

TEST(LfsBatch, AsksForDownloadsByTheBasicTransfer) {
  EXPECT_EQ(lfs_batch_request(kAsked),
            "{\"operation\":\"download\",\"transfers\":[\"basic\"],\"objects\":[{\"oid\":\"" + kA +
                "\",\"size\":3},{\"oid\":\"" + kB + "\",\"size\":4}],\"hash_algo\":\"sha256\"}");
}

TEST(LfsBatch, AnswersInTheOrderOfTheQuestion) {
  const auto answers = parse({address(kB, 4, "https://media.test/b"),
                              address(kA, 3, "https://media.test/a?sig=1", {{"X-Key", "v w"}})});

  const auto& first = std::get<LfsAddress>(answers.at(0));
  EXPECT_EQ(first.href.str(), "https://media.test/a?sig=1");
  EXPECT_THAT(first.headers, ElementsAre(Pair("X-Key", "v w")));
  EXPECT_EQ(std::get<LfsAddress>(answers.at(1)).href.str(), "https://media.test/b");
}

TEST(LfsBatch, BelievesNothingOfWhatWasNotAskedFor) {
  const auto answers =
      parse({address(std::string(64, 'c'), 3, "https://media.test/c"), address(kA, 3, "https://media.test/a"),
             address(kA, 3, "https://evil.test/a"), json(7), json::array()});

  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(std::get<LfsAddress>(answers.at(0)).href.str(), "https://media.test/a")
      << "the first word counts";
  EXPECT_THAT(std::get<LfsRefusal>(answers.at(1)).message, HasSubstr("says nothing of it"));
}

TEST(LfsBatch, RefusesAddressesThatNobodyShouldAsk) {
  for (const std::string href : {"http://media.test/a", "ftp://media.test/a", "file:///etc/passwd",
                                 "/relative", "", "https://user:secret@media.test/a"}) {
    EXPECT_EQ(refusal(address(kA, 3, href)).kind, Kind::other) << href;
  }
  EXPECT_EQ(refusal({{"oid", kA}, {"size", 3}}).kind, Kind::other);
  EXPECT_TRUE(std::holds_alternative<LfsAddress>(
      parse(json::array({address(kA, 3, "http://10.0.0.1:8080/a")}), false).front()))
      << "where the API is not encrypted either";
}

TEST(LfsBatch, TakesTheServersWordForTheSize) {
  const auto size_of = [](const json& object) {
    return std::get<LfsAddress>(parse(json::array({object})).front()).size;
  };
  auto without = address(kA, 3, "https://media.test/a");
  without.erase("size");

  EXPECT_EQ(size_of(address(kA, 5, "https://media.test/a")), 5U) << "a pointer may say anything";
  EXPECT_EQ(size_of(without), 3U);
}

TEST(LfsBatch, SendsNoHeadersThatBreakARequest) {
  for (const json& header : {json{{"X-A", "v\r\nAuthorization: x"}}, json{{"X A", "v"}}, json{{"", "v"}},
                             json{{"X-A", 7}}, json{{"X-A", std::string(20'000, 'x')}}, json::array({1})}) {
    EXPECT_EQ(refusal(address(kA, 3, "https://media.test/a", header)).kind, Kind::other) << header;
  }
  const auto answers = parse(
      json::array({address(kA, 3, "https://media.test/a",
                           {{"Range", "bytes=1-"}, {"HOST", "x"}, {"Authorization", "RemoteAuth x"}})}));
  EXPECT_THAT(std::get<LfsAddress>(answers.front()).headers,
              ElementsAre(Pair("Authorization", "RemoteAuth x")));
}

TEST(LfsBatch, TellsWhyAnObjectIsNotThere) {
  EXPECT_EQ(error(404, "Object does not exist").kind, Kind::missing);
  EXPECT_EQ(error(410, "removed").kind, Kind::missing);
  EXPECT_EQ(error(422, "invalid").kind, Kind::other);
  EXPECT_EQ(error(429, "later").kind, Kind::busy);
  EXPECT_EQ(error(503, "later").kind, Kind::busy);
  EXPECT_EQ(error(509, "too much").kind, Kind::over_quota);
  EXPECT_EQ(error(403, "This repository is over its data quota.").kind, Kind::over_quota);
  EXPECT_EQ(error(404, "Object does not exist").message, "Object does not exist");
  EXPECT_EQ(error(404, "\x1b[2Jx").message.find('\x1b'), std::string::npos);
  EXPECT_LE(error(404, std::string(5'000, 'x')).message.size(), 300U);
  EXPECT_EQ(refusal({{"oid", kA}, {"error", {{"code", "x"}}}}).code, 0);
  EXPECT_EQ(refusal({{"oid", kA}, {"error", {{"code", 4'294'967'300}}}}).code, 0);
}

TEST(LfsBatch, IsCorruptWhereItIsNone) {
  for (const std::string body :
       {"", "<html>", "[]", "{}", R"({"objects":7})", R"({"objects":[],"transfer":"tus"})",
        R"({"objects":[],"hash_algo":"sha1"})"}) {
    EXPECT_EQ(error_of([&] { parse_lfs_batch(body, kAsked, true); }).kind(), ErrorKind::corrupt) << body;
  }
  EXPECT_EQ(parse_lfs_batch(R"({"objects":[],"transfer":"basic","hash_algo":"sha256"})", kAsked, true).size(),
            2U);
}

TEST(LfsRefusal, OfTheWholeRequestIsOneOfAllObjectsOrAnError) {
  EXPECT_EQ(lfs_refusal(response(509), {}).kind, Kind::over_quota);
  EXPECT_EQ(
      lfs_refusal(response(403, R"({"message":"This repository exceeded its LFS budget. Restore access."})"),
                  {})
          .kind,
      Kind::over_quota);
  EXPECT_EQ(lfs_refusal(response(422, R"({"message":"no such oid"})"), {}).message, "no such oid");
  struct Case {
    int status;
    ErrorKind kind;
  };
  for (const Case& c :
       {Case{401, ErrorKind::unauthorized}, Case{403, ErrorKind::forbidden}, Case{404, ErrorKind::not_found},
        Case{406, ErrorKind::refused}, Case{413, ErrorKind::refused}, Case{429, ErrorKind::transient},
        Case{500, ErrorKind::transient}, Case{501, ErrorKind::refused}, Case{503, ErrorKind::transient},
        Case{507, ErrorKind::refused}})
    EXPECT_EQ(error_of([&] { lfs_refusal(response(c.status), {}); }).kind(), c.kind) << c.status;
  EXPECT_THAT(error_of([&] { lfs_refusal(response(507, R"({"message":"disk full"})"), {}); }).message(),
              HasSubstr("disk full"));
}

}  // namespace
}  // namespace hubkeep
