// hubkeep copy into a bucket whose server, or what answers in its place, says more than is so.
#include <gmock/gmock.h>

#include <algorithm>

#include "crypto/hash.h"
#include "e2e/bucket_vault.h"
#include "s3/fake_s3.h"
#include "s3/meddler.h"

namespace hubkeep {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr int kAlways = 1000;

class CopyToBucket : public BucketVault {
 protected:
  sim::RunResult copy(const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {"copy", vault().string(), location(), "--retries", "2"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return hubkeep(std::move(arguments), environment(server_.endpoint()));
  }
  int verify() {
    return hubkeep({"verify", "--read-data", "--from", location()}, environment(server_.endpoint()))
        .exit_code;
  }
  void remove(const std::string& part) {
    for (const auto& [path, unused] : fake_.objects()) {
      if (path.find(part) == std::string::npos) continue;
      fake_.handle({.method = "DELETE",
                    .path = path,
                    .query = "",
                    .headers = {{"x-amz-content-sha256", sha256_hex("")}}});
    }
  }
  static S3Fault page(int status) {
    return [status](const sim::HttpRequest&, const S3Backend&) {
      return sim::HttpResponse{.status = status,
                               .headers = {{"Content-Type", "text/html"}},
                               .body = "<html><body>Not Found</body></html>"};
    };
  }
  std::size_t lists() const { return server_.requests("list-type=2").size(); }

  const std::string put_of_a_pack_ = ".bundle";
  FakeS3 fake_;
  Meddler server_{[this](const sim::HttpRequest& request) { return fake_.handle(request); }};
};

TEST_F(CopyToBucket, APutThatAGatewayAnsweredOnceIsSentAgain) {
  add_filled("site");
  backup();
  for (const int status : {404, 412, 403, 200}) {
    remove("/repos/");
    server_.meddle(put_of_a_pack_, page(status));

    const auto result = copy();

    EXPECT_EQ(result.exit_code, 0) << status << result.err;
    EXPECT_EQ(verify(), 0) << status;
  }
}

TEST_F(CopyToBucket, TheLogForProgramsSaysThatItIsTheVaultThatIsTriedAgain) {
  add_filled("site");
  backup();
  server_.meddle(put_of_a_pack_, refuse(503, "SlowDown"));

  const auto result = copy({"--log-format", "json"});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("\"event\":\"retrying\",\"subject\":\"vault\",\"kind\":\"transient\"}"));
}

TEST_F(CopyToBucket, APutThatAGatewayAlwaysAnswersIsNoCopy) {
  add_filled("site");
  backup();
  server_.meddle(put_of_a_pack_, page(404), kAlways);

  const auto result = copy();

  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.err,
              AllOf(HasSubstr("octo/site: failed"), HasSubstr("not S3 answered"), HasSubstr("HTTP 404")));
}

TEST_F(CopyToBucket, AServersWordThatItIsThereIsBelievedAfterALook) {
  add_filled("site");
  backup();
  server_.meddle(put_of_a_pack_, refuse(412, "PreconditionFailed"));

  const auto told = copy();
  const auto again = copy();

  EXPECT_EQ(told.exit_code, 3);
  EXPECT_THAT(told.err, HasSubstr("says that it is there already, and it is not"));
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(verify(), 0);
}

TEST_F(CopyToBucket, OtherBytesUnderTheNameAreFoundByTheirChecksum) {
  add_filled("site");
  backup();
  server_.meddle(put_of_a_pack_, [](const sim::HttpRequest& request, const S3Backend& backend) {
    std::string other = request.body;
    other.back() = static_cast<char>(other.back() ^ 1);
    replace_body(other)(request, backend);  // of somebody else, a moment before
    return backend(request);
  });

  const auto result = copy();

  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.err, AllOf(HasSubstr("octo/site"), HasSubstr("with other bytes"),
                                HasSubstr("remove it there, then copy again")));
  remove(".bundle");
  EXPECT_EQ(copy().exit_code, 0);
  EXPECT_EQ(verify(), 0);
}

TEST_F(CopyToBucket, WhatWasDeletedThereComesBack) {
  add_filled("site");
  add_filled("tools", 2);
  backup({"--zip"});
  ASSERT_EQ(copy().exit_code, 0);
  for (const char* lost :
       {"/snapshots/", "/git/", "octo/site", "catalog", "metadata.json", "/runs/", "README"}) {
    remove(lost);

    const auto result = copy();

    EXPECT_EQ(result.exit_code, 0) << lost << result.err;
    EXPECT_EQ(verify(), 0) << lost;
  }
}

TEST_F(CopyToBucket, WithoutChangesCostsOneListForEachRepository) {
  add_filled("a");
  backup();
  const auto cost = [&] {
    EXPECT_EQ(copy().exit_code, 0);
    const auto requests = server_.requests().size();
    const auto before = lists();
    EXPECT_EQ(copy().exit_code, 0);
    return std::pair(lists() - before, server_.requests().size() - requests);
  };
  const auto one = cost();
  for (const char* name : {"b", "c", "d"}) add_filled(name);
  backup();
  const auto four = cost();

  EXPECT_EQ(four.first - one.first, 3U);
  EXPECT_EQ(four.second - one.second, 3U);
}

TEST_F(CopyToBucket, ABackupIntoAServerThatStoresNothingIsNone) {
  add_filled("site");
  server_.meddle(
      "PUT",
      [](const sim::HttpRequest&, const S3Backend&) {
        return sim::HttpResponse{.status = 200,
                                 .headers = {{"ETag", "\"d41d8cd98f00b204e9800998ecf8427e\""}}};
      },
      kAlways);

  const auto result = backup_to(server_.endpoint(), {"--retries", "2"});

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("the server said that it has stored"));
}

}  // namespace
}  // namespace hubkeep
