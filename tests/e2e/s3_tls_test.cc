// The vault in a bucket over https, with an authority of one's own.
#include <gmock/gmock.h>

#include <fstream>
#include <optional>

#include "e2e/bucket_vault.h"
#include "e2e/ca_folder.h"
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
    const auto server = make_server_certificate(authority_, "IP:127.0.0.1", std::chrono::hours(1));
    write_pem(authority_, ca_file_);
    write_pem(server, scratch_ / "server.pem");
    write_key_pem(server, scratch_ / "server.key");
    server_.emplace(
        sim::HttpServerOptions{.certificate = scratch_ / "server.pem", .key = scratch_ / "server.key"},
        forward_to(Radosgw::instance().endpoint()));
  }

  std::string endpoint() const { return "https://127.0.0.1:" + std::to_string(server_->port()); }

  const TestCertificate authority_ = make_authority("own authority");
  const std::string ca_file_ = scratch_ / "ca.pem";
  std::optional<sim::HttpServer> server_;
};

/// GitHub over https as well, with an authority that is not the store's.
class TwoAuthorities : public VaultOverTls {
 protected:
  TwoAuthorities() {
    write_pem(github_authority_, github_file_);
    const auto server = make_server_certificate(github_authority_, "IP:127.0.0.1", std::chrono::hours(1));
    write_pem(server, scratch_ / "github.pem");
    write_key_pem(server, scratch_ / "github.key");
    secure_.emplace(world_, sim::SimulatorOptions{.certificate = scratch_ / "github.pem",
                                                  .key = scratch_ / "github.key"});
    id_ = add_filled("site");
  }

  sim::RunResult save(std::vector<std::string> arguments, const sim::Environment& more = {}) {
    arguments.insert(arguments.begin(), {"backup", "--api-url", secure_->api_url(), "--to", location()});
    return hubkeep(std::move(arguments), with(more));
  }
  sim::RunResult read(std::vector<std::string> arguments, const sim::Environment& more = {}) {
    arguments.insert(arguments.begin(), {"list", "--from", location()});
    return hubkeep(std::move(arguments), with(more));
  }
  sim::Environment with(const sim::Environment& more) const {
    sim::Environment all = more;
    all.merge(environment(endpoint()));
    return all;
  }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(scratch_ / name) << text;
    return scratch_ / name;
  }

  const TestCertificate github_authority_ = make_authority("authority of GitHub");
  const std::string github_file_ = scratch_ / "github-ca.pem";
  std::optional<sim::Simulator> secure_;
  sim::RepositoryId id_ = 0;
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

TEST_F(TwoAuthorities, AreEachTrustedWhereTheyBelong) {
  const auto saved = save({"--ca-file", github_file_, "--s3-ca-file", ca_file_});
  const auto restored = restore_from(endpoint(), "octo/site", {"--s3-ca-file", ca_file_});

  ASSERT_EQ(saved.exit_code, 0) << saved.err;
  ASSERT_EQ(restored.exit_code, 0) << restored.err;
  EXPECT_EQ(state_of(restored_folder()), state_of(path_of(id_)));
}

TEST_F(TwoAuthorities, AreGivenByVariablesFilesAndTheProfileAsWell) {
  const std::string config =
      write("mine.toml", "ca-file = '" + github_file_ + "'\ns3-ca-file = '" + ca_file_ + "'\n");
  const std::string profile = write("aws-config", "[default]\nca_bundle = " + ca_file_ + "\n");

  const auto ours = save({}, {{"HUBKEEP_CA_FILE", github_file_}, {"HUBKEEP_S3_CA_FILE", ca_file_}});
  const auto awss = save({"--ca-file", github_file_}, {{"AWS_CA_BUNDLE", ca_file_}});
  const auto file = save({"--config", config});
  const auto in_profile = read({}, {{"AWS_CONFIG_FILE", profile}});

  EXPECT_EQ(ours.exit_code, 0) << ours.err;
  EXPECT_EQ(awss.exit_code, 0) << awss.err;
  EXPECT_EQ(file.exit_code, 0) << file.err;
  EXPECT_EQ(in_profile.exit_code, 0) << in_profile.err;
}

TEST_F(TwoAuthorities, ThatChangedPlacesAreNamed) {
  const auto both = save({"--ca-file", ca_file_, "--s3-ca-file", github_file_});
  const auto of_github = save({"--ca-file", ca_file_, "--s3-ca-file", ca_file_});
  const auto of_store = save({"--ca-file", github_file_, "--s3-ca-file", github_file_});
  const auto by_variable = save({"--ca-file", github_file_}, {{"AWS_CA_BUNDLE", github_file_}});

  for (const auto& result : {both, of_github, of_store, by_variable}) {
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.err, Not(HasSubstr("trying again")));
  }
  EXPECT_THAT(both.err, HasSubstr(endpoint()));
  EXPECT_THAT(both.err, HasSubstr("not known to --s3-ca-file " + github_file_));
  EXPECT_THAT(of_store.err, AllOf(HasSubstr("not known to --s3-ca-file " + github_file_),
                                  HasSubstr("with --s3-ca-file (--ca-file is for GitHub)")));
  EXPECT_THAT(of_github.err, AllOf(HasSubstr("not known to --ca-file " + ca_file_),
                                   HasSubstr("with --ca-file (--s3-ca-file is for the store)")));
  EXPECT_THAT(by_variable.err, HasSubstr("not known to " + github_file_ + " (AWS_CA_BUNDLE)"));
}

// Before there were two flags, one was for both: whoever has one authority goes on with it.
TEST_F(TwoAuthorities, OfWhichOneIsForBothNeedOneFile) {
  const std::string both = scratch_ / "both.pem";
  std::ofstream(both) << std::ifstream(github_file_).rdbuf() << std::ifstream(ca_file_).rdbuf();

  const auto saved = save({"--ca-file", both});
  const auto listed = read({"--ca-file", ca_file_});

  EXPECT_EQ(saved.exit_code, 0) << saved.err;
  EXPECT_EQ(listed.exit_code, 0) << listed.err;
}

TEST_F(TwoAuthorities, OfGitHubAreTrustedByTheStoreBesidesTheSystems) {
  const sim::Environment known = ca_folder_environment(authority_, scratch_ / "folder");

  const auto besides = read({"--ca-file", github_file_}, known);
  const auto instead = read({"--s3-ca-file", github_file_}, known);
  const auto unknown = read({"--ca-file", github_file_});

  EXPECT_THAT(besides.err, Not(HasSubstr("certificate"))) << "there is no vault yet, but the server is known";
  EXPECT_THAT(instead.err, HasSubstr("not known to --s3-ca-file " + github_file_));
  EXPECT_THAT(
      unknown.err,
      AllOf(HasSubstr("not known to the system's certificate authorities nor to --ca-file " + github_file_),
            HasSubstr("with --s3-ca-file")));
}

TEST_F(TwoAuthorities, ThatAreNoneAreNamed) {
  const std::string missing = scratch_ / "missing.pem";
  const std::string empty = write("empty.pem", "");
  const std::string bad = write("bad.pem", "-----BEGIN CERTIFICATE-----\nbm8=\n-----END CERTIFICATE-----\n");

  for (const std::string& file : {missing, empty, bad}) {
    const auto of_store = read({"--s3-ca-file", file});
    const auto besides = read({"--ca-file", file});

    EXPECT_EQ(of_store.exit_code, 1);
    EXPECT_THAT(of_store.err, HasSubstr("--s3-ca-file " + file + " cannot be read as certificates in PEM"));
    EXPECT_EQ(besides.exit_code, 1);
    EXPECT_THAT(besides.err, HasSubstr("--ca-file " + file +
                                       (file == missing ? " cannot be read: No such file"
                                        : file == empty ? " holds no certificate in PEM"
                                                        : " cannot be read as certificates in PEM")));
    for (const auto& result : {of_store, besides}) EXPECT_THAT(result.err, Not(HasSubstr("trying again")));
  }
}

}  // namespace
}  // namespace hubkeep
