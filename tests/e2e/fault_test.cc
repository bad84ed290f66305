// What goes wrong on the way, and that nothing of it reaches a snapshot.

#include <gmock/gmock.h>

#include "e2e/bucket_vault.h"
#include "s3/fake_s3.h"
#include "s3/meddler.h"

namespace hubkeep {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

class Fault : public EndToEnd {
 protected:
  Fault() {
    id_ = add_repository("site");
    sim::make_repository_content(path_of(id_), 3, 30, 10);
    pushed(id_);
  }
  void expect_saved() {
    const auto result = backup();
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(github_.faults().applied(), applied_before_ + 1);
    EXPECT_EQ(state_of(restore("octo/site")), state_of(path_of(id_)));
    EXPECT_EQ(temporary_files(), 0U);
  }
  void expect_failed(const std::string& text) {
    const auto result = backup();
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.err, HasSubstr(text));
    EXPECT_FALSE(std::filesystem::exists(vault() / "repos"));
    EXPECT_EQ(temporary_files(), 0U);
  }

  const sim::FaultMatch fetch_{.git_command = sim::GitCommand::fetch};
  const sim::FaultMatch ls_refs_{.git_command = sim::GitCommand::ls_refs};
  sim::RepositoryId id_ = 0;
  std::size_t applied_before_ = 0;
};

TEST_F(Fault, ABrokenConnectionInAPackIsTriedAgain) {
  github_.faults().add(fetch_, sim::CutAfter{1000});
  expect_saved();
}

TEST_F(Fault, APackWithoutItsFlushIsTriedAgain) {
  github_.faults().add(fetch_, sim::CutBeforeFlush{});
  expect_saved();
}

TEST_F(Fault, APackThatEndsEarlyIsTriedAgain) {
  github_.faults().add(fetch_, sim::EndAfter{1500});
  expect_saved();
}

TEST_F(Fault, AFatalBandIsTriedAgain) {
  github_.faults().add(fetch_, sim::FatalBand{"fatal: out of memory", 500});
  expect_saved();
}

TEST_F(Fault, AnEmptyAnswerIsTriedAgain) {
  github_.faults().add(fetch_, sim::EmptyBody{});
  expect_saved();
}

TEST_F(Fault, AnEmptyListOfRefsLeadsToDiscovery) {
  github_.faults().add(ls_refs_, sim::EmptyBody{});
  expect_saved();
}

TEST_F(Fault, AServerErrorIsTriedAgain) {
  github_.faults().add(ls_refs_, sim::Respond{.status = 502});
  expect_saved();
}

TEST_F(Fault, APackOfNothingIsNoBase) {
  // gitprotocol-v2: section "packfile", side-band 1; gitformat-pack: version 2, no objects, SHA-1 of that.
  const std::string pack = std::string("PACK\0\0\0\2\0\0\0\0", 12) +
                           "\x02\x9d\x08\x82\x3b\xd8\xa8\xea\xb5\x10\xad\x6a\xc7\x5c\x82\x3c\xfd\x3e\xd3\x1e";
  github_.faults().add(fetch_,
                       sim::Respond{.status = 200,
                                    .headers = {{"Content-Type", "application/x-git-upload-pack-result"}},
                                    .body = "000dpackfile\n0025\1" + pack + "0000"});
  expect_saved();
}

TEST_F(Fault, ARefusalOfGitIsNotTriedAgain) {
  github_.faults().add(ls_refs_, sim::ErrorLine{"access denied or repository not exported: /octo/site.git"},
                       sim::Fault::kForever);
  expect_failed("access denied");
  EXPECT_EQ(github_.count(sim::GitCommand::ls_refs), 1U);
}

TEST_F(Fault, RefsThatVanishBetweenListAndFetchAreListedAgain) {
  github_.faults().add(fetch_, sim::ErrorLine{"upload-pack: not our ref " + std::string(40, 'a')});
  expect_saved();
  EXPECT_EQ(github_.count(sim::GitCommand::ls_refs), 2U);
}

TEST_F(Fault, AFlippedBitNeverReachesASnapshot) {
  github_.faults().add(fetch_, sim::FlipPackBit{.offset = 300, .bit = 2}, sim::Fault::kForever);
  expect_failed("octo/site: failed: pack:");
}

TEST_F(Fault, AWrongTrailerNeverReachesASnapshot) {
  github_.faults().add(fetch_, sim::WrongTrailer{}, sim::Fault::kForever);
  expect_failed("trailer");
}

TEST_F(Fault, ForbiddenGitDataSaysWhatTheServerSays) {
  github_.faults().add(ls_refs_, sim::Respond{.status = 403, .body = "Repository access blocked"},
                       sim::Fault::kForever);
  expect_failed("Repository access blocked");
}

TEST_F(Fault, ARateLimitIsWaitedOutAndTold) {
  github_.faults().add({.path = "/user/repos"},
                       sim::Respond{.status = 429, .headers = {{"Retry-After", "1"}}, .body = "{}"});

  const auto result = backup();

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("waiting 1 s"));
}

TEST_F(Fault, TheTokenDoesNotFollowACloneUrlElsewhere) {
  sim::World other_world(scratch_ / "elsewhere");
  sim::Simulator elsewhere(other_world);
  world_.edit(id_, [&](sim::Repository& r) { r.clone_url_override = elsewhere.origin() + "/octo/site.git"; });

  const auto result = backup();

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("the token was not sent there"));
  ASSERT_FALSE(elsewhere.log().empty());
  for (const auto& request : elsewhere.log()) EXPECT_TRUE(request.auth_scheme.empty());
}

TEST_F(Fault, TheTokenDoesNotFollowARedirectElsewhere) {
  sim::World other_world(scratch_ / "elsewhere");
  sim::Simulator elsewhere(other_world);
  github_.faults().add(
      ls_refs_,
      sim::RedirectTo{.status = 307, .location = elsewhere.origin() + "/octo/site.git/git-upload-pack"},
      sim::Fault::kForever);

  const auto result = backup();

  EXPECT_EQ(result.exit_code, 1);
  ASSERT_FALSE(elsewhere.log().empty());
  for (const auto& request : elsewhere.log()) EXPECT_TRUE(request.auth_scheme.empty());
}

class StoreFault : public BucketVault {
 protected:
  FakeS3 objects_;
  Meddler s3_{[this](const sim::HttpRequest& request) { return objects_.handle(request); }};
};

// The store has made all attempts that there are: nothing is fetched again for more of them.
TEST_F(StoreFault, TheAttemptsOfAnUploadAreNotMultipliedByThoseOfItsRepository) {
  add_filled("site");
  s3_.meddle(".bundle", refuse(503, "SlowDown"), 1000);
  auto variables = environment(s3_.endpoint());
  variables.emplace("HUBKEEP_RETRIES", "2");

  const auto result = hubkeep({"backup", "--api-url", github_.api_url(), "--to", location()}, variables);

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, AllOf(HasSubstr("octo/site: failed: "), HasSubstr("(tried 3 times)"),
                                Not(HasSubstr("times) (tried"))));
  EXPECT_THAT(s3_.requests(".bundle"), SizeIs(3));
  EXPECT_EQ(github_.count(sim::GitCommand::fetch), 1U);
}

}  // namespace
}  // namespace hubkeep
