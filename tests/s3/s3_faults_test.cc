// A store in a bucket whose server, or the way to it, is at fault.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "base/crc32.h"
#include "crypto/hash.h"
#include "s3/fake_s3.h"
#include "s3/meddler.h"
#include "s3/s3_fixture.h"
#include "store/leftovers.h"
#include "store/store_contract_test.h"

namespace hubkeep {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::size_t kThreeParts = std::size_t{12} << 20;  // of 5 MiB

std::string bytes_of(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>((i * 31 + i / 251) & 0xFFU);
  return bytes;
}

class S3Faults : public ::testing::Test {
 protected:
  std::string stored(const std::string& key) const {
    const auto objects = fake_.objects();
    const auto found = objects.find("/bucket/p/" + key);
    return found == objects.end() ? "nothing" : found->second;
  }

  FakeS3 fake_;
  Meddler server_{[this](const sim::HttpRequest& request) { return fake_.handle(request); }};
  S3Parts parts_;
  std::unique_ptr<ObjectStore> store_ = parts_.store(server_.endpoint(), "s3://bucket/p");
};

TEST_F(S3Faults, ASmallObjectIsOnePutWithItsChecksums) {
  must_put(*store_, "a", "123456789");

  EXPECT_THAT(server_.requests(), ElementsAre("PUT /bucket/p/a?"));
  EXPECT_EQ(sim::header_value(fake_.headers_of("/bucket/p/a"), "x-amz-checksum-crc32"), "y/Q5Jg==");
}

TEST_F(S3Faults, ALargeObjectIsPartsAndNothingIsLeftOver) {
  const auto bytes = bytes_of(kThreeParts);

  EXPECT_EQ(put(*store_, "a", bytes), CommitResult::committed);

  EXPECT_TRUE(stored("a") == bytes);
  EXPECT_THAT(server_.requests("partNumber="), SizeIs(3));
  EXPECT_EQ(fake_.uploads(), 0U);
}

TEST_F(S3Faults, PartsAreAsLargeAsTheExpectedObjectNeeds) {
  parts_.options.parts = {.first = kSmallestPart, .largest = 2 * kSmallestPart};
  const auto store = parts_.store(server_.endpoint(), "s3://bucket/p");
  const auto bytes = bytes_of(kThreeParts);
  const auto write = [&](ByteCount expected) {
    const auto before = server_.requests("partNumber=").size();
    const auto writer = store->create("a", expected);
    writer->write(bytes);
    static_cast<void>(writer->commit(Precondition::none()));
    return server_.requests("partNumber=").size() - before;
  };

  EXPECT_EQ(write(bytes.size()), 3U);
  EXPECT_EQ(write(ByteCount{80} << 30), 2U);  // of 10 MiB, as 10,000 parts of 80 GiB are
  EXPECT_EQ(kind_of_error([&] { write(ByteCount{98} << 30); }), ErrorKind::invalid);
  const auto all = parts_.memory.acquire(parts_.memory.total(), {});
  EXPECT_EQ(write(bytes.size()), 3U);
  EXPECT_EQ(kind_of_error([&] { write(ByteCount{80} << 30); }), ErrorKind::transient);
}

TEST_F(S3Faults, WorkInOneBufferWhereThereIsNoMemoryForMore) {
  const auto all = parts_.memory.acquire(parts_.memory.total(), {});
  const auto bytes = bytes_of(kThreeParts);

  EXPECT_EQ(put(*store_, "a", bytes), CommitResult::committed);

  EXPECT_TRUE(stored("a") == bytes);
}

TEST_F(S3Faults, MemoryIsGivenBack) {
  must_put(*store_, "a", bytes_of(kThreeParts));

  EXPECT_TRUE(parts_.memory.try_acquire(parts_.memory.total()).has_value());
}

TEST_F(S3Faults, AStormOfSlowDownPasses) {
  server_.meddle("/bucket/", refuse(503, "SlowDown"), 5);

  EXPECT_EQ(put(*store_, "a", "1"), CommitResult::committed);

  EXPECT_EQ(stored("a"), "1");
  EXPECT_EQ(parts_.clock.slept, 5);
}

TEST_F(S3Faults, AStormThatDoesNotPassIsReportedWithTheAction) {
  server_.meddle("/bucket/", refuse(503, "SlowDown"), 100);
  const auto write = [&] { must_put(*store_, "a", "1"); };

  EXPECT_EQ(kind_of_error(write), ErrorKind::transient);
  EXPECT_THAT(message_of_error(write), HasSubstr("s3:PutObject on arn:aws:s3:::bucket/p/a"));
  EXPECT_THAT(message_of_error(write), HasSubstr("SlowDown"));
  EXPECT_THAT(message_of_error(write), HasSubstr("tried 8 times"));
}

TEST_F(S3Faults, WhatIsForbiddenIsNamedAndNotTriedAgain) {
  server_.meddle("PUT", refuse(403, "AccessDenied"));
  const auto write = [&] { must_put(*store_, "a", "1"); };

  const auto message = message_of_error(write);

  EXPECT_EQ(
      message,
      "s3:PutObject on arn:aws:s3:::bucket/p/a: AccessDenied (HTTP 403): as told. The credentials do not "
      "allow it.");
  EXPECT_THAT(server_.requests(), SizeIs(1));
}

TEST_F(S3Faults, EveryFaultOfAPartIsMendedByAnotherTry) {
  server_.meddle("partNumber=2", refuse(500, "InternalError"));
  server_.meddle("partNumber=3", refuse(400, "RequestTimeout"));
  server_.meddle("partNumber=1", cut());
  const auto bytes = bytes_of(kThreeParts);

  EXPECT_EQ(put(*store_, "a", bytes), CommitResult::committed);

  EXPECT_TRUE(stored("a") == bytes);
}

TEST_F(S3Faults, ADamagedPartIsRefusedAndSentAgain) {
  server_.meddle("partNumber=2", damage_body());
  const auto bytes = bytes_of(kThreeParts);

  EXPECT_EQ(put(*store_, "a", bytes), CommitResult::committed);

  EXPECT_TRUE(stored("a") == bytes);
  EXPECT_THAT(server_.requests("partNumber=2"), SizeIs(2));
}

TEST_F(S3Faults, AFailureTakesTheUploadBack) {
  server_.meddle("partNumber=2", refuse(403, "AccessDenied"), 100);

  EXPECT_THROW(must_put(*store_, "a", bytes_of(kThreeParts)), Error);

  EXPECT_EQ(fake_.uploads(), 0U);
  EXPECT_EQ(stored("a"), "nothing");
}

TEST_F(S3Faults, AnErrorInTheBodyOfASuccessIsNoSuccess) {
  server_.meddle("POST /bucket/p/a?uploadId", refuse(200, "InternalError"), 2);
  const auto bytes = bytes_of(kThreeParts);

  EXPECT_EQ(put(*store_, "a", bytes), CommitResult::committed);

  EXPECT_TRUE(stored("a") == bytes);
  EXPECT_THAT(server_.requests("POST /bucket/p/a?uploadId"), SizeIs(3));
}

TEST_F(S3Faults, AnErrorInTheBodyThatStaysIsTheResult) {
  server_.meddle("POST /bucket/p/a?uploadId", refuse(200, "AccessDenied"), 100);

  EXPECT_THROW(must_put(*store_, "a", bytes_of(kThreeParts)), Error);

  EXPECT_EQ(stored("a"), "nothing");
  EXPECT_EQ(fake_.uploads(), 0U);
}

TEST_F(S3Faults, AnAnswerToACompletionThatIsLostIsFoundOut) {
  server_.meddle("POST /bucket/p/a?uploadId", lose_answer());

  EXPECT_EQ(put(*store_, "a", bytes_of(kThreeParts), Precondition::absent()), CommitResult::committed);
}

TEST_F(S3Faults, AnAnswerToAPutThatIsLostIsFoundOut) {
  server_.meddle("PUT", lose_answer());

  EXPECT_EQ(put(*store_, "a", "mine", Precondition::absent()), CommitResult::committed);
  EXPECT_EQ(stored("a"), "mine");
}

TEST_F(S3Faults, AnotherOneWhoCameFirstIsNotTakenForALostAnswer) {
  server_.meddle("PUT", [](sim::HttpRequest request, const S3Backend& backend) {
    replace_body("theirs!")(std::move(request), backend);
    return sim::HttpResponse{.close_connection = true};
  });

  EXPECT_EQ(put(*store_, "a", "mine", Precondition::absent()), CommitResult::precondition_failed);
  EXPECT_EQ(stored("a"), "theirs!");
}

TEST_F(S3Faults, CredentialsThatExpiredAreRenewedOnce) {
  parts_.credentials.replace({test_credentials("old"), test_credentials("new")});
  server_.meddle("partNumber=2", refuse(400, "ExpiredToken"));
  const auto bytes = bytes_of(kThreeParts);

  EXPECT_EQ(put(*store_, "a", bytes), CommitResult::committed);

  EXPECT_TRUE(stored("a") == bytes);
  EXPECT_EQ(parts_.credentials.get({}).session_token.reveal(), "new");
  EXPECT_EQ(parts_.clock.slept, 0);
}

TEST_F(S3Faults, CredentialsThatStayExpiredAreTheResult) {
  server_.meddle("PUT", refuse(400, "ExpiredToken"), 2);

  EXPECT_EQ(kind_of_error([&] { must_put(*store_, "a", "1"); }), ErrorKind::unauthorized);
}

TEST_F(S3Faults, AClockThatIsWrongGoesByTheServers) {
  parts_.clock.offset = std::chrono::hours(3);
  std::vector<std::string> dates;
  const auto note = [&](const sim::HttpRequest& request, const S3Backend& backend) {
    dates.push_back(sim::header_value(request.headers, "x-amz-date").substr(0, 11));
    return backend(request);
  };
  server_.meddle("PUT", refuse(403, "RequestTimeTooSkewed", {{"Date", "Mon, 23 Nov 2026 18:45:01 GMT"}}));
  server_.meddle("PUT", note, 2);

  must_put(*store_, "a", "1");
  must_put(*store_, "b", "2");

  EXPECT_THAT(dates, ElementsAre("20261123T18", "20261123T18"));
}

TEST_F(S3Faults, AnotherRegionIsFollowedAndRemembered) {
  std::vector<std::string> scopes;
  const auto note = [&](const sim::HttpRequest& request, const S3Backend& backend) {
    scopes.push_back(sim::header_value(request.headers, "Authorization"));
    return backend(request);
  };
  server_.meddle("PUT", refuse(301, "PermanentRedirect", {{"x-amz-bucket-region", "eu-west-1"}}));
  server_.meddle("PUT", note, 2);

  must_put(*store_, "a", "1");
  must_put(*store_, "b", "2");

  ASSERT_THAT(scopes, SizeIs(2));
  for (const auto& scope : scopes) EXPECT_THAT(scope, HasSubstr("/eu-west-1/s3/"));
}

TEST_F(S3Faults, ARedirectToAStrangerIsNotFollowed) {
  server_.meddle("PUT", refuse(307, "TemporaryRedirect", {{"Location", server_.endpoint() + "/elsewhere"}}));

  EXPECT_EQ(kind_of_error([&] { must_put(*store_, "a", "1"); }), ErrorKind::invalid);

  EXPECT_THAT(server_.requests("elsewhere"), IsEmpty());
}

TEST_F(S3Faults, AReadGoesOnWhereTheConnectionBroke) {
  const auto bytes = bytes_of(300'000);
  must_put(*store_, "a", bytes);
  for (const std::size_t length : {0, 1, 100'000, 199'999}) {
    server_.meddle("GET", [length](const sim::HttpRequest& request, const S3Backend& backend) {
      auto response = backend(request);
      std::string body = response.stream ? response.stream() : response.body;
      response.headers.emplace_back("Content-Type", "application/octet-stream");
      response.stream = [part = body.substr(0, length), sent = false]() mutable {
        if (sent || part.empty()) throw sim::ConnectionCut();
        sent = true;
        return part;
      };
      return response;
    });
  }

  EXPECT_TRUE(get(*store_, "a") == bytes);

  EXPECT_THAT(server_.requests("GET"), SizeIs(5));
}

TEST_F(S3Faults, AnObjectThatChangesWhileItIsReadIsNotMixed) {
  must_put(*store_, "a", bytes_of(300'000));
  server_.meddle("GET", [this](const sim::HttpRequest& request, const S3Backend& backend) {
    auto response = backend(request);
    must_put(*parts_.store(server_.endpoint(), "s3://bucket/p"), "a", "another");
    response.stream = [sent = false]() mutable {
      if (sent) throw sim::ConnectionCut();
      sent = true;
      return std::string(1000, 'x');
    };
    return response;
  });

  EXPECT_EQ(kind_of_error([&] { get(*store_, "a"); }), ErrorKind::corrupt);
}

TEST_F(S3Faults, ARangeThatWasNotAskedForIsRefused) {
  must_put(*store_, "a", bytes_of(1000));
  server_.meddle("GET", [](sim::HttpRequest request, const S3Backend& backend) {
    std::erase_if(request.headers, [](const auto& header) { return header.first == "Range"; });
    auto response = backend(request);
    response.stream = sim::source_of(std::exchange(response.body, ""));
    return response;
  });
  StringSink content;

  EXPECT_THROW(store_->read("a", 500, 10, content, {}), Error);

  EXPECT_EQ(content.str(), "");
}

TEST_F(S3Faults, AListThatIsCutShortIsAskedForAgain) {
  must_put(*store_, "a", "1");
  server_.meddle("GET", [](const sim::HttpRequest&, const S3Backend&) {
    return sim::HttpResponse{.body = "<ListBucketResult><Contents><Key>"};
  });

  EXPECT_THAT(keys_of(*store_), ElementsAre("a"));
}

TEST_F(S3Faults, KeysOfOthersAreLeftOut) {
  must_put(*store_, "repos/x", "1");
  fake_.handle({.method = "PUT",
                .path = "/bucket/p/older tool/2024 backup.zip",
                .query = "",
                .headers = {{"x-amz-content-sha256", sha256_hex("zip")},
                            {"x-amz-checksum-crc32", checksum_value(crc32_of("zip"))}},
                .body = "zip"});

  EXPECT_THAT(keys_of(*store_), ElementsAre("repos/x"));
  EXPECT_EQ(stored("older tool/2024 backup.zip"), "zip");
}

class ForgetfulServer : public S3Faults, public ::testing::WithParamInterface<FakeS3::Conditions> {};

TEST_P(ForgetfulServer, IsFoundOutAndTheUserIsToldOnce) {
  fake_.conditions = GetParam();

  EXPECT_EQ(put(*store_, "a", "first", Precondition::absent()), CommitResult::committed);
  EXPECT_EQ(put(*store_, "a", "second", Precondition::absent()), CommitResult::precondition_failed);
  EXPECT_EQ(put(*store_, "b", "first", Precondition::absent()), CommitResult::committed);

  EXPECT_EQ(stored("a"), "first");
  EXPECT_THAT(parts_.notices, ElementsAre(HasSubstr("do not overlap")));
}

TEST_P(ForgetfulServer, StillReplacesOnlyTheVersionThatWasRead) {
  fake_.conditions = GetParam();
  must_put(*store_, "a", "first");
  const auto first = store_->read_versioned("a", {});

  EXPECT_EQ(put(*store_, "a", "second", Precondition::unchanged(first.version)), CommitResult::committed);
  EXPECT_EQ(put(*store_, "a", "third", Precondition::unchanged(first.version)),
            CommitResult::precondition_failed);

  EXPECT_EQ(stored("a"), "second");
  EXPECT_THAT(parts_.notices, SizeIs(1));
}

INSTANTIATE_TEST_SUITE_P(Conditions, ForgetfulServer,
                         ::testing::Values(FakeS3::Conditions::ignored, FakeS3::Conditions::refused));

TEST_F(S3Faults, AServerThatKeepsConditionsIsNotComplainedOf) {
  must_put(*store_, "a", "first", Precondition::absent());
  must_put(*store_, "a", "second", Precondition::unchanged(store_->read_versioned("a", {}).version));

  EXPECT_EQ(stored("a"), "second");
  EXPECT_THAT(parts_.notices, IsEmpty());
}

// It was relied on, and nobody has looked: what is there must not be written over for that.
TEST_F(S3Faults, AServerThatRefusesAConditionAllAtOnceOverwritesNothing) {
  must_put(*store_, "a", "first", Precondition::absent());
  const auto first = store_->read_versioned("a", {});
  must_put(*store_, "a", "second", Precondition::unchanged(first.version));

  server_.meddle("PUT /bucket/p/a?", refuse(501, "NotImplemented"), 2);
  EXPECT_EQ(put(*store_, "a", "third", Precondition::absent()), CommitResult::precondition_failed);
  server_.meddle("PUT /bucket/p/a?", refuse(501, "NotImplemented"), 2);
  EXPECT_EQ(put(*store_, "a", "third", Precondition::unchanged(first.version)),
            CommitResult::precondition_failed);

  EXPECT_EQ(stored("a"), "second");
}

// As several keep conditions at PutObject only.
TEST_F(S3Faults, AConditionThatIsRefusedAtTheEndOfAnUploadIsKeptElsewhere) {
  must_put(*store_, "a", "first", Precondition::absent());
  server_.meddle("POST /bucket/p/large?uploadId", refuse(501, "NotImplemented"), 2);

  EXPECT_EQ(put(*store_, "large", bytes_of(kThreeParts), Precondition::absent()), CommitResult::committed);

  EXPECT_THAT(parts_.notices, IsEmpty());
  EXPECT_EQ(put(*store_, "a", "second", Precondition::absent()), CommitResult::precondition_failed);
  EXPECT_THAT(server_.requests("HEAD /bucket/p/a?"), SizeIs(1));
}

TEST_F(S3Faults, TheStoresChecksumIsGivenBack) {
  must_put(*store_, "small", "123456789");
  const auto bytes = bytes_of(kThreeParts);
  must_put(*store_, "large", bytes);

  EXPECT_EQ(store_->find("small").value().crc32, 0xCBF43926U);
  EXPECT_EQ(store_->find("large").value().crc32, crc32_of(bytes));
}

TEST_F(S3Faults, WhatLiesInAnArchiveClassIsKnownAsColdAndReadAsSuch) {
  must_put(*store_, "a", "1");
  must_put(*store_, "b", "2");
  must_put(*store_, "c", "3");
  fake_.move_to_class("/bucket/p/a", "DEEP_ARCHIVE");
  fake_.move_to_class("/bucket/p/b", "INTELLIGENT_TIERING", "ARCHIVE_ACCESS");
  std::map<std::string, Access> listed;
  store_->list("", "",
               [&](const ObjectInfo& object) { return listed.emplace(object.key, object.access).second; });

  EXPECT_EQ(listed, (std::map<std::string, Access>{
                        {"a", Access::cold}, {"b", Access::at_once}, {"c", Access::at_once}}));
  EXPECT_EQ(store_->find("a").value().access, Access::cold);
  EXPECT_EQ(store_->find("b").value().access, Access::cold);
  EXPECT_EQ(store_->find("c").value().access, Access::at_once);
  EXPECT_EQ(kind_of_error([&] { get(*store_, "a"); }), ErrorKind::cold);
  EXPECT_THAT(message_of_error([&] { get(*store_, "b"); }),
              AllOf(HasSubstr("arn:aws:s3:::bucket/p/b"), HasSubstr("must be thawed first")));
}

TEST_F(S3Faults, ContentHasTheClassThatWasAskedForAndAllElseDoesNot) {
  parts_.options.storage_class = "STANDARD_IA";
  parts_.options.encryption = "aws:kms";
  parts_.options.kms_key_id = "key-1";
  parts_.options.is_content = [](const ObjectKey& key) { return key.ends_with(".bundle"); };
  const auto store = parts_.store(server_.endpoint(), "s3://bucket/p");

  must_put(*store, "a.bundle", bytes_of(kThreeParts));
  must_put(*store, "b", "1");

  const auto content = fake_.headers_of("/bucket/p/a.bundle");
  const auto other = fake_.headers_of("/bucket/p/b");
  EXPECT_EQ(sim::header_value(content, "x-amz-storage-class"), "STANDARD_IA");
  EXPECT_FALSE(sim::has_header(other, "x-amz-storage-class"));
  for (const auto& headers : {content, other}) {
    EXPECT_EQ(sim::header_value(headers, "x-amz-server-side-encryption"), "aws:kms");
    EXPECT_EQ(sim::header_value(headers, "x-amz-server-side-encryption-aws-kms-key-id"), "key-1");
  }
}

// Two pages that lead to each other: it would be asked for ever.
TEST_F(S3Faults, AListOfUploadsThatComesAgainHasAnEnd) {
  int page = 0;
  server_.meddle(
      "uploads",
      [&page](const sim::HttpRequest&, const S3Backend&) {
        return sim::HttpResponse{
            .status = 200,
            .headers = {},
            .body =
                fmt::format("<ListMultipartUploadsResult><IsTruncated>true</IsTruncated>"
                            "<NextKeyMarker>{0}</NextKeyMarker><NextUploadIdMarker>{0}</NextUploadIdMarker>"
                            "</ListMultipartUploadsResult>",
                            ++page % 2)};
      },
      100);
  std::vector<std::string> notices;

  clean_up(*store_, std::chrono::hours(24), [&](const std::string& text) { notices.push_back(text); });

  EXPECT_THAT(notices, ElementsAre(HasSubstr("the server's list does not end, or comes again and again")));
  EXPECT_THAT(server_.requests("uploads"), SizeIs(3));
}

}  // namespace
}  // namespace hubkeep
