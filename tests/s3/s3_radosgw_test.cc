// Faults on the way to a real server: what it accepts and refuses is its own doing.
#include <gmock/gmock.h>

#include "base/text.h"
#include "s3/meddler.h"
#include "s3/radosgw.h"
#include "s3/s3_fixture.h"
#include "store/store_contract_test.h"

namespace hubkeep {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class RealServer : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!Radosgw::installed()) GTEST_SKIP() << "radosgw is not installed";
    way_ = std::make_unique<Meddler>(forward_to(Radosgw::instance().endpoint()));
    parts_.client(way_->endpoint(), bucket_).send({.method = "PUT", .action = "s3:CreateBucket"}, {});
    store_ = parts_.store(way_->endpoint(), "s3://" + bucket_ + "/p");
  }

  /// Damages the body, and notes what the server says to it.
  S3Fault damage() {
    return [this](const sim::HttpRequest& request, const S3Backend& backend) {
      auto answer = damage_body()(request, backend);
      refusals_.push_back(answer.body);
      return answer;
    };
  }

  S3Parts parts_;
  const std::string bucket_ = "faults-" + random_hex(12);
  std::unique_ptr<Meddler> way_;
  std::unique_ptr<ObjectStore> store_;
  std::vector<std::string> refusals_;  // of one damaged request after the other
};

TEST_F(RealServer, RefusesADamagedPartAndGetsItAgain) {
  const std::string bytes(std::size_t{12} << 20, 'x');
  way_->meddle("partNumber=2", damage());

  EXPECT_EQ(put(*store_, "a", bytes), CommitResult::committed);

  EXPECT_THAT(refusals_, SizeIs(1));
  EXPECT_THAT(refusals_, Each(HasSubstr("XAmzContentSHA256Mismatch")));
  EXPECT_TRUE(get(*store_, "a") == bytes);
}

TEST_F(RealServer, NeverKeepsWhatIsAlwaysDamaged) {
  way_->meddle("partNumber=2", damage(), 100);
  way_->meddle("PUT /" + bucket_ + "/p/small", damage(), 100);

  EXPECT_EQ(kind_of_error([&] { must_put(*store_, "a", std::string(std::size_t{12} << 20, 'x')); }),
            ErrorKind::transient);
  EXPECT_EQ(kind_of_error([&] { must_put(*store_, "small", "1"); }), ErrorKind::transient);

  EXPECT_EQ(store_->find("a"), std::nullopt);
  EXPECT_EQ(store_->find("small"), std::nullopt);
  EXPECT_EQ(store_->remove_stale(std::chrono::seconds(0)).removed, 0);
}

TEST_F(RealServer, KeepsTheUnfinishedUploadsOfOthers) {
  parts_.options.is_ours = [](const std::string& key) { return key.starts_with("ours/"); };
  const auto store = parts_.store(way_->endpoint(), "s3://" + bucket_ + "/p");
  const auto ours = store->create("ours/a");
  const auto theirs = store->create("theirs/a");
  for (auto* writer : {ours.get(), theirs.get()}) writer->write(std::string(std::size_t{12} << 20, 'x'));

  EXPECT_EQ(store->remove_stale(std::chrono::seconds(0)).removed, 1);

  EXPECT_EQ(theirs->commit(Precondition::absent()), CommitResult::committed);
}

TEST_F(RealServer, ToldACompletionTwiceSaysWhetherItWorked) {
  way_->meddle("POST /" + bucket_ + "/p/a?uploadId", lose_answer());

  EXPECT_EQ(put(*store_, "a", std::string(std::size_t{12} << 20, 'x'), Precondition::absent()),
            CommitResult::committed);
}

TEST_F(RealServer, KeepsConditionsInItsOwnWay) {
  must_put(*store_, "a", "first", Precondition::absent());
  const auto first = store_->read_versioned("a", {});

  EXPECT_EQ(put(*store_, "a", "second", Precondition::unchanged(first.version)), CommitResult::committed);

  EXPECT_THAT(parts_.notices, SizeIs(0));
}

TEST_F(RealServer, EncryptsWithTheKeyThatIsNamed) {
  parts_.options.encryption = "aws:kms";
  parts_.options.kms_key_id = "test-key";
  const auto store = parts_.store(way_->endpoint(), "s3://" + bucket_ + "/p");

  for (const std::size_t size : {std::size_t{1000}, std::size_t{12} << 20}) {
    EXPECT_EQ(put(*store, "a", std::string(size, 'x')), CommitResult::committed);

    const auto head = parts_.client(way_->endpoint(), bucket_)
                          .send({.method = "HEAD", .key = "p/a", .action = "s3:GetObject"}, {});
    EXPECT_EQ(head.response.header("x-amz-server-side-encryption"), "aws:kms");
    EXPECT_EQ(get(*store, "a"), std::string(size, 'x'));
  }
}

TEST_F(RealServer, ListsMoreThanAPage) {
  constexpr int kMoreThanAPage = 1001;
  for (int i = 0; i < kMoreThanAPage; ++i) must_put(*store_, "k/" + std::to_string(i), "");

  EXPECT_THAT(keys_of(*store_, "k/"), SizeIs(kMoreThanAPage));
  EXPECT_THAT(children_of(*store_, "k/"), SizeIs(kMoreThanAPage));
}

}  // namespace
}  // namespace hubkeep
