// Removing many objects from a bucket: how many requests it takes, and what becomes of each key.
#include <gmock/gmock.h>

#include "base/text.h"
#include "s3/fake_s3.h"
#include "s3/meddler.h"
#include "s3/radosgw.h"
#include "s3/s3_fixture.h"
#include "store/store_contract_test.h"

namespace hubkeep {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Optional;
using ::testing::Property;
using ::testing::SizeIs;

const std::string kMany = "POST /bucket?delete=";

std::vector<ObjectKey> numbered(int count) {
  std::vector<ObjectKey> keys;
  for (int i = 0; i < count; ++i) keys.push_back("k/" + std::to_string(i));
  return keys;
}

auto is_error(ErrorKind kind) {
  return Optional(Property(&Error::kind, kind));
}

const auto kRemoved = Eq(std::nullopt);

class S3Remove : public ::testing::Test {
 protected:
  S3Remove() {
    parts_.options.retries.max_attempts = 3;
    store_ = parts_.store(server_.endpoint(), "s3://bucket/p");
  }
  void add(const std::vector<ObjectKey>& keys) {
    for (const auto& key : keys) fake_.add("/bucket/p/" + key, "1");
  }
  void refuse_to_delete(const ObjectKey& key, const std::string& code) {
    fake_.undeletable["/bucket/p/" + key] = code;
  }
  /// After so many answers it is gone, as the fault of a moment is.
  void refuse_once(const ObjectKey& key, const std::string& code) {
    server_.meddle(kMany, [this, key, code](const sim::HttpRequest& request, const S3Backend& backend) {
      refuse_to_delete(key, code);
      auto answer = backend(request);
      fake_.undeletable.clear();
      return answer;
    });
  }

  FakeS3 fake_;
  Meddler server_{[this](const sim::HttpRequest& request) {
    bodies_.push_back(request.body);
    return fake_.handle(request);
  }};
  S3Parts parts_;
  std::vector<std::string> bodies_;
  std::unique_ptr<ObjectStore> store_;
};

TEST_F(S3Remove, TakesOneRequestForAThousandKeys) {
  const auto keys = numbered(2500);
  add(keys);

  const auto results = store_->remove(keys, {});

  EXPECT_THAT(results, AllOf(SizeIs(2500), Each(kRemoved)));
  EXPECT_THAT(server_.requests(), ElementsAre(kMany, kMany, kMany));
  EXPECT_THAT(fake_.objects(), IsEmpty());
}

TEST_F(S3Remove, OfOneKeyIsASimpleDelete) {
  add({"a"});

  store_->remove("a");

  EXPECT_THAT(server_.requests(), ElementsAre("DELETE /bucket/p/a?"));
  EXPECT_THAT(fake_.objects(), IsEmpty());
}

TEST_F(S3Remove, SaysWhichKeyIsLocked) {
  add({"a", "b", "c"});
  refuse_to_delete("b", "AccessDenied");

  const auto results = store_->remove(std::vector<ObjectKey>{"a", "b", "c"}, {});

  EXPECT_THAT(results, ElementsAre(kRemoved, is_error(ErrorKind::forbidden), kRemoved));
  EXPECT_THAT(results[1]->message(),
              AllOf(HasSubstr("s3:DeleteObject on arn:aws:s3:::bucket/p/b"), HasSubstr("AccessDenied")));
  EXPECT_THAT(server_.requests(), ElementsAre(kMany));
}

TEST_F(S3Remove, CallsAKeyThatIsNotThereRemoved) {
  add({"a"});
  refuse_to_delete("b", "NoSuchKey");

  EXPECT_THAT(store_->remove(std::vector<ObjectKey>{"a", "b"}, {}), ElementsAre(kRemoved, kRemoved));
}

TEST_F(S3Remove, AsksAgainForWhatFailedForAMomentAlone) {
  add({"a", "b", "c"});
  refuse_once("b", "InternalError");

  EXPECT_THAT(store_->remove(std::vector<ObjectKey>{"a", "b", "c"}, {}), Each(kRemoved));

  ASSERT_THAT(bodies_, SizeIs(2));
  EXPECT_THAT(bodies_[1], AllOf(HasSubstr("<Key>p/b</Key>"), Not(HasSubstr("<Key>p/a</Key>"))));
  EXPECT_EQ(parts_.clock.slept, 1);
  EXPECT_THAT(fake_.objects(), IsEmpty());
}

TEST_F(S3Remove, GivesUpOnAKeyThatAlwaysFailsAndGoesOnWithTheOthers) {
  const auto keys = numbered(1002);
  add(keys);
  refuse_to_delete("k/7", "InternalError");

  const auto results = store_->remove(keys, {});

  for (std::size_t i = 0; i < keys.size(); ++i)
    EXPECT_EQ(results[i].has_value(), keys[i] == "k/7") << keys[i];
  EXPECT_THAT(results[7], is_error(ErrorKind::transient));
  EXPECT_TRUE(results[7]->is_final());
  EXPECT_THAT(results[7]->message(), HasSubstr("tried 3 times"));
  EXPECT_THAT(server_.requests(), SizeIs(4));  // three for the first thousand
}

TEST_F(S3Remove, BelievesNothingOfAKeyThatTheAnswerLeavesOut) {
  add({"a", "b"});
  server_.meddle(
      kMany,
      [](const sim::HttpRequest&, const S3Backend&) {
        return sim::HttpResponse{.status = 200,
                                 .body =
                                     "<DeleteResult><Deleted><Key>p/a</Key></Deleted>"
                                     "<Deleted><Key>p/other</Key></Deleted></DeleteResult>"};
      },
      1000);

  const auto results = store_->remove(std::vector<ObjectKey>{"a", "b"}, {});

  EXPECT_THAT(results, ElementsAre(kRemoved, is_error(ErrorKind::transient)));
  EXPECT_THAT(results[1]->message(), HasSubstr("says nothing of p/b"));
}

TEST_F(S3Remove, EndsWhereTheWholeRequestFails) {
  const auto keys = numbered(3001);
  server_.meddle(kMany, refuse(403, "AccessDenied"));

  const auto results = store_->remove(keys, {});

  EXPECT_THAT(results, AllOf(SizeIs(keys.size()), Each(is_error(ErrorKind::forbidden))));
  EXPECT_THAT(server_.requests(), SizeIs(1));
}

TEST_F(S3Remove, KeepsWhatIsKnownWhereALaterRequestFails) {
  const auto keys = numbered(1500);
  add(keys);
  refuse_to_delete("k/3", "AccessDenied");
  int asked = 0;
  server_.meddle(
      kMany,
      [&asked](const sim::HttpRequest& request, const S3Backend& backend) {
        return ++asked == 1 ? backend(request) : s3_error(500, "InternalError");
      },
      1000);

  const auto results = store_->remove(keys, {});

  EXPECT_THAT(results[0], kRemoved);
  EXPECT_THAT(results[3], is_error(ErrorKind::forbidden));
  EXPECT_THAT(results[1000], is_error(ErrorKind::transient));
  EXPECT_THAT(results[1499], is_error(ErrorKind::transient));
}

TEST_F(S3Remove, DeletesOneByOneWhereTheServerKnowsNothingElseAndRemembersIt) {
  for (const int status : {405, 501}) {
    SCOPED_TRACE(status);
    fake_.refuses_deletions_with = status;
    const auto store = parts_.store(server_.endpoint(), "s3://bucket/p");
    const auto before = server_.requests(kMany).size();
    add({"a", "b", "c", "d"});

    EXPECT_THAT(store->remove(std::vector<ObjectKey>{"a", "b"}, {}), Each(kRemoved));
    EXPECT_THAT(store->remove(std::vector<ObjectKey>{"c", "d"}, {}), Each(kRemoved));

    EXPECT_EQ(server_.requests(kMany).size(), before + 1);
    EXPECT_THAT(fake_.objects(), IsEmpty());
  }
}

TEST_F(S3Remove, OneByOneSaysWhichKeyIsLockedToo) {
  fake_.refuses_deletions_with = 501;
  add({"a", "b", "c"});
  server_.meddle("DELETE /bucket/p/b?", refuse(403, "AccessDenied"));

  EXPECT_THAT(store_->remove(std::vector<ObjectKey>{"a", "b", "c"}, {}),
              ElementsAre(kRemoved, is_error(ErrorKind::forbidden), kRemoved));
}

TEST_F(S3Remove, OneByOneEndsWhereTheServerIsGone) {
  fake_.refuses_deletions_with = 501;
  server_.meddle("DELETE", refuse(503, "ServiceUnavailable"), 1000);

  const auto results = store_->remove(numbered(500), {});

  EXPECT_THAT(results, AllOf(SizeIs(500), Each(is_error(ErrorKind::transient))));
  EXPECT_THAT(server_.requests("DELETE"), SizeIs(3));
}

// A lock is on a version: to hide the object is allowed, and its version stays.
TEST(S3RemoveOnARealServer, HidesALockedObjectAndKeepsItsVersion) {
  if (!Radosgw::installed()) GTEST_SKIP() << "radosgw is not installed";
  S3Parts parts;
  const std::string bucket = "locked-" + random_hex(12);
  const std::string endpoint = Radosgw::instance().endpoint();
  S3Client client = parts.client(endpoint, bucket);
  client.send({.method = "PUT",
               .headers = {{"x-amz-bucket-object-lock-enabled", "true"}},
               .action = "s3:CreateBucket"},
              {});
  parts.options.lock = {.mode = "COMPLIANCE",
                        .retention = std::chrono::days(1),
                        .covers = [](const ObjectKey&) { return true; }};
  const auto store = parts.store(endpoint, "s3://" + bucket + "/p");
  for (const auto* key : {"a", "b"}) must_put(*store, key, "1");

  EXPECT_THAT(store->remove(std::vector<ObjectKey>{"a", "b"}, {}), Each(kRemoved));

  EXPECT_THAT(keys_of(*store), IsEmpty());
  const auto versions = client.send({.query = {{"versions", ""}}, .action = "s3:ListBucketVersions"}, {});
  EXPECT_THAT(versions.response.body, AllOf(HasSubstr("<DeleteMarker>"), HasSubstr("<Version>")));
}

}  // namespace
}  // namespace hubkeep
