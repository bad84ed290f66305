// What is saved into a bucket is proved while it is saved, also where the bucket does not hand out all of it.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "e2e/bucket_vault.h"
#include "e2e/lying_packs.h"
#include "s3/fake_s3.h"
#include "s3/meddler.h"

namespace hubkeep {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class ProofInABucket : public BucketVault {
 protected:
  ProofInABucket() : id_(add_filled("site", 1, 20)) {}

  sim::RunResult backup(std::vector<std::string> arguments = {}) {
    return backup_to(server_.endpoint(), std::move(arguments));
  }
  std::string path_of_bundle() const {
    for (const auto& [path, unused] : fake_.objects())
      if (path.ends_with(".bundle")) return path;
    return {};
  }
  void expect_restored() {
    const auto restored = restore_from(server_.endpoint(), "octo/site");
    ASSERT_EQ(restored.exit_code, 0) << restored.err;
    EXPECT_EQ(state_of(restored_folder()), state_of(path_of(id_)));
  }

  FakeS3 fake_;
  Meddler server_{[this](const sim::HttpRequest& request) { return fake_.handle(request); }};
  const sim::RepositoryId id_;
};

// The new pack is thin, and what it builds on is archived.
TEST_F(ProofInABucket, WhatBuildsOnAnArchivedBundleIsSavedAndSaidNotToBeProved) {
  const std::string large = random_bytes(300'000, 5);
  push_file(id_, large);
  ASSERT_EQ(backup().exit_code, 0);
  const std::string base = path_of_bundle();
  fake_.move_to_class(base, "GLACIER");
  push_file(id_, large + "more");

  const auto run = backup({"--json"});

  EXPECT_EQ(run.exit_code, 0) << run.err;
  const json line = json::parse(run.out).at("repositories").at(0);
  EXPECT_EQ(line.at("result"), "saved");
  EXPECT_EQ(line.at("proved"), false);
  EXPECT_THAT(line.at("not_proved_because"), HasSubstr("archive"));
  EXPECT_FALSE(line.contains("missing"));
  fake_.move_to_class(base, "STANDARD");
  expect_restored();
  push_file(id_, large + "more and more");
  EXPECT_THAT(backup({"--json"}).out, Not(HasSubstr("not_proved_because")));
}

TEST_F(ProofInABucket, WhatTheServerLeavesOutIsNamedAndFilledLater) {
  ASSERT_EQ(backup().exit_code, 0);
  sim::fast_import(path_of(id_),
                   "commit refs/heads/main\ncommitter A <a@example.com> 1700000000 +0000\ndata 1\nx\n"
                   "from refs/heads/main^0\nM 100644 inline dir/one\ndata 3\none\n"
                   "M 100644 inline dir/two\ndata 3\ntwo\n");
  pushed(id_);
  sim::FaultMatch fetch;
  fetch.git_command = sim::GitCommand::fetch;
  github_.faults().add(fetch, sim::AnswerFetchWith{[this](const std::string& body) {
                         const LyingServer server{path_of(id_), {}, {}};
                         return lies().at(2).answer(server, sim::fetch_in(body));
                       }},
                       sim::Fault::kForever);

  const auto lied_to = backup({"--json"});

  const json line = json::parse(lied_to.out).at("repositories").at(0);
  EXPECT_EQ(line.at("missing_objects"), 1);
  EXPECT_EQ(line.at("missing").at(0).at("oid"), sim::git(path_of(id_), {"rev-parse", "main:dir/two"}));
  github_.faults().clear();
  const auto honest = backup({"--json", "--recheck-days", "0"});
  EXPECT_EQ(honest.exit_code, 0) << honest.err;
  EXPECT_THAT(honest.out, AllOf(Not(HasSubstr("missing")), Not(HasSubstr("not_proved_because"))));
  expect_restored();
}

}  // namespace
}  // namespace hubkeep
