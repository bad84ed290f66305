// What the gate before moto refuses, as AWS does, and that the store sends it again, or does not need to.
#include <gmock/gmock.h>

#include "base/crc32.h"
#include "base/text.h"
#include "s3/meddler.h"
#include "s3/moto.h"
#include "s3/s3_fixture.h"
#include "store/s3/s3_context.h"
#include "store/s3/s3_xml.h"
#include "store/store_contract_test.h"

namespace hubkeep {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::SizeIs;

const std::string kTwoParts(std::size_t{12} << 20, 'x');

/// A damage that only a checksum can find.
S3Fault damage_unsigned_body() {
  return [](sim::HttpRequest request, const S3Backend& backend) {
    request.headers.emplace_back("Payload-Hash", "ignore");
    return damage_body()(std::move(request), backend);
  };
}

class MotoGate : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!Moto::installed()) GTEST_SKIP() << "python3 has no moto";
    way_ = std::make_unique<Meddler>(forward_to(Moto::instance().endpoint()));
    client().send({.method = "PUT", .action = "s3:CreateBucket"}, {});
    store_ = parts_.store(way_->endpoint(), "s3://" + bucket_ + "/p");
  }

  S3Client client() { return parts_.client(way_->endpoint(), bucket_); }

  /// What `fault` does; what the server says to it is noted.
  S3Fault noted(S3Fault fault) {
    return [this, fault = std::move(fault)](sim::HttpRequest request, const S3Backend& backend) {
      auto answer = fault(std::move(request), backend);
      refusals_.push_back(answer.body);
      return answer;
    };
  }

  /// What is said to a request that must be refused.
  std::string refusal_of(S3Request request) {
    return message_of_error([&] { client().send(std::move(request), {}); });
  }

  Headers head(const std::string& key) {
    return client()
        .send({.method = "HEAD",
               .key = key,
               .headers = {{"x-amz-checksum-mode", "ENABLED"}},
               .action = "s3:GetObject"},
              {})
        .response.headers;
  }

  S3Parts parts_;
  const std::string bucket_ = "gate-" + random_hex(12);
  std::unique_ptr<Meddler> way_;
  std::unique_ptr<ObjectStore> store_;
  std::vector<std::string> refusals_;  // of one noted request after the other
};

TEST_F(MotoGate, FindsADamagedPartByItsChecksumAndGetsItAgain) {
  way_->meddle("partNumber=2", noted(damage_unsigned_body()));

  EXPECT_EQ(put(*store_, "a", kTwoParts, Precondition::absent()), CommitResult::committed);

  EXPECT_THAT(refusals_, SizeIs(1));
  EXPECT_THAT(refusals_, Each(AllOf(HasSubstr("BadDigest"), HasSubstr("CRC32"))));
  EXPECT_TRUE(get(*store_, "a") == kTwoParts);
}

TEST_F(MotoGate, FindsADamagedObjectByItsChecksumAndGetsItAgain) {
  way_->meddle("PUT /" + bucket_ + "/p/a", noted(damage_unsigned_body()));

  EXPECT_EQ(put(*store_, "a", "some bytes", Precondition::absent()), CommitResult::committed);

  EXPECT_THAT(refusals_, SizeIs(1));
  EXPECT_THAT(refusals_, Each(AllOf(HasSubstr("BadDigest"), HasSubstr("CRC32"))));
  EXPECT_EQ(get(*store_, "a"), "some bytes");
}

TEST_F(MotoGate, FindsADamagedBodyByItsSignedHash) {
  way_->meddle("PUT /" + bucket_ + "/p/a", noted(damage_body()));

  EXPECT_EQ(put(*store_, "a", "some bytes"), CommitResult::committed);

  EXPECT_THAT(refusals_, SizeIs(1));
  EXPECT_THAT(refusals_, Each(HasSubstr("XAmzContentSHA256Mismatch")));
  EXPECT_EQ(get(*store_, "a"), "some bytes");
}

TEST_F(MotoGate, NeverKeepsWhatIsAlwaysDamaged) {
  way_->meddle("partNumber=2", noted(damage_unsigned_body()), 100);
  way_->meddle("PUT /" + bucket_ + "/p/small", noted(damage_unsigned_body()), 100);

  EXPECT_EQ(kind_of_error([&] { must_put(*store_, "a", kTwoParts); }), ErrorKind::transient);
  EXPECT_EQ(kind_of_error([&] { must_put(*store_, "small", "1"); }), ErrorKind::transient);

  EXPECT_THAT(refusals_, Each(HasSubstr("BadDigest")));
  EXPECT_EQ(store_->find("a"), std::nullopt);
  EXPECT_EQ(store_->find("small"), std::nullopt);
  EXPECT_EQ(store_->remove_stale(std::chrono::seconds(0)).removed, 0);
}

TEST_F(MotoGate, KeepsTheChecksumOfTheWhole) {
  for (const std::string& bytes : {std::string("some bytes"), kTwoParts}) {
    must_put(*store_, "a", bytes);

    EXPECT_THAT(head("p/a"), IsSupersetOf(Headers{{"x-amz-checksum-crc32", checksum_value(crc32_of(bytes))},
                                                  {"x-amz-checksum-type", "FULL_OBJECT"}}));
  }
}

TEST_F(MotoGate, RefusesAWholeWithAnotherChecksumOrSize) {
  const std::string right = checksum_value(crc32_of("part"));
  const std::string wrong = checksum_value(crc32_of("other"));
  const auto begun = client().send(
      {.method = "POST",
       .key = "a",
       .query = {{"uploads", ""}},
       .headers = {{"x-amz-checksum-algorithm", "CRC32"}, {"x-amz-checksum-type", "FULL_OBJECT"}},
       .action = "s3:PutObject"},
      {});
  const std::string id = parse_upload_id(begun.response.body);
  const auto sent = client().send({.method = "PUT",
                                   .key = "a",
                                   .query = {{"partNumber", "1"}, {"uploadId", id}},
                                   .body = "part",
                                   .action = "s3:PutObject"},
                                  {});
  const auto completion = [&](const std::string& part, const std::string& whole, const std::string& size) {
    return S3Request{.method = "POST",
                     .key = "a",
                     .query = {{"uploadId", id}},
                     .headers = {{"x-amz-checksum-crc32", whole},
                                 {"x-amz-checksum-type", "FULL_OBJECT"},
                                 {"x-amz-mp-object-size", size}},
                     .body = completion_body(
                         {{.number = 1, .etag = sent.response.header("ETag").value_or(""), .crc32 = part}}),
                     .action = "s3:PutObject"};
  };

  EXPECT_THAT(refusal_of(completion(wrong, right, "4")), HasSubstr("InvalidPart"));
  EXPECT_THAT(refusal_of(completion(right, wrong, "4")), HasSubstr("BadDigest"));
  EXPECT_THAT(refusal_of(completion(right, right, "5")), HasSubstr("InvalidRequest"));
  EXPECT_EQ(client().send(completion(right, right, "4"), {}).status(), 200);
}

TEST_F(MotoGate, RefusesKeysThatAreNotItsOwn) {
  const S3Request list{.action = "s3:ListBucket"};
  const auto refusal_with = [&](const char* id, const char* secret) {
    parts_.credentials.replace({{.access_key_id = id,
                                 .secret_access_key = Secret(secret, "test"),
                                 .session_token = Secret("", "test"),
                                 .expires_at = {}}});
    return refusal_of(list);
  };
  const Credentials right = test_credentials();

  EXPECT_THAT(refusal_with("NOBODY", right.secret_access_key.reveal().c_str()),
              HasSubstr("InvalidAccessKeyId"));
  EXPECT_THAT(refusal_with(right.access_key_id.c_str(), "wrong"), HasSubstr("SignatureDoesNotMatch"));
}

TEST_F(MotoGate, RefusesHeadersThatWereNotSigned) {
  way_->meddle("PUT /" + bucket_ + "/a", [](sim::HttpRequest request, const S3Backend& backend) {
    request.headers.emplace_back("x-amz-acl", "public-read");
    return backend(request);
  });

  EXPECT_THAT(refusal_of({.method = "PUT", .key = "a", .body = "1", .action = "s3:PutObject"}),
              HasSubstr("AccessDenied"));
}

TEST_F(MotoGate, IsAskedAgainWithItsOwnTime) {
  parts_.clock.offset = std::chrono::hours(2);

  EXPECT_EQ(put(*store_, "a", "1"), CommitResult::committed);
  EXPECT_THAT(way_->requests("PUT /" + bucket_ + "/p/a"), SizeIs(2));
}

TEST_F(MotoGate, IsAskedAgainInItsOwnRegion) {
  S3Client elsewhere(*parts_.http, parts_.credentials, parts_.clock,
                     {.endpoint = Url::parse(way_->endpoint()), .region = "eu-central-1", .bucket = bucket_},
                     parts_.observer(), {});

  elsewhere.send({.method = "PUT", .key = "a", .body = "1", .action = "s3:PutObject"}, {});

  EXPECT_EQ(elsewhere.address().region, Moto::kRegion);
}

TEST_F(MotoGate, TakesWhatIsLockedWithAChecksumOnly) {
  S3Client locked = parts_.client(way_->endpoint(), bucket_ + "-locked");
  locked.send({.method = "PUT",
               .headers = {{"x-amz-bucket-object-lock-enabled", "true"}},
               .action = "s3:CreateBucket"},
              {});
  const Headers lock = {{"x-amz-object-lock-mode", "GOVERNANCE"},
                        {"x-amz-object-lock-retain-until-date", "2099-01-01T00:00:00Z"}};
  const auto begun = locked.send(
      {.method = "POST", .key = "a", .query = {{"uploads", ""}}, .headers = lock, .action = "s3:PutObject"},
      {});
  S3Request object{.method = "PUT", .key = "a", .headers = lock, .body = "1", .action = "s3:PutObject"};
  S3Request part{.method = "PUT",
                 .key = "a",
                 .query = {{"partNumber", "1"}, {"uploadId", parse_upload_id(begun.response.body)}},
                 .body = "1",
                 .action = "s3:PutObject"};

  for (S3Request* request : {&object, &part}) {
    EXPECT_THAT(message_of_error([&] { locked.send(*request, {}); }), HasSubstr("InvalidRequest"));
    request->headers.emplace_back("x-amz-checksum-crc32", checksum_value(crc32_of("1")));
    EXPECT_EQ(locked.send(*request, {}).status(), 200);
  }
}

TEST_F(MotoGate, ToldACompletionTwiceSaysWhetherItWorked) {
  way_->meddle("POST /" + bucket_ + "/p/a?uploadId", lose_answer());

  EXPECT_EQ(put(*store_, "a", kTwoParts, Precondition::absent()), CommitResult::committed);
}

}  // namespace
}  // namespace hubkeep
