// The vault in a bucket over https, with an authority of one's own.
#include <gmock/gmock.h>

#include <optional>

#include "e2e/bucket_vault.h"
#include "http/test_certificate.h"
#include "s3/meddler.h"
#include "sim/http_server.h"

namespace hubkeep {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class VaultOverTls : public BucketVault {
 protected:
  void SetUp() override {
    if (!Radosgw::installed()) GTEST_SKIP() << "radosgw is not installed";
    parts_.client(Radosgw::instance().endpoint(), bucket_)
        .send({.method = "PUT", .action = "s3:CreateBucket"}, {});
    const auto authority = make_authority("own authority");
    const auto server = make_server_certificate(authority, "IP:127.0.0.1", std::chrono::hours(1));
    write_pem(authority, ca_file_);
    write_pem(server, scratch_ / "server.pem");
    write_key_pem(server, scratch_ / "server.key");
    server_.emplace(
        sim::HttpServerOptions{.certificate = scratch_ / "server.pem", .key = scratch_ / "server.key"},
        forward_to(Radosgw::instance().endpoint()));
  }

  std::string endpoint() const { return "https://127.0.0.1:" + std::to_string(server_->port()); }

  const std::string ca_file_ = scratch_ / "ca.pem";
  std::optional<sim::HttpServer> server_;
};

TEST_F(VaultOverTls, IsBackedUpAndRestoredWithCaFile) {
  const auto id = add_filled("site");
  push_file(id, random_bytes(std::size_t{12} << 20, 1));  // some parts

  const auto backup = backup_to(endpoint(), {"--ca-file", ca_file_});
  const auto restored = restore_from(endpoint(), "octo/site", {"--ca-file", ca_file_});

  ASSERT_EQ(backup.exit_code, 0) << backup.err;
  EXPECT_THAT(backup.err, Not(HasSubstr("unencrypted")));
  ASSERT_EQ(restored.exit_code, 0) << restored.err;
  EXPECT_EQ(state_of(restored_folder()), state_of(path_of(id)));
}

TEST_F(VaultOverTls, IsNotTrustedWithoutCaFile) {
  add_filled("site");

  const auto result = backup_to(endpoint());

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, AllOf(HasSubstr("--ca-file"), HasSubstr("the system's certificate authorities")));
  EXPECT_THAT(result.err, Not(HasSubstr("trying again")));
}

}  // namespace
}  // namespace hubkeep
