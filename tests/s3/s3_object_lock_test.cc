// Objects that nobody can delete: as a server with AWS's rules has it, and as a real one keeps it.
#include <gmock/gmock.h>

#include "base/text.h"
#include "s3/fake_s3.h"
#include "s3/meddler.h"
#include "s3/radosgw.h"
#include "s3/s3_fixture.h"
#include "store/s3/s3_head.h"
#include "store/store_contract_test.h"

namespace hubkeep {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::size_t kThreeParts = std::size_t{12} << 20;  // of 5 MiB

ObjectLock lock_of(const std::string& mode, int days) {
  return {.mode = mode, .retention = std::chrono::days(days), .covers = [](const ObjectKey& key) {
            return key != "catalog";
          }};
}

class ObjectLocks : public ::testing::Test {
 protected:
  ObjectLocks() { fake_.has_object_lock = true; }

  std::unique_ptr<ObjectStore> store(const std::string& mode, int days) {
    parts_.options.lock = lock_of(mode, days);
    return parts_.store(server_.endpoint(), "s3://bucket/p");
  }
  UtcTime until(ObjectStore& store) { return store.lock_plan(parts_.clock.now()).value().until; }
  FakeS3::Lock locked(const std::string& key) { return fake_.lock_of("/bucket/p/" + key); }

  FakeS3 fake_;
  Meddler server_{[this](const sim::HttpRequest& request) { return fake_.handle(request); }};
  S3Parts parts_;
};

TEST_F(ObjectLocks, CoverSmallAndLargeObjectsButNotTheCatalog) {
  const auto store = this->store("GOVERNANCE", 30);

  must_put(*store, "small", "1");
  must_put(*store, "large", std::string(kThreeParts, 'x'));
  must_put(*store, "catalog", "1");

  EXPECT_EQ(locked("small"), (FakeS3::Lock{"GOVERNANCE", until(*store)}));
  EXPECT_EQ(locked("large"), (FakeS3::Lock{"GOVERNANCE", until(*store)}));
  EXPECT_EQ(locked("catalog"), FakeS3::Lock{});
}

TEST_F(ObjectLocks, AreExtendedByOneRequest) {
  const auto store = this->store("COMPLIANCE", 30);
  must_put(*store, "a", "1");
  const UtcTime later = until(*store) + std::chrono::days(3);

  store->extend_lock("a", later);

  EXPECT_EQ(locked("a"), (FakeS3::Lock{"COMPLIANCE", later}));
  EXPECT_THAT(server_.requests(), ElementsAre("PUT /bucket/p/a?", "PUT /bucket/p/a?retention="));
}

TEST_F(ObjectLocks, ThatHoldLongerStayAsTheyAre) {
  must_put(*store("COMPLIANCE", 300), "a", "1");
  const auto before = locked("a");
  const auto store = this->store("GOVERNANCE", 30);

  store->extend_lock("a", until(*store));

  EXPECT_EQ(locked("a"), before);
}

TEST_F(ObjectLocks, OfGovernanceStaySoAndTheUserIsToldOnce) {
  for (const char* key : {"a", "b"}) must_put(*store("GOVERNANCE", 30), key, "1");
  const auto store = this->store("COMPLIANCE", 300);

  for (const char* key : {"a", "b"}) {
    store->extend_lock(key, until(*store));
    store->extend_lock(key, until(*store));

    EXPECT_EQ(locked(key), (FakeS3::Lock{"GOVERNANCE", until(*store)}));
  }
  EXPECT_THAT(parts_.notices, ElementsAre(HasSubstr("in governance mode stays in it")));
}

TEST_F(ObjectLocks, ThatCannotBeMadeWeakerSaySo) {
  must_put(*store("COMPLIANCE", 30), "a", "1");
  const auto store = this->store("GOVERNANCE", 300);
  const auto extend = [&] { store->extend_lock("a", until(*store)); };

  EXPECT_EQ(kind_of_error(extend), ErrorKind::forbidden);
  EXPECT_THAT(message_of_error(extend),
              AllOf(HasSubstr("s3:PutObjectRetention on arn:aws:s3:::bucket/p/a"),
                    HasSubstr("it is locked until " + format_time(locked("a").until)),
                    HasSubstr("in the mode COMPLIANCE")));
}

TEST_F(ObjectLocks, NeedABucketThatWasMadeForThem) {
  fake_.has_object_lock = false;
  const auto store = this->store("GOVERNANCE", 30);
  for (const std::size_t size : {std::size_t{1}, kThreeParts}) {
    const auto write = [&] { must_put(*store, "a", std::string(size, 'x')); };

    EXPECT_EQ(kind_of_error(write), ErrorKind::invalid);
    EXPECT_THAT(message_of_error(write), AllOf(HasSubstr("s3:PutObject with s3:PutObjectRetention on"),
                                               HasSubstr("does the bucket have object lock")));
  }
  must_put(*store, "catalog", "1");
  EXPECT_THAT(message_of_error([&] { store->extend_lock("catalog", until(*store)); }),
              HasSubstr("does the bucket have object lock"));
}

TEST_F(ObjectLocks, OfAStoreWithoutThemAreNoPlan) {
  const auto store = parts_.store(server_.endpoint(), "s3://bucket/p");

  EXPECT_EQ(store->lock_plan(parts_.clock.now()), std::nullopt);
  EXPECT_EQ(kind_of_error([&] { store->extend_lock("a", parts_.clock.now()); }), ErrorKind::invalid);
}

class RealLocks : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!Radosgw::installed()) GTEST_SKIP() << "radosgw is not installed";
    client().send({.method = "PUT",
                   .headers = {{"x-amz-bucket-object-lock-enabled", "true"}},
                   .action = "s3:CreateBucket"},
                  {});
  }

  S3Client client() { return parts_.client(Radosgw::instance().endpoint(), bucket_); }
  std::unique_ptr<ObjectStore> store(const std::string& mode, int days) {
    parts_.options.lock = lock_of(mode, days);
    return parts_.store(Radosgw::instance().endpoint(), "s3://" + bucket_ + "/p");
  }
  S3Head head_of(const std::string& key) {
    auto client = this->client();
    return head_object(client, "p/" + key).value();
  }

  S3Parts parts_;
  const std::string bucket_ = "locks-" + random_hex(12);
};

TEST_F(RealLocks, AreKeptAndExtended) {
  const auto store = this->store("GOVERNANCE", 30);
  const UtcTime until = store->lock_plan(parts_.clock.now()).value().until;

  must_put(*store, "small", "1", Precondition::absent());
  must_put(*store, "large", std::string(kThreeParts, 'x'), Precondition::absent());
  must_put(*store, "catalog", "1", Precondition::absent());
  store->extend_lock("small", until + std::chrono::days(3));

  EXPECT_EQ(head_of("small").locked_until, until + std::chrono::days(3));
  EXPECT_EQ(head_of("large").locked_until, until);
  EXPECT_EQ(head_of("large").lock_mode, "GOVERNANCE");
  EXPECT_EQ(head_of("catalog").locked_until, std::nullopt);
}

TEST_F(RealLocks, OfGovernanceStaySo) {
  must_put(*store("GOVERNANCE", 30), "a", "1");
  const auto store = this->store("COMPLIANCE", 300);
  const UtcTime until = store->lock_plan(parts_.clock.now()).value().until;

  store->extend_lock("a", until);

  EXPECT_EQ(head_of("a").locked_until, until);
  EXPECT_EQ(head_of("a").lock_mode, "GOVERNANCE");
}

TEST_F(RealLocks, LeaveTheCatalogToBeReplaced) {
  const auto store = this->store("COMPLIANCE", 30);
  must_put(*store, "catalog", "1", Precondition::absent());
  const auto first = store->read_versioned("catalog", {});

  EXPECT_EQ(put(*store, "catalog", "2", Precondition::unchanged(first.version)), CommitResult::committed);
  EXPECT_EQ(put(*store, "catalog", "3", Precondition::unchanged(first.version)),
            CommitResult::precondition_failed);

  EXPECT_EQ(get(*store, "catalog"), "2");
  EXPECT_THAT(parts_.notices, ElementsAre(HasSubstr("see to it that runs into this vault do not overlap")));
}

TEST_F(RealLocks, ThatHoldLongerStayAsTheyAre) {
  must_put(*store("COMPLIANCE", 300), "a", "1");
  const auto before = head_of("a").locked_until;
  const auto store = this->store("COMPLIANCE", 30);

  store->extend_lock("a", store->lock_plan(parts_.clock.now()).value().until);

  EXPECT_EQ(head_of("a").locked_until, before);
}

TEST_F(RealLocks, NeedABucketThatWasMadeForThem) {
  auto client = parts_.client(Radosgw::instance().endpoint(), "un" + bucket_);
  client.send({.method = "PUT", .action = "s3:CreateBucket"}, {});
  parts_.options.lock = lock_of("GOVERNANCE", 30);
  const auto store = parts_.store(Radosgw::instance().endpoint(), "s3://un" + bucket_ + "/p");
  for (const std::size_t size : {std::size_t{1}, kThreeParts}) {
    EXPECT_THAT(message_of_error([&] { must_put(*store, "a", std::string(size, 'x')); }),
                HasSubstr("does the bucket have object lock"));
  }
}

}  // namespace
}  // namespace hubkeep
