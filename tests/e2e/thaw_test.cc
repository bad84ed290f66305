// The whole program with bundles in archive classes, on a server that has AWS's.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "e2e/bucket_vault.h"
#include "s3/fake_s3.h"
#include "s3/meddler.h"

namespace hubkeep {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class ColdVault : public BucketVault {
 protected:
  ColdVault() : id_(add_filled("site")) {}

  sim::RunResult restore_site(std::vector<std::string> arguments = {}) {
    return restore_from(server_.endpoint(), "octo/site", std::move(arguments));
  }
  void expect_restored() {
    const auto result = restore_site();
    ASSERT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(state_of(restored_folder()), state_of(path_of(id_)));
  }

  std::vector<std::string> bundles_of(const std::string& name) const {
    std::vector<std::string> found;
    for (const auto& [path, unused] : fake_.objects())
      if (path.ends_with(".bundle") && path.find("/" + name + ".") != std::string::npos)
        found.push_back(path);
    return found;
  }

  FakeS3 fake_;
  Meddler server_{[this](const sim::HttpRequest& request) { return fake_.handle(request); }};
  const sim::RepositoryId id_;
};

TEST_F(ColdVault, SaysWhatIsColdAsksForItAndRestoresWhatIsBack) {
  ASSERT_EQ(backup_to(server_.endpoint(), {"--storage-class", "GLACIER"}).exit_code, 0);

  const auto cold = restore_site();
  const auto asked = restore_site({"--thaw", "bulk", "--thaw-days", "3"});
  const auto waiting = restore_site();
  const auto asked_again = restore_site({"--thaw", "bulk"});

  EXPECT_EQ(cold.exit_code, 1);
  EXPECT_THAT(cold.err, AllOf(HasSubstr("1 of its objects ("), HasSubstr("lie in an archive class"),
                              HasSubstr("give --thaw standard")));
  EXPECT_EQ(asked.exit_code, 3);
  EXPECT_THAT(asked.err, AllOf(HasSubstr("1 asked for now, 0 before"), HasSubstr("5 to 12 hours"),
                               HasSubstr("run the same command again"), Not(HasSubstr("failed"))));
  EXPECT_THAT(fake_.restore_requests(),
              ElementsAre(AllOf(HasSubstr("<Days>3</Days>"), HasSubstr("<Tier>Bulk</Tier>"))));
  EXPECT_EQ(waiting.exit_code, 1);
  EXPECT_THAT(waiting.err, HasSubstr("on their way"));
  EXPECT_EQ(asked_again.exit_code, 3);
  EXPECT_THAT(asked_again.err, HasSubstr("0 asked for now, 1 before"));
  EXPECT_FALSE(std::filesystem::exists(restored_folder()));
  fake_.finish_restores();
  expect_restored();
}

TEST_F(ColdVault, IsBackedUpFurtherWithoutReadingWhatIsCold) {
  ASSERT_EQ(backup_to(server_.endpoint(), {"--storage-class", "DEEP_ARCHIVE"}).exit_code, 0);
  push_file(id_, "changed");

  const auto result = backup_to(server_.endpoint(), {"--storage-class", "DEEP_ARCHIVE"});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(bundles_of("site"), SizeIs(2));
  EXPECT_EQ(restore_site({"--thaw", "standard"}).exit_code, 3);
  fake_.finish_restores();
  expect_restored();
}

TEST_F(ColdVault, IsProvedAsFarAsItIsAtHand) {
  add_filled("other", 2);
  ASSERT_EQ(backup_to(server_.endpoint()).exit_code, 0);
  for (const auto& path : bundles_of("site")) fake_.move_to_class(path, "GLACIER");

  for (const char* how : {"--restore", "--deep"}) {
    const auto result = hubkeep(
        {"verify", how, "--json", "--temp-dir", (scratch_ / "temporary").string(), "--from", location()},
        environment(server_.endpoint()));

    EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
    for (const auto& verdict : nlohmann::json::parse(result.out).at("repositories")) {
      const bool is_cold = verdict.at("repository") == "octo/site";
      EXPECT_EQ(verdict.at("cold"), is_cold ? 1 : 0);
      EXPECT_EQ(verdict.at("proved"), is_cold ? 0 : 1);
      EXPECT_TRUE(verdict.at("damages").empty());
    }
    EXPECT_THAT(fake_.restore_requests(), IsEmpty());
    EXPECT_TRUE(std::filesystem::is_empty(scratch_ / "temporary"));
  }
}

TEST_F(ColdVault, RestoresAllThatIsAtHandAndAsksForTheRest) {
  const auto other = add_filled("other", 2);
  ASSERT_EQ(backup_to(server_.endpoint()).exit_code, 0);
  for (const auto& path : bundles_of("site")) fake_.move_to_class(path, "GLACIER");
  const std::string folder = scratch_ / "all";

  const auto result =
      hubkeep({"restore", "--all", folder, "--bare", "--from", location(), "--thaw", "standard"},
              environment(server_.endpoint()));

  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.err, HasSubstr("octo/site: 1 of its objects"));
  EXPECT_EQ(state_of(folder + "/octo/other.git"), state_of(path_of(other)));
  EXPECT_THAT(fake_.restore_requests(), SizeIs(1));
}

TEST_F(ColdVault, FindsWhatHasSunkIntoATierThatNoListShows) {
  ASSERT_EQ(backup_to(server_.endpoint(), {"--storage-class", "INTELLIGENT_TIERING"}).exit_code, 0);
  for (const auto& path : bundles_of("site"))
    fake_.move_to_class(path, "INTELLIGENT_TIERING", "ARCHIVE_ACCESS");

  const auto cold = restore_site();
  const auto asked = restore_site({"--thaw", "standard"});

  EXPECT_EQ(cold.exit_code, 1);
  EXPECT_THAT(cold.err, AllOf(HasSubstr("must be thawed first"), HasSubstr("give --thaw standard")));
  EXPECT_EQ(asked.exit_code, 3);
  EXPECT_THAT(fake_.restore_requests(), ElementsAre(Not(HasSubstr("Days"))));
  fake_.finish_restores();
  expect_restored();
}

TEST_F(ColdVault, SaysWhatTheServerHasAgainstATier) {
  ASSERT_EQ(backup_to(server_.endpoint(), {"--storage-class", "DEEP_ARCHIVE"}).exit_code, 0);

  const auto result = restore_site({"--thaw", "expedited"});

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, AllOf(HasSubstr("s3:RestoreObject on"), HasSubstr("InvalidArgument")));
  EXPECT_THAT(fake_.restore_requests(), IsEmpty());
}

TEST_F(ColdVault, InAFolderIsNever) {
  ASSERT_EQ(backup().exit_code, 0);

  const auto result = hubkeep({"restore", "octo/site", (scratch_ / "back").string(), "--from",
                               vault().string(), "--thaw", "standard"});

  EXPECT_EQ(result.exit_code, 0) << result.err;
}

}  // namespace
}  // namespace hubkeep
