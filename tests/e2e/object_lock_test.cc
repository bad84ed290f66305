// The whole program with its vault in a bucket of a real S3 server, where nobody may delete anything.
#include <gmock/gmock.h>

#include <map>

#include "e2e/bucket_vault.h"
#include "s3/meddler.h"
#include "store/s3/s3_head.h"
#include "store/s3/s3_lock.h"

namespace hubkeep {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::size_t kSomeParts = std::size_t{12} << 20;
const std::string kCatalog = "catalog.jsonl.zst";

class LockedVault : public BucketVault {
 protected:
  void SetUp() override {
    if (!Radosgw::installed()) GTEST_SKIP() << "radosgw is not installed";
    way_ = std::make_unique<Meddler>(forward_to(Radosgw::instance().endpoint()));
    client(bucket_).send({.method = "PUT",
                          .headers = {{"x-amz-bucket-object-lock-enabled", "true"}},
                          .action = "s3:CreateBucket"},
                         {});
  }

  S3Client client(const std::string& bucket) { return parts_.client(Radosgw::instance().endpoint(), bucket); }

  sim::RunResult locked_backup(const std::string& mode, const std::string& days) {
    return backup_to(way_->endpoint(), {"--object-lock", mode, "--retain-days", days});
  }

  std::map<std::string, S3Head> heads() {
    std::map<std::string, S3Head> heads;
    auto client = this->client(bucket_);
    parts_.store(Radosgw::instance().endpoint(), location())->list("", "", [&](const ObjectInfo& object) {
      heads.emplace(object.key, head_object(client, "vault/" + object.key).value());
      return true;
    });
    return heads;
  }

  /// The status of deleting the version of an object that is there now.
  int delete_version(const std::string& key) {
    auto client = this->client(bucket_);
    const auto head =
        client.send({.method = "HEAD", .key = "vault/" + key, .action = "s3:GetObjectVersion"}, {});
    return client
        .send({.method = "DELETE",
               .key = "vault/" + key,
               .query = {{"versionId", head.response.header("x-amz-version-id").value()}},
               .action = "s3:DeleteObjectVersion",
               .expected = {403}},
              {})
        .status();
  }

  std::vector<std::string> extensions() const { return way_->requests("?retention="); }

  std::unique_ptr<Meddler> way_;
};

TEST_F(LockedVault, LocksAWikiAsTheHistory) {
  const auto id = add_filled("site");
  world_.edit(id, [](sim::Repository& repository) { repository.has_wiki = true; });
  sim::make_repository_content(world_.add_wiki(id), 2, 3, 3);
  const UtcTime earliest = SystemClock().now() + std::chrono::days(30);

  const auto result =
      backup_to(way_->endpoint(), {"--with", "wiki", "--object-lock", "governance", "--retain-days", "30"});

  ASSERT_EQ(result.exit_code, 0) << result.err;
  int of_wiki = 0;
  for (const auto& [key, head] : heads()) {
    if (key.find("/wiki/") == std::string::npos) continue;
    ++of_wiki;
    EXPECT_EQ(head.lock_mode, "GOVERNANCE") << key;
    EXPECT_GE(head.locked_until, earliest) << key;
  }
  EXPECT_EQ(of_wiki, 3) << "bundle, refs, index";
}

TEST_F(LockedVault, GivesUpNothingButCatalogAndState) {
  const auto id = add_filled("site");
  push_file(id, random_bytes(kSomeParts, 1));
  const UtcTime earliest = SystemClock().now() + std::chrono::days(30);

  const auto result = locked_backup("governance", "30");

  ASSERT_EQ(result.exit_code, 0) << result.err;
  for (const auto& [key, head] : heads()) {
    if (key == kCatalog || key.starts_with("state/")) {
      EXPECT_EQ(head.locked_until, std::nullopt);
      EXPECT_EQ(delete_version(key), 204);
    } else {
      EXPECT_EQ(head.lock_mode, "GOVERNANCE") << key;
      EXPECT_GE(head.locked_until, earliest) << key;
      EXPECT_EQ(delete_version(key), 403) << key;
    }
  }
  EXPECT_EQ(restore_from(way_->endpoint(), "octo/site").exit_code, 0);
  EXPECT_EQ(state_of(restored_folder()), state_of(path_of(id)));
}

TEST_F(LockedVault, IsExtendedWhereHalfOfTheTimeIsOver) {
  const auto id = add_filled("site");
  ASSERT_EQ(locked_backup("governance", "30").exit_code, 0);
  const auto first = heads();
  ASSERT_EQ(locked_backup("governance", "30").exit_code, 0);
  ASSERT_THAT(extensions(), IsEmpty());

  const auto longer = locked_backup("governance", "365");
  const auto second = heads();

  EXPECT_THAT(longer.out, HasSubstr("0 saved, 1 unchanged, 0 failed"));
  EXPECT_THAT(extensions(), SizeIs(4));
  for (const auto& [key, head] : first) {
    if (key.starts_with("repos/")) {
      EXPECT_GT(second.at(key).locked_until.value(), head.locked_until.value() + std::chrono::days(300))
          << key;
    }
  }
  push_file(id, "changed");
  EXPECT_THAT(locked_backup("governance", "365").out, HasSubstr("1 saved"));
  EXPECT_THAT(extensions(), SizeIs(4));  // of the same period: nothing to do
}

TEST_F(LockedVault, SaysThatTheSnapshotIsSavedWhereALockCannotBeExtended) {
  const auto id = add_filled("site");
  ASSERT_EQ(locked_backup("compliance", "30").exit_code, 0);
  push_file(id, "changed");

  const auto weaker = locked_backup("governance", "365");
  const auto again = locked_backup("compliance", "365");  // which leaves to governance what is in it

  EXPECT_EQ(weaker.exit_code, 3);
  EXPECT_THAT(weaker.err, AllOf(HasSubstr("octo/site: failed: its newest snapshot is saved, but not all"),
                                HasSubstr("s3:PutObjectRetention"), HasSubstr("in the mode COMPLIANCE")));
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_THAT(again.out, HasSubstr("0 saved, 1 unchanged"));
  EXPECT_EQ(restore_from(way_->endpoint(), "octo/site").exit_code, 0);
  EXPECT_EQ(state_of(restored_folder()), state_of(path_of(id)));
}

TEST_F(LockedVault, NeedsABucketWithObjectLock) {
  add_filled("site");
  client("un" + bucket_).send({.method = "PUT", .action = "s3:CreateBucket"}, {});

  const auto result = hubkeep({"backup", "--api-url", github_.api_url(), "--to", "s3://un" + bucket_,
                               "--object-lock", "governance", "--retain-days", "30"},
                              environment(way_->endpoint()));

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err,
              HasSubstr("does the bucket have object lock, which is switched on when it is made?"));
}

TEST_F(LockedVault, IsNoFolder) {
  const auto result = backup({"--object-lock", "governance", "--retain-days", "30"});

  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("--object-lock needs a vault in a bucket: --to s3://BUCKET/PREFIX"));
}

}  // namespace
}  // namespace hubkeep
