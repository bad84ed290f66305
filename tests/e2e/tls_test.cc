// The whole way over https, with an authority of one's own; and whom hubkeep does not trust.

#include <gmock/gmock.h>

#include <fstream>
#include <optional>

#include "e2e/ca_folder.h"
#include "e2e/end_to_end.h"
#include "http/test_certificate.h"

namespace hubkeep {
namespace {

using std::chrono::hours;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class OverTls : public EndToEnd {
 protected:
  OverTls() {
    write_pem(authority_, ca_file_);
    id_ = add_repository("site");
    sim::make_repository_content(path_of(id_), 7, 20, 5);
    pushed(id_);
  }

  /// The same world as github_ shows, over https.
  void serve(const TestCertificate& certificate) {
    const std::string file = scratch_ / "server.pem";
    const std::string key = scratch_ / "server.key";
    write_pem(certificate, file);
    write_key_pem(certificate, key);
    secure_.emplace(world_, sim::SimulatorOptions{.certificate = file, .key = key});
  }
  void serve_for(const std::string& name, hours expires_in = hours(1)) {
    serve(make_server_certificate(authority_, name, expires_in));
  }

  sim::RunResult backup_from(const std::string& api_url, std::vector<std::string> arguments,
                             sim::Environment environment = {}) {
    arguments.insert(arguments.begin(), {"backup", "--api-url", api_url, "--to", vault().string()});
    environment.emplace("TOKEN_GITHUB", token_);
    return hubkeep(std::move(arguments), std::move(environment));
  }
  sim::RunResult trusting_backup() { return backup_from(secure_->api_url(), {"--ca-file", ca_file_}); }

  void expect_refused(const sim::RunResult& result) const {
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err, Not(HasSubstr("trying again")));
    expect_nothing_written();
  }
  void expect_nothing_written() const {
    if (!std::filesystem::exists(vault())) return;
    for (const auto& entry : std::filesystem::directory_iterator(vault())) {
      const std::string name = entry.path().filename();
      EXPECT_TRUE(name == "hubkeep.json" || name == "README.txt" || name == ".tmp") << name;
    }
    EXPECT_EQ(temporary_files(), 0U);
  }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(scratch_ / name) << text;
    return scratch_ / name;
  }
  void expect_restored() { EXPECT_EQ(state_of(restore("octo/site")), state_of(path_of(id_))); }

  const TestCertificate authority_ = make_authority("own authority");
  const std::string ca_file_ = scratch_ / "ca.pem";
  sim::RepositoryId id_ = 0;
  std::optional<sim::Simulator> secure_;
};

TEST_F(OverTls, AnOwnAuthorityIsTrustedByCaFile) {
  serve_for("IP:127.0.0.1");

  const auto first = trusting_backup();
  expect_restored();
  const auto unchanged = trusting_backup();
  sim::make_repository_content(path_of(id_), 8, 10, 5);
  pushed(id_);
  const auto changed = trusting_backup();
  expect_restored();

  EXPECT_EQ(first.exit_code, 0) << first.err;
  EXPECT_THAT(first.out, HasSubstr("1 saved, 0 unchanged, 0 failed"));
  EXPECT_THAT(unchanged.out, HasSubstr("0 saved, 1 unchanged, 0 failed"));
  EXPECT_THAT(changed.out, HasSubstr("1 saved, 0 unchanged, 0 failed"));
  EXPECT_TRUE(github_.log().empty());
}

TEST_F(OverTls, AnOwnAuthorityIsTrustedByTheVariablesOfCurl) {
  serve_for("IP:127.0.0.1");

  const auto curl = backup_from(secure_->api_url(), {}, {{"CURL_CA_BUNDLE", ca_file_}});
  const auto openssl = backup_from(secure_->api_url(), {}, {{"SSL_CERT_FILE", ca_file_}});

  EXPECT_EQ(curl.exit_code, 0) << curl.err;
  EXPECT_EQ(openssl.exit_code, 0) << openssl.err;
  expect_restored();
}

TEST_F(OverTls, AnUnknownAuthorityIsRefused) {
  const TestCertificate other = make_authority("another authority");
  serve(make_server_certificate(other, "IP:127.0.0.1", hours(1)));

  const auto known = trusting_backup();
  const auto system = backup_from(secure_->api_url(), {});

  expect_refused(known);
  EXPECT_THAT(known.err, HasSubstr("not known to --ca-file " + ca_file_));
  expect_refused(system);
  EXPECT_THAT(system.err, AllOf(HasSubstr("the system's certificate authorities"), HasSubstr("--ca-file")));
  EXPECT_TRUE(secure_->log().empty());
}

// Debian's libcurl looks into the system's folder of certificates whatever bundle it is given.
TEST_F(OverTls, CaFileStandsInPlaceOfAllTheSystemsAuthorities) {
  serve_for("IP:127.0.0.1");
  const std::string other = scratch_ / "other.pem";
  write_pem(make_authority("another authority"), other);
  const sim::Environment known = ca_folder_environment(authority_, scratch_ / "folder");

  const auto instead = backup_from(secure_->api_url(), {"--ca-file", other}, known);
  const auto system = backup_from(secure_->api_url(), {}, known);

  EXPECT_EQ(system.exit_code, 0) << system.err;
  EXPECT_EQ(instead.exit_code, 1);
  EXPECT_THAT(instead.err, HasSubstr("not known to --ca-file " + other));
}

TEST_F(OverTls, ACaFileWithoutAuthoritiesIsNamed) {
  serve_for("IP:127.0.0.1");
  const std::string missing = scratch_ / "missing.pem";
  const std::string empty = write("empty.pem", "");
  const std::string bad = write("bad.pem", "-----BEGIN CERTIFICATE-----\nbm8=\n-----END CERTIFICATE-----\n");

  for (const std::string& file : {missing, empty, bad}) {
    const auto result = backup_from(secure_->api_url(), {"--ca-file", file});

    expect_refused(result);
    EXPECT_THAT(result.err, HasSubstr("--ca-file " + file + " cannot be read as certificates in PEM"));
  }
  const auto variable = backup_from(secure_->api_url(), {}, {{"SSL_CERT_FILE", missing}});
  EXPECT_THAT(variable.err, HasSubstr(missing + " (SSL_CERT_FILE) cannot be read"));
}

TEST_F(OverTls, ACertificateOfAnotherHostIsRefused) {
  serve_for("DNS:other.test");

  const auto result = trusting_backup();

  expect_refused(result);
  EXPECT_THAT(result.err, AllOf(HasSubstr("another host name"), HasSubstr("check the URL")));
}

TEST_F(OverTls, AnExpiredCertificateIsRefused) {
  serve_for("IP:127.0.0.1", -hours(1));

  const auto result = trusting_backup();

  expect_refused(result);
  EXPECT_THAT(result.err, AllOf(HasSubstr("has expired"), HasSubstr("renewed")));
}

TEST_F(OverTls, ACertificateThatIsNotYetValidIsRefused) {
  serve_for("IP:127.0.0.1", hours(48));

  const auto result = trusting_backup();

  expect_refused(result);
  EXPECT_THAT(result.err, AllOf(HasSubstr("not valid yet"), HasSubstr("clock")));
}

TEST_F(OverTls, HttpsToAServerThatSpeaksHttpIsRefused) {
  const auto result = backup_from("https" + github_.api_url().substr(4), {});

  expect_refused(result);
  EXPECT_THAT(result.err, HasSubstr("does not speak TLS"));
}

TEST_F(OverTls, HttpToAServerThatSpeaksTlsFailsAndSaysWhatToTry) {
  serve_for("IP:127.0.0.1");

  const auto result = backup_from("http" + secure_->api_url().substr(5), {});

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("begin with https://"));
  expect_nothing_written();
}

TEST_F(OverTls, TheWayNeverLeadsFromHttpsToHttp) {
  serve_for("IP:127.0.0.1");
  secure_->faults().add({.path = "/user/repos"},
                        sim::RedirectTo{.location = github_.api_url() + "/user/repos"}, sim::Fault::kForever);

  const auto listing = trusting_backup();
  expect_refused(listing);
  secure_->faults().clear();
  secure_->faults().add({.git_command = sim::GitCommand::ls_refs},
                        sim::RedirectTo{.location = github_.clone_url(id_) + "/git-upload-pack"});
  const auto git = trusting_backup();

  for (const auto& result : {listing, git}) {
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.err, HasSubstr("the way on would not be encrypted"));
  }
  EXPECT_TRUE(github_.log().empty());
}

TEST_F(OverTls, ACloneUrlWithoutTlsNeverSeesTheToken) {
  serve_for("IP:127.0.0.1");
  const std::string in_the_clear = github_.clone_url(id_);
  world_.edit(id_, [&](sim::Repository& repository) {
    repository.is_private = true;
    repository.clone_url_override = in_the_clear;
  });

  const auto result = trusting_backup();

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("the token was not sent there"));
  ASSERT_FALSE(github_.log().empty());
  for (const auto& request : github_.log()) EXPECT_EQ(request.auth_scheme, "");
}

}  // namespace
}  // namespace hubkeep
