// The whole program with its vault in a bucket of a real S3 server.
#include <gmock/gmock.h>

#include <fcntl.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "base/text.h"
#include "e2e/end_to_end.h"
#include "e2e/torture.h"
#include "s3/radosgw.h"
#include "s3/s3_fixture.h"
#include "store/s3/s3_xml.h"

namespace hubkeep {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::SizeIs;

constexpr std::size_t kSomeParts = std::size_t{10} << 20;

class S3Vault : public EndToEnd {
 protected:
  void SetUp() override {
    if (!Radosgw::installed()) GTEST_SKIP() << "radosgw is not installed";
    client().send({.method = "PUT", .action = "s3:CreateBucket"}, {});
  }

  std::string location() const { return "s3://" + bucket_ + "/vaults/mine"; }

  sim::Environment environment() {
    return {{"TOKEN_GITHUB", token_},
            {"AWS_ACCESS_KEY_ID", Radosgw::kAccessKey},
            {"AWS_SECRET_ACCESS_KEY", Radosgw::kSecretKey},
            {"AWS_ENDPOINT_URL_S3", Radosgw::instance().endpoint()},
            {"AWS_EC2_METADATA_DISABLED", "true"},
            {"HOME", scratch_.path().string()}};
  }

  sim::RunResult backup_to_s3(std::vector<std::string> arguments = {}) {
    arguments.insert(arguments.begin(), {"backup", "--api-url", github_.api_url(), "--to", location()});
    return hubkeep(std::move(arguments), environment());
  }

  sim::RunResult verify_in_s3(std::vector<std::string> arguments = {}) {
    arguments.insert(arguments.begin(), {"verify", "--from", location()});
    return hubkeep(std::move(arguments), environment());
  }

  std::vector<std::string> snapshots_in_s3(const std::string& name) {
    const auto result = hubkeep({"list", name, "--json", "--from", location()}, environment());
    std::vector<std::string> ids;
    const auto json = nlohmann::json::parse(result.out);
    for (const auto& snapshot : json.at("snapshots")) ids.push_back(snapshot.at("snapshot"));
    return ids;
  }

  std::filesystem::path restore_from_s3(const std::string& name, const std::string& snapshot = "") {
    const auto folder = scratch_ / ("restored-" + std::to_string(++restored_));
    std::vector<std::string> arguments = {"restore", name, folder.string(), "--bare", "--from", location()};
    if (!snapshot.empty()) arguments.insert(arguments.end(), {"--at", snapshot});
    const auto result = hubkeep(std::move(arguments), environment());
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return folder;
  }

  /// With a history that is sent in several parts: noise does not compress.
  sim::RepositoryId add_large_repository(const std::string& name, unsigned seed) {
    const auto id = add_repository(name);
    push_noise(id, seed);
    return id;
  }

  void push_noise(sim::RepositoryId id, unsigned seed) {
    std::minstd_rand random(seed);
    std::string noise(kSomeParts, '\0');
    for (auto& byte : noise) byte = static_cast<char>(random() >> 8U);
    sim::fast_import(path_of(id), "blob\nmark :1\ndata " + std::to_string(noise.size()) + "\n" + noise +
                                      "\ncommit refs/heads/main\ncommitter a <a@b> 1 +0000\ndata 1\nx\n"
                                      "M 100644 :1 noise\n\n");
    pushed(id);
  }

  void kill_backup_after(std::chrono::microseconds delay) {
    const sim::FileDescriptor none(::open("/dev/null", O_RDWR | O_CLOEXEC));
    const sim::ChildProcess backup(
        {.argv = {hubkeep_binary(), "backup", "--quiet", "--api-url", github_.api_url(), "--to", location()},
         .cwd = scratch_.path(),
         .env = environment()},
        none, none, none);
    std::this_thread::sleep_for(delay);
  }

  S3Client client() { return parts_.client(Radosgw::instance().endpoint(), bucket_); }

  std::vector<std::string> keys() {
    std::vector<std::string> keys;
    const auto store = parts_.store(Radosgw::instance().endpoint(), location());
    store->list("", "", [&](const ObjectInfo& object) {
      keys.push_back(object.key);
      return true;
    });
    return keys;
  }

  std::vector<std::string> manifests() {
    auto all = keys();
    std::erase_if(all, [](const std::string& key) { return key.find("/snapshots/") == std::string::npos; });
    return all;
  }

  std::size_t unfinished_uploads() {
    S3UploadsPage page;
    client().send({.query = {{"uploads", ""}},
                   .action = "s3:ListBucketMultipartUploads",
                   .check = [&](const HttpResponse& response) { page = parse_uploads_page(response.body); }},
                  {});
    return page.uploads.size();
  }

  S3Parts parts_;
  const std::string bucket_ = "e2e-" + random_hex(12);
};

TEST_F(S3Vault, ABucketThatWasEmptiedIsNoNewVault) {
  add_filled("site");
  ASSERT_EQ(backup_to_s3().exit_code, 0);
  ASSERT_EQ(backup_to_s3().exit_code, 0);
  const auto store = parts_.store(Radosgw::instance().endpoint(), location());
  for (const auto& key : keys()) store->remove(key);

  const auto refused = backup_to_s3();

  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("there is no vault in " + location() + ", which held the vault "));
  EXPECT_THAT(keys(), SizeIs(0));
  EXPECT_EQ(verify_in_s3().exit_code, 1);
}

TEST_F(S3Vault, HoldsWhatIsBackedUpAndGivesItBack) {
  const auto small = add_repository("small");
  sim::make_repository_content(path_of(small), 1, 20, 5);
  const auto large = add_large_repository("large", 2);

  const auto result = backup_to_s3();

  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(unfinished_uploads(), 0U);
  EXPECT_EQ(state_of(restore_from_s3("octo/small")), state_of(path_of(small)));
  EXPECT_EQ(state_of(restore_from_s3("octo/large")), state_of(path_of(large)));
  EXPECT_THAT(result.err, Not(HasSubstr("overlap")));
}

TEST_F(S3Vault, GetsOnlyWhatIsNew) {
  const auto id = add_repository("site");
  sim::make_repository_content(path_of(id), 1, 20, 5);
  ASSERT_EQ(backup_to_s3().exit_code, 0);
  const auto first = keys();

  ASSERT_EQ(backup_to_s3().exit_code, 0);
  const auto unchanged = keys();
  sim::git(path_of(id), {"update-ref", "refs/heads/more", "refs/heads/main"});
  pushed(id);
  ASSERT_EQ(backup_to_s3().exit_code, 0);

  EXPECT_THAT(unchanged, SizeIs(first.size() + 1));  // the run's report
  EXPECT_THAT(keys(), IsSupersetOf(unchanged));
  EXPECT_EQ(state_of(restore_from_s3("octo/site")), state_of(path_of(id)));
}

TEST_F(S3Vault, IsNamedByTheOlderVariablesBesideWhatAnOlderToolHasLeft) {
  const auto id = add_repository("site");
  sim::make_repository_content(path_of(id), 1, 5, 2);
  const std::string older = "github-backup/2024 01/site + wiki.zip";
  client().send({.method = "PUT", .key = older, .body = "zip", .action = "s3:PutObject"}, {});
  auto variables = environment();
  variables["BACKUP_S3_BUCKET"] = bucket_;
  variables["BACKUP_S3_PREFIX"] = "/github-backup/";

  const auto result = hubkeep({"backup", "--api-url", github_.api_url(), "--stale-after", "0s"}, variables);
  const auto list = hubkeep({"list"}, variables);

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(list.out, HasSubstr("octo/site"));
  EXPECT_EQ(client().send({.key = older, .action = "s3:GetObject"}, {}).response.body, "zip");
}

TEST_F(S3Vault, SaysWhoseKeysWereNotAccepted) {
  add_repository("site");
  auto variables = environment();
  variables["AWS_SECRET_ACCESS_KEY"] = "wrong";

  const auto result = hubkeep({"backup", "--api-url", github_.api_url(), "--to", location()}, variables);

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err,
              AllOf(HasSubstr("credentials were not accepted"), HasSubstr("SignatureDoesNotMatch")));
}

TEST_F(S3Vault, SaysThatThereIsNoBucket) {
  add_repository("site");

  const auto result = hubkeep(
      {"backup", "--api-url", github_.api_url(), "--to", "s3://no-such-bucket-here/x"}, environment());

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("no such bucket"));
}

TEST_F(S3Vault, LosesNothingByAKillAtAnyMomentAndIsCleanAfterwards) {
  const unsigned seed = torture_seed();
  SCOPED_TRACE("SEED=" + std::to_string(seed));
  std::minstd_rand random(seed);
  const auto id = add_large_repository("site", seed);
  const auto begin = std::chrono::steady_clock::now();
  ASSERT_EQ(backup_to_s3().exit_code, 0);
  const std::chrono::microseconds whole =
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin);

  std::size_t committed = manifests().size();
  push_noise(id, seed);
  for (unsigned kill = 1; kill <= torture_rounds(50); ++kill) {
    const auto before = manifests();
    if (before.size() > committed) push_noise(id, seed + kill);  // else there is work left of the last one
    committed = before.size();
    kill_backup_after(whole * (random() % 1200) / 1000);
    ASSERT_THAT(manifests(), IsSupersetOf(before)) << "after kill " << kill;
  }
  // One that is there for certain, wherever the kills have struck.
  client().send({.method = "POST",
                 .key = "vaults/mine/repos/killed.bundle",
                 .query = {{"uploads", ""}},
                 .action = "s3:PutObject"},
                {});
  EXPECT_GE(unfinished_uploads(), 1U);
  const auto result = backup_to_s3({"--stale-after", "0s"});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(unfinished_uploads(), 0U);
  EXPECT_EQ(state_of(restore_from_s3("octo/site")), state_of(path_of(id)));
  const auto verified = verify_in_s3({"--read-data"});
  EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
}

TEST_F(S3Vault, TwoRunsAtOnceBothKeepTheirSnapshots) {
  for (int round = 0; round < 10; ++round) {
    const std::string name = "octo/race-" + std::to_string(round);
    const auto id = add_filled("race-" + std::to_string(round), static_cast<unsigned>(round));
    github_.faults().add({.repository = name, .git_command = sim::GitCommand::fetch},
                         sim::Barrier{"race" + std::to_string(round), 2}, 2);
    sim::RunResult other;
    std::thread second([&] { other = backup_to_s3({"--repo", name}); });
    const auto first = backup_to_s3({"--repo", name});
    second.join();
    ASSERT_EQ(first.exit_code, 0) << first.err;
    ASSERT_EQ(other.exit_code, 0) << other.err;

    const auto ids = snapshots_in_s3(name);
    ASSERT_EQ(ids.size(), 2U);
    for (const auto& snapshot : ids)
      EXPECT_EQ(state_of(restore_from_s3(name, snapshot)), state_of(path_of(id)));
  }
  const auto verified = verify_in_s3({"--read-data"});
  EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
}

TEST_F(S3Vault, IsVerifiedAndWhatIsDamagedIsFound) {
  add_filled("site");
  add_large_repository("large", 2);
  ASSERT_EQ(backup_to_s3().exit_code, 0);
  const auto whole = verify_in_s3({"--read-data"});
  const auto all = keys();
  const auto bundle = std::find_if(all.begin(), all.end(), [](const auto& key) {
    return key.find("large") != std::string::npos && key.ends_with(".bundle");
  });
  ASSERT_NE(bundle, all.end());
  const auto store = parts_.store(Radosgw::instance().endpoint(), location());
  StringSink content;
  store->read(*bundle, content, {});
  std::string changed = content.take();
  changed[changed.size() / 2] = static_cast<char>(changed[changed.size() / 2] ^ 1);
  store->remove(*bundle);
  const auto missing = verify_in_s3();
  const auto writer = store->create(*bundle);
  writer->write(changed);
  EXPECT_EQ(writer->commit(Precondition::absent()), CommitResult::committed);
  const auto flipped = verify_in_s3({"--read-data"});

  EXPECT_EQ(whole.exit_code, 0) << whole.err;
  EXPECT_EQ(missing.exit_code, 3);
  EXPECT_THAT(missing.err, AllOf(HasSubstr("octo/large: DAMAGED"), HasSubstr(*bundle + " is missing")));
  EXPECT_EQ(flipped.exit_code, 3);
  EXPECT_THAT(flipped.err, HasSubstr(*bundle + " is not what was written"));
}

TEST_F(S3Vault, IsCopiedFromAFolderToAnotherBucketAndBack) {
  const auto site = add_repository("site");
  sim::make_repository_content(path_of(site), 1, 20, 5);
  const auto large = add_large_repository("large", 2);
  ASSERT_EQ(backup().exit_code, 0);
  const std::string back = (scratch_ / "back").string();

  const auto there = hubkeep({"copy", vault().string(), location()}, environment());
  const auto beside = hubkeep({"copy", location(), "s3://" + bucket_ + "/second"}, environment());
  const auto home = hubkeep({"copy", "s3://" + bucket_ + "/second", back}, environment());

  EXPECT_EQ(there.exit_code, 0) << there.err;
  EXPECT_EQ(beside.exit_code, 0) << beside.err;
  EXPECT_EQ(home.exit_code, 0) << home.err;
  EXPECT_EQ(hubkeep({"verify", "--read-data", "--from", back}).exit_code, 0);
  EXPECT_EQ(state_of(restore_from_s3("octo/site")), state_of(path_of(site)));
  EXPECT_EQ(state_of(restore_from_s3("octo/large")), state_of(path_of(large)));
}

}  // namespace
}  // namespace hubkeep
