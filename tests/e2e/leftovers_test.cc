// What killed runs leave: it is told from what a living one writes, removed at once, and needed by nobody.
#include <gmock/gmock.h>

#include <cerrno>
#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>

#include "e2e/bucket_vault.h"
#include "e2e/file_faults.h"
#include "s3/fake_s3.h"
#include "s3/meddler.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class Leftover : public EndToEnd {
 protected:
  void SetUp() override {
    id_ = add_filled("site");
    ASSERT_EQ(backup().exit_code, 0);
    push_file(id_, random_bytes(300'000, 1));
  }

  sim::Environment fault(const FileFault& fault) {
    return file_fault_environment(fs::canonical(vault()), scratch_ / "calls", fault);
  }

  void kill_while_writing() {
    const auto killed =
        backup({}, fault({.object = "*.bundle", .operation = "write", .call = "2", .action = "kill-after"}));
    ASSERT_EQ(killed.exit_code, 128 + SIGKILL);
    ASSERT_EQ(temporary_files(), 1U);
  }

  json list() { return json::parse(hubkeep({"list", "--json", "--from", vault().string()}).out); }

  sim::RepositoryId id_{};
};

TEST_F(Leftover, OfADeadWriterIsRemovedByTheNextRunAtOnce) {
  kill_while_writing();
  std::uintmax_t size = 0;
  for (const auto& file : fs::directory_iterator(vault() / ".tmp")) size += file.file_size();
  const auto left = list().at("left_over");
  const auto listed = hubkeep({"list", "--from", vault().string()});

  const auto next = backup({"--json"});

  EXPECT_EQ(left.at("count"), 1);
  EXPECT_EQ(left.at("bytes"), size);
  EXPECT_THAT(listed.out, HasSubstr("left over: 1 unfinished file or upload, "));
  EXPECT_EQ(next.exit_code, 0) << next.err;
  EXPECT_EQ(temporary_files(), 0U);
  const auto report = json::parse(next.out);
  EXPECT_EQ(report.at("stale_removed"), 1);
  EXPECT_EQ(report.at("stale_removed_bytes"), left.at("bytes"));
  EXPECT_EQ(report.at("left_over"), 0);
  EXPECT_EQ(list().at("left_over"), (json{{"count", 0}, {"bytes", 0}}));
}

TEST_F(Leftover, IsNotWhatAnotherRunIsWriting) {
  const fs::path held = scratch_ / "held";
  auto first = start_backup({}, fault({.object = "*.bundle",
                                       .operation = "write",
                                       .call = "2",
                                       .action = "hold",
                                       .argument = held.string()}));
  ASSERT_TRUE(wait_until([&] { return fs::exists(held); }));
  const auto left = list().at("left_over");

  const auto second = backup({"--stale-after", "0", "--json"});
  fs::remove(held);
  const auto result = first.finish();

  EXPECT_EQ(left.at("count"), 0);
  EXPECT_EQ(second.exit_code, 0) << second.err;
  EXPECT_EQ(json::parse(second.out).at("stale_removed"), 0);
  EXPECT_EQ(json::parse(second.out).at("left_over"), 1);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("1 saved"));
  EXPECT_EQ(temporary_files(), 0U);
}

TEST_F(Leftover, IsRemovedByAgeWhereThereAreNoLocks) {
  kill_while_writing();

  const auto young =
      backup({"--json"},
             fault({.operation = "lock", .call = "1", .action = "fail", .argument = std::to_string(ENOLCK)}));
  const auto old = backup({"--json", "--stale-after", "0"});

  EXPECT_EQ(young.exit_code, 0) << young.err;
  EXPECT_EQ(json::parse(young.out).at("stale_removed"), 0);
  EXPECT_EQ(json::parse(old.out).at("stale_removed"), 1);
}

TEST_F(Leftover, ThatCannotBeRemovedIsANotice) {
  kill_while_writing();

  const auto next = backup({}, fault({.object = "*.bundle",
                                      .operation = "remove",
                                      .call = "1",
                                      .action = "fail",
                                      .argument = std::to_string(EPERM)}));

  EXPECT_EQ(next.exit_code, 0) << next.err;
  EXPECT_THAT(next.err,
              AllOf(HasSubstr("what killed runs left could not be cleaned up: "), HasSubstr(".bundle")));
  EXPECT_THAT(next.out, AllOf(HasSubstr("1 saved"), HasSubstr("left over: 1 unfinished file or upload")));
}

class LeftoverInABucket : public BucketVault {
 protected:
  sim::RunResult refused(const std::string& what, int status, const std::string& code) {
    add_filled("site-" + std::to_string(++sites_));
    way_.meddle(what, refuse(status, code), 1000);
    return backup_to(way_.endpoint(), {"--stale-after", "0", "--json"});
  }

  FakeS3 fake_;
  Meddler way_{[this](const sim::HttpRequest& request) { return fake_.handle(request); }};
  int sites_ = 0;
};

TEST_F(LeftoverInABucket, IsNoPreconditionWhereItCannotBeListed) {
  const auto result = refused("?uploads", 403, "AccessDenied");

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, AllOf(HasSubstr("what killed runs left could not be cleaned up: "),
                                HasSubstr("s3:ListBucketMultipartUploads")));
}

TEST_F(LeftoverInABucket, IsNoPreconditionWhereItCannotBeRemoved) {
  for (const char* name : {"a", "b"})
    fake_.handle({.method = "POST",
                  .path = "/" + bucket_ + "/vault/repos/" + name,
                  .query = "uploads=",
                  .headers = {{"x-amz-content-sha256",
                               "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}}});
  ASSERT_EQ(fake_.uploads(), 2U);

  const auto result = refused("DELETE", 403, "AccessDenied");

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("s3:AbortMultipartUpload"));
  EXPECT_EQ(json::parse(result.out).at("left_over"), 2);
  EXPECT_EQ(json::parse(result.out).at("repositories").at(0).at("result"), "saved");
}

}  // namespace
}  // namespace hubkeep
