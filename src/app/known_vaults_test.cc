#include "app/known_vaults.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "base/error.h"
#include "base/scratch_folder.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

CompletedRun run(int number) {
  const auto id = SnapshotId::parse("202611" + std::to_string(10 + number) + "T000000Z-00000a").value();
  return {.run = id, .finished = id.time(), .number = static_cast<std::uint64_t>(number)};
}

KnownVault vault(char digit, int number) {
  return {.id = std::string(32, digit),
          .seen_at = run(number).finished,
          .newest_runs = {{"github.com", run(number)}}};
}

mode_t mode_of(const fs::path& path) {
  struct stat status{};
  EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
  return status.st_mode & 07777U;
}

class KnownVaultsTest : public testing::Test {
 protected:
  KnownVaults known(const std::string& place = "/srv/vault") {
    return {folder_, place, [this](const std::string& text) { notices_.push_back(text); }};
  }
  std::string file() { return KnownVaults(folder_, "/srv/vault", ignore_).file(); }
  void write(const std::string& text) { std::ofstream(file(), std::ios::trunc) << text; }

  ScratchFolder scratch_;
  fs::path folder_ = scratch_.path() / "a" / "state";
  std::vector<std::string> notices_;
  const Notice ignore_ = [](const std::string&) {};
};

TEST_F(KnownVaultsTest, KeepsWhatItWasTold) {
  known().keep(vault('a', 1));
  known().keep(vault('a', 2));

  EXPECT_THAT(known().all(), ElementsAre(vault('a', 2)));
  EXPECT_EQ(known().find(std::string(32, 'a')), vault('a', 2));
  EXPECT_EQ(known().find(std::string(32, 'b')), std::nullopt);
  EXPECT_THAT(notices_, IsEmpty());
}

TEST_F(KnownVaultsTest, ShowsItToNobodyElseAndLeavesNothingBehind) {
  known().keep(vault('a', 1));

  EXPECT_EQ(mode_of(folder_), 0700U);
  EXPECT_EQ(mode_of(fs::path(file()).parent_path()), 0700U);
  EXPECT_EQ(mode_of(file()), 0600U);
  for (const auto& left : fs::directory_iterator(folder_ / ".tmp")) EXPECT_EQ(left.path().filename(), "lock");
}

// Whoever has opened the file before reads it to its end.
TEST_F(KnownVaultsTest, PutsANewFileInPlaceOfTheOld) {
  known().keep(vault('a', 1));
  std::ifstream old(file());
  known().keep(vault('a', 2));

  std::ostringstream text;
  text << old.rdbuf();

  EXPECT_THAT(parse_known_vaults("/srv/vault", text.str()), ElementsAre(vault('a', 1)));
}

TEST_F(KnownVaultsTest, KnowsEachPlaceByItself) {
  known("/srv/one").keep(vault('a', 1));
  known("/srv/two").keep(vault('b', 2));

  EXPECT_THAT(known("/srv/one").all(), ElementsAre(vault('a', 1)));
  EXPECT_THAT(known("/srv/two").all(), ElementsAre(vault('b', 2)));
}

TEST_F(KnownVaultsTest, KnowsTwoVaultsThatTakeTurns) {
  known().keep(vault('a', 1));
  known().keep(vault('b', 2));
  known().keep(vault('a', 3));

  EXPECT_THAT(known().all(), ElementsAre(vault('a', 3), vault('b', 2)));
}

TEST_F(KnownVaultsTest, ADamagedFileIsToldOfOnceAndWrittenAnew) {
  known().keep(vault('a', 1));
  std::string cut = format_known_vaults("/srv/vault", {vault('a', 1)});
  cut.pop_back();
  cut.pop_back();
  for (const std::string& damaged :
       {cut, std::string(), std::string("{}"), std::string("[]"), std::string(1 << 17, '['),
        format_known_vaults("/srv/other", {vault('a', 1)}),
        std::string(R"({"place": "/srv/vault", "vaults": [{"vault": "../x"}]})")}) {
    write(damaged);
    notices_.clear();

    KnownVaults read = known();
    EXPECT_THAT(read.all(), IsEmpty()) << damaged;
    EXPECT_THAT(notices_, ElementsAre(AllOf(HasSubstr("cannot be read"), HasSubstr(file()))));
    read.keep(vault('b', 2));

    EXPECT_THAT(notices_, SizeIs(1));
    EXPECT_THAT(known().all(), ElementsAre(vault('b', 2)));
  }
}

TEST_F(KnownVaultsTest, AFolderThatCannotBeMadeIsToldOfOnce) {
  std::ofstream(scratch_.path() / "a") << "a file";
  KnownVaults none = known();

  none.keep(vault('a', 1));
  none.keep(vault('a', 2));

  EXPECT_THAT(notices_, ElementsAre(HasSubstr("something that is not a folder is in the way")));
  EXPECT_TRUE(fs::is_regular_file(scratch_.path() / "a"));
}

TEST_F(KnownVaultsTest, WhatIsInTheWayOfTheFileIsToldOfOnceAndLeftAlone) {
  fs::create_directories(file());

  KnownVaults read = known();
  read.keep(vault('a', 1));

  EXPECT_THAT(notices_, SizeIs(1));
  EXPECT_TRUE(fs::is_directory(file()));
}

TEST_F(KnownVaultsTest, WithoutAFolderKnowsNothingAndSaysNothing) {
  folder_.clear();
  KnownVaults none = known();

  none.keep(vault('a', 1));

  EXPECT_THAT(none.all(), IsEmpty());
  EXPECT_THAT(notices_, IsEmpty());
}

TEST(StateFolder, IsTheServicesElseTheUsers) {
  EXPECT_EQ(state_folder_of({{"STATE_DIRECTORY", "/var/lib/hubkeep:/var/lib/hubkeep-known"},
                             {"XDG_STATE_HOME", "/x"},
                             {"HOME", "/h"}}),
            "/var/lib/hubkeep-known");
  EXPECT_EQ(state_folder_of({{"STATE_DIRECTORY", "/state"}}), "/state");
  EXPECT_EQ(state_folder_of({{"XDG_STATE_HOME", "/x"}, {"HOME", "/h"}}), "/x/hubkeep");
  EXPECT_EQ(state_folder_of({{"XDG_STATE_HOME", ""}, {"HOME", "/h"}}), "/h/.local/state/hubkeep");
  EXPECT_EQ(state_folder_of({{"STATE_DIRECTORY", "x"}, {"XDG_STATE_HOME", "y"}, {"HOME", "/h"}}),
            "/h/.local/state/hubkeep");
  EXPECT_EQ(state_folder_of({{"HOME", "relative"}}), "");
  EXPECT_EQ(state_folder_of({}), "");
  EXPECT_EQ(cache_folder_of({{"CACHE_DIRECTORY", "/cache"}, {"HOME", "/h"}}), "/cache");
  EXPECT_EQ(cache_folder_of({{"XDG_CACHE_HOME", "/x"}, {"HOME", "/h"}}), "/x/hubkeep");
  EXPECT_EQ(cache_folder_of({{"HOME", "/h"}}), "/h/.cache/hubkeep");
}

TEST(Place, OfAFolderIsItsAbsolutePath) {
  const std::string here = fs::current_path().string();

  EXPECT_EQ(place_of_folder("/srv/vault"), "/srv/vault");
  EXPECT_EQ(place_of_folder("/srv//./vault/"), "/srv/vault");
  EXPECT_EQ(place_of_folder("hubkeep-vault"), here + "/hubkeep-vault");
  EXPECT_EQ(place_of_folder("./hubkeep-vault/"), here + "/hubkeep-vault");
  EXPECT_EQ(place_of_folder("/"), "/");
}

// Where a link leads, and so where ".." is, depends on what is mounted.
TEST(Place, OfALinkIsTheLinksOwn) {
  ScratchFolder scratch;
  const fs::path link = scratch.path() / "link";
  fs::create_symlink(scratch.path() / "disk", link);
  const std::string unmounted = place_of_folder(link / "vault");
  fs::create_directories(scratch.path() / "disk" / "vault");

  EXPECT_EQ(place_of_folder(link / "vault"), unmounted);
  EXPECT_EQ(unmounted, (link / "vault").string());
  EXPECT_EQ(place_of_folder(link / "../vault"), link.string() + "/../vault");
}

}  // namespace
}  // namespace hubkeep
