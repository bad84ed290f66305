// A vault with a gist and an account in it, as a later version saves them: this one finds, lists, verifies,
// restores and copies them, and its backups leave them alone.

#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "e2e/end_to_end.h"
#include "store/folder/folder_store.h"
#include "vault/vault.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr auto kGist = "aa5a315d61ae9438b18d";

class Subjects : public EndToEnd {
 protected:
  Subjects() : site_(add_filled("site")) {
    EXPECT_EQ(backup().exit_code, 0);
    add("gists/" + host() + "/octo/" + kGist + "/", SubjectId::gist(kGist), std::string("octo/") + kGist);
    // Of the repository's own number.
    add("accounts/" + host() + "/octo." + std::to_string(site_) + "/", SubjectId::account(site_), "octo");
    EXPECT_EQ(hubkeep({"rebuild-catalog", "--from", vault().string()}).exit_code, 0);
  }

  std::string host() const { return fs::relative(folder_of(site_), vault() / "repos").begin()->string(); }

  /// With the history of the repository.
  void add(const std::string& folder, const SubjectId& id, const std::string& name) {
    const std::string site = fs::relative(folder_of(site_), vault()).string() + "/";
    fs::create_directories(vault() / folder);
    fs::copy(vault() / site / "git", vault() / folder / "git");
    SystemClock clock;
    Vault opened(std::make_unique<FolderStore>(vault().string(), OpenMode::write), OpenMode::write, clock);
    Manifest manifest = opened.read_manifest(site, opened.list_snapshots(site).front(), {}, {}).manifest;
    manifest.repository_id = id;
    manifest.listing.full_name = name;
    opened.write_manifest(folder, manifest);
  }

  /// "kind name", of those that are not gone.
  std::vector<std::string> listed(const fs::path& vault) {
    const auto result = hubkeep({"list", "--json", "--from", vault.string()});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    std::vector<std::string> lines;
    const json said = json::parse(result.out);
    for (const json& repository : said.at("repositories"))
      if (repository.at("gone_since").is_null())
        lines.push_back(repository.value("kind", "repository") + " " +
                        repository.at("repository").get<std::string>());
    return lines;
  }
  void expect_all_in(const fs::path& vault) {
    EXPECT_THAT(listed(vault),
                ElementsAre("account octo", std::string("gist octo/") + kGist, "repository octo/site"));
  }
  sim::RunResult verify(const fs::path& vault) {
    return hubkeep({"verify", "--json", "--read-data", "--from", vault.string()});
  }

  const sim::RepositoryId site_;
};

TEST_F(Subjects, OfAllKindsAreListedAndVerifiedAndRestored) {
  const auto text = hubkeep({"list", "--from", vault().string()});
  const auto verified = verify(vault());

  expect_all_in(vault());
  EXPECT_THAT(text.out,
              AllOf(HasSubstr(std::string("octo/") + kGist + "  gist"), HasSubstr("octo  account")));
  EXPECT_EQ(verified.exit_code, 0) << verified.err;
  EXPECT_EQ(json::parse(verified.out).at("repositories").size(), 3U);
  EXPECT_EQ(state_of(restore(std::string("octo/") + kGist)), state_of(path_of(site_)));
}

TEST_F(Subjects, BackupsLeaveGistsAndAccountsAlone) {
  push_file(site_, "second");

  const auto saved = backup();
  const auto unchanged = backup();

  EXPECT_EQ(saved.exit_code, 0) << saved.err;
  EXPECT_THAT(saved.out, HasSubstr("1 saved, 0 unchanged, 0 failed"));
  EXPECT_EQ(unchanged.exit_code, 0) << unchanged.err;
  EXPECT_THAT(unchanged.out, HasSubstr("0 saved, 1 unchanged, 0 failed"));
  expect_all_in(vault());
  EXPECT_EQ(verify(vault()).exit_code, 0);
}

TEST_F(Subjects, CopiesHaveThemAll) {
  const fs::path other = scratch_ / "other";

  const auto copied = hubkeep({"copy", vault().string(), other.string()});

  EXPECT_EQ(copied.exit_code, 0) << copied.err;
  expect_all_in(other);
  EXPECT_EQ(verify(other).exit_code, 0);
}

TEST_F(Subjects, ADamagedGistIsFoundAndNoRepairGivesItUp) {
  const fs::path folder = vault() / "gists" / host() / "octo" / kGist;
  for (const auto& file : fs::directory_iterator(folder / "git"))
    if (file.path().extension() == ".bundle") fs::resize_file(file, 100);
  const auto verified = verify(vault());
  std::ofstream(scratch_ / "findings") << verified.out;

  const auto repaired = backup({"--repair", (scratch_ / "findings").string()});

  EXPECT_EQ(verified.exit_code, 3);
  const json said = json::parse(verified.out);
  for (const json& repository : said.at("repositories"))
    EXPECT_EQ(repository.at("good"), repository.value("kind", "repository") != "gist") << repository;
  EXPECT_EQ(repaired.exit_code, 1) << "nothing else was to be repaired";
  EXPECT_THAT(repaired.err, HasSubstr(std::string("it is the gist ") + kGist));
  EXPECT_EQ(verify(vault()).exit_code, 3) << "it is damaged still";
}

}  // namespace
}  // namespace hubkeep
