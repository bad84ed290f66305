// A link, a pipe, a socket or a folder where an object of the vault should be: never followed and never
// waited for, told as what it is, and mended as any other damage.

#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <fstream>
#include <functional>
#include <map>

#include "e2e/end_to_end.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

using testing::AllOf;
using testing::HasSubstr;

void bind_socket(const fs::path& path) {
  // A socket's address has room for a short path alone.
  const fs::path before = fs::current_path();
  fs::current_path(path.parent_path());
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  path.filename().string().copy(address.sun_path, sizeof(address.sun_path) - 1);
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  EXPECT_EQ(::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0) << path;
  ::close(listener);
  fs::current_path(before);
}

class Obstacle : public EndToEnd {
 protected:
  using Kinds = std::map<std::string, std::function<void(const fs::path&)>>;

  Obstacle() {
    site_ = add_filled("site");
    EXPECT_EQ(backup({"--zip"}).exit_code, 0);
    push_file(site_, "second");
    EXPECT_EQ(backup({"--zip"}).exit_code, 0);
    fs::create_directory(scratch_ / "outside");
    std::ofstream(scratch_ / "outside/file") << "theirs";
  }

  // What can be in an object's place, by its name.
  Kinds kinds() {
    return {{"a symbolic link",
             [this](const fs::path& path) { fs::create_symlink(scratch_ / "outside/file", path); }},
            {"a named pipe", [](const fs::path& path) { ::mkfifo(path.c_str(), 0600); }},
            {"a socket", &bind_socket},
            {"a folder", [](const fs::path& path) { fs::create_directories(path / "below"); }}};
  }
  // In a vault of its own, made from the one that is whole.
  void fresh_vault() {
    if (!fs::exists(scratch_ / "whole")) fs::rename(vault(), scratch_ / "whole");
    fs::remove_all(vault());
    fs::copy(scratch_ / "whole", vault(), fs::copy_options::recursive);
  }
  fs::path only(const std::string& below, const std::string& ending) const {
    fs::path newest;
    for (const auto& file : fs::recursive_directory_iterator(vault() / below))
      if (file.path().string().ends_with(ending) && file.path() > newest) newest = file.path();
    EXPECT_FALSE(newest.empty()) << below << " " << ending;
    return newest;
  }
  void put(const std::function<void(const fs::path&)>& make, const fs::path& path) {
    fs::remove(path);
    make(path);
  }
  sim::RunResult verify(std::vector<std::string> arguments = {}) {
    arguments.insert(arguments.begin(), {"verify", "--from", vault().string()});
    return hubkeep(std::move(arguments));
  }
  void expect_outside_untouched() const {
    std::ifstream stream(scratch_ / "outside/file");
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(stream), {}), "theirs");
    EXPECT_EQ(std::distance(fs::directory_iterator(scratch_ / "outside"), fs::directory_iterator()), 1);
  }

  sim::RepositoryId site_ = 0;
};

TEST_F(Obstacle, InTheHistoryIsDamageThatARepairMends) {
  for (const auto& [what, make] : kinds()) {
    for (const auto& [below, ending] : std::vector<std::pair<std::string, std::string>>{
             {"repos", ".bundle"}, {"repos", ".refs.zst"}, {"repos", ".json.zst"}}) {
      fresh_vault();
      const fs::path object = only(below, ending);
      put(make, object);

      const auto found = verify({"--read-data", "--json"});
      std::ofstream(scratch_ / "findings") << found.out;
      const auto repaired = backup({"--repair", (scratch_ / "findings").string()});
      const auto again = verify({"--read-data"});

      EXPECT_EQ(found.exit_code, 3) << what << " " << object;
      EXPECT_THAT(found.out, AllOf(HasSubstr(object.lexically_relative(vault()).string()),
                                   HasSubstr("\"is " + what + ", not a file\"")));
      EXPECT_EQ(repaired.exit_code, 0) << what << " " << object << repaired.err;
      EXPECT_EQ(again.exit_code, 0) << what << " " << object << again.out << again.err;
      EXPECT_EQ(state_of(restore("octo/site")), state_of(path_of(site_)));
    }
  }
  expect_outside_untouched();
}

TEST_F(Obstacle, InTheRootIsDamageThatIsMadeAgain) {
  for (const auto& [what, make] : kinds()) {
    for (const std::string name : {"catalog.jsonl.zst", "README.txt", "hubkeep.json"}) {
      fresh_vault();
      const fs::path object = vault() / name;
      put(make, object);
      const bool is_folder = what == "a folder";

      const auto found = verify();
      const auto listed = hubkeep({"list", "--from", vault().string()});
      const auto refused = hubkeep({"rebuild-catalog", "--from", vault().string()});
      if (is_folder) fs::remove_all(object);
      const auto made = hubkeep({"rebuild-catalog", "--from", vault().string()});
      const auto again = verify();

      EXPECT_EQ(found.exit_code, 3) << what << " " << name;
      EXPECT_THAT(found.out, HasSubstr("DAMAGED: " + name + " is " + what + ", not a file"));
      EXPECT_EQ(listed.exit_code, 0) << what << " " << name << listed.err;
      if (is_folder) {
        EXPECT_THAT(refused.err, HasSubstr(name + ": a folder is in the way: move it elsewhere"));
      }
      EXPECT_EQ(made.exit_code, 0) << what << " " << name << made.err;
      EXPECT_EQ(again.exit_code, 0) << what << " " << name << again.out;
    }
  }
  expect_outside_untouched();
}

TEST_F(Obstacle, InPlaceOfTheCatalogOrReadmeStopsNoBackup) {
  for (const auto& [what, make] : kinds()) {
    if (what == "a folder") continue;  // InTheWay.AFolderWhereTheCatalogShouldBe
    for (const std::string name : {"catalog.jsonl.zst", "README.txt"}) {
      fresh_vault();
      put(make, vault() / name);
      push_file(site_, what + name);

      const auto saved = backup();
      const auto verified = verify();

      EXPECT_EQ(saved.exit_code, 0) << what << " " << name << saved.err;
      EXPECT_EQ(verified.exit_code, 0) << what << " " << name << verified.out;
      EXPECT_EQ(state_of(restore("octo/site")), state_of(path_of(site_)));
    }
  }
  expect_outside_untouched();
}

TEST_F(Obstacle, AmongTheZipsIsDamage) {
  for (const auto& [what, make] : kinds()) {
    for (const std::string ending : {".zip", "metadata.json"}) {
      fresh_vault();
      const fs::path object = only("zip", ending);
      put(make, object);

      const auto found = verify({"--json"});

      EXPECT_EQ(found.exit_code, 3) << what << " " << ending;
      EXPECT_THAT(found.out, HasSubstr("\"is " + what + ", not a file\""));
    }
  }
}

// No reader needs them, so nothing is lost; but somebody put it there.
TEST_F(Obstacle, AmongTheReportsIsToldAndNoDamage) {
  for (const auto& [what, make] : kinds()) {
    if (what == "a folder") continue;  // a shared run has one
    fresh_vault();
    const fs::path object = only("runs", ".jsonl.zst");
    put(make, object);

    const auto found = verify();

    EXPECT_EQ(found.exit_code, 0) << what << found.out;
    EXPECT_THAT(found.out, HasSubstr(object.lexically_relative(vault()).string() + " is " + what +
                                     ", which hubkeep did not put there"));
  }
}

}  // namespace
}  // namespace hubkeep
