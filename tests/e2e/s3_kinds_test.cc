// The whole program with its vault in a bucket of every kind of server, and of Swift: what was saved comes
// back, what is damaged is found.
#include <gmock/gmock.h>

#include "e2e/bucket_vault.h"
#include "s3/meddler.h"
#include "s3/server_kinds.h"
#include "s3/swift.h"

namespace hubkeep {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr std::size_t kFourParts = std::size_t{17} << 20;  // of 5 MiB
constexpr std::uint64_t kLittle = std::uint64_t{1} << 20;  // to learn by, in five runs

class VaultAnywhere : public BucketVault {
 protected:
  /// Of which the first bundle is sent in four parts: little memory makes them the smallest.
  void add_repositories() {
    small_ = add_filled("small", 1, 20);
    large_ = add_filled("large", 4);
    push_file(large_, random_bytes(kFourParts, 2));
  }
  std::vector<std::string> saving() const {
    return {"backup", "--api-url", github_.api_url(), "--to", location(), "--memory", "64MiB"};
  }
  std::vector<std::string> verifying() const { return {"verify", "--read-data", "--from", location()}; }

  void expect_restored(sim::RepositoryId id, const std::string& name, const sim::Environment& environment) {
    ++restored_;
    const auto result =
        hubkeep({"restore", name, restored_folder().string(), "--bare", "--from", location()}, environment);
    ASSERT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(state_of(restored_folder()), state_of(path_of(id)));
    const auto fsck = sim::run({"git", "-C", restored_folder().string(), "fsck", "--full", "--strict"});
    EXPECT_EQ(fsck.exit_code, 0) << fsck.err;
  }

  // Twice: a base, and what is new since.
  void expect_saved_and_given_back(std::vector<std::string> flags, const sim::Environment& environment) {
    auto save = saving();
    save.insert(save.end(), flags.begin(), flags.end());
    const auto first = hubkeep(save, environment);
    ASSERT_EQ(first.exit_code, 0) << first.err;
    push_file(large_, random_bytes(100'000, 3));
    push_file(small_, "more");
    const auto second = hubkeep(save, environment);
    ASSERT_EQ(second.exit_code, 0) << second.err;

    const auto verified = hubkeep(verifying(), environment);

    EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
    expect_restored(small_, "octo/small", environment);
    expect_restored(large_, "octo/large", environment);
  }

  sim::RepositoryId small_{};
  sim::RepositoryId large_{};
};

class VaultOfKind : public VaultAnywhere, public ::testing::WithParamInterface<ServerKind> {
 protected:
  VaultOfKind() {
    become(fake_, GetParam());
    fake_.checks_signatures = true;
    add_repositories();
  }

  sim::Environment there() const { return environment(server_.endpoint()); }
  std::vector<std::string> flags() const {
    if (!GetParam().has_object_lock) return {};
    return {"--object-lock", "governance", "--retain-days", "1"};
  }
  sim::RunResult save() {
    auto arguments = saving();
    const auto more = flags();
    arguments.insert(arguments.end(), more.begin(), more.end());
    return hubkeep(arguments, there());
  }
  std::string bundle_of(const std::string& name) const {
    for (const auto& [path, bytes] : fake_.objects())
      if (path.ends_with(".bundle") && path.find(name) != std::string::npos) return path;
    return {};
  }

  FakeS3 fake_;
  Meddler server_{[this](const sim::HttpRequest& request) { return fake_.handle(request); }};
};

TEST_P(VaultOfKind, IsSavedVerifiedAndRestored) {
  expect_saved_and_given_back(flags(), there());

  EXPECT_THAT(server_.requests("partNumber=4"), Not(IsEmpty()));
  EXPECT_EQ(fake_.uploads(), 0U);
  EXPECT_LT(fake_.wasted(), kLittle);
}

INSTANTIATE_TEST_SUITE_P(Kinds, VaultOfKind, ::testing::ValuesIn(server_kinds()), name_of_kind);

class VaultOfMix : public VaultOfKind {};

TEST_P(VaultOfMix, IsWholeThoughAByteIsWrongOnTheWay) {
  server_.meddle("partNumber=2", damage_body());
  server_.meddle("PUT /" + bucket_ + "/vault/catalog", damage_body());

  const auto saved = save();

  EXPECT_EQ(saved.exit_code, 0) << saved.err;
  EXPECT_EQ(hubkeep(verifying(), there()).exit_code, 0);
  expect_restored(large_, "octo/large", there());
}

TEST_P(VaultOfMix, WithAByteThatIsAlwaysWrongOnTheWayIsNotSaid) {
  server_.meddle("partNumber=2", damage_body(), 100'000);

  const auto saved = save();

  EXPECT_EQ(saved.exit_code, 3);
  EXPECT_THAT(saved.err, HasSubstr("octo/large"));
  EXPECT_EQ(bundle_of("large"), "");
  EXPECT_LE(server_.requests("partNumber=2").size(), 40U);
}

TEST_P(VaultOfMix, WithAByteThatIsWrongAtRestIsFound) {
  ASSERT_EQ(save().exit_code, 0);
  const std::string path = bundle_of("large");
  std::string bytes = fake_.objects().at(path);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  fake_.overwrite(path, bytes);

  const auto verified = hubkeep(verifying(), there());

  EXPECT_EQ(verified.exit_code, 3);
  EXPECT_THAT(verified.err, HasSubstr("is not what was written"));
}

TEST_P(VaultOfMix, IsCopiedThoughAProxyDeniesAnObjectOnce) {
  const std::string folder = (scratch_ / "vault").string();
  ASSERT_EQ(backup().exit_code, 0);
  server_.meddle("PUT /" + bucket_ + "/vault/repos", [](const sim::HttpRequest&, const S3Backend&) {
    return sim::HttpResponse{.status = 404,
                             .headers = {{"Content-Type", "text/html"}},
                             .body = "<html><body>Not Found</body></html>"};
  });
  auto arguments = std::vector<std::string>{"copy", folder, location()};

  const auto copied = hubkeep(arguments, there());

  EXPECT_EQ(copied.exit_code, 0) << copied.err;
  EXPECT_EQ(hubkeep(verifying(), there()).exit_code, 0);
  expect_restored(large_, "octo/large", there());
}

INSTANTIATE_TEST_SUITE_P(Mixes, VaultOfMix, ::testing::ValuesIn(server_mixes()), name_of_kind);

TEST_F(VaultAnywhere, IsSavedVerifiedAndRestoredInSwift) {
  if (!Swift::installed()) GTEST_SKIP() << "Swift is not installed";
  auto there = environment(Swift::instance().endpoint());
  there["AWS_ACCESS_KEY_ID"] = Swift::kAccessKey;
  there["AWS_SECRET_ACCESS_KEY"] = Swift::kSecretKey;
  parts_.credentials.replace({swift_credentials()});
  parts_.client(Swift::instance().endpoint(), bucket_)
      .send({.method = "PUT", .action = "s3:CreateBucket"}, {});
  add_repositories();

  expect_saved_and_given_back({}, there);
}

}  // namespace
}  // namespace hubkeep
