// Worlds of repositories with wikis, Git LFS, releases and gists that change at random between runs: what is
// restored of every snapshot is the world of its time.
#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include "e2e/end_to_end.h"
#include "e2e/torture.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

std::string content_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// What a world has of one repository, as a restore brings it.
struct Seen {
  std::string git;
  std::string wiki;                             // empty: there is none
  std::map<std::string, std::string> lfs;       // content by oid, of all history so far
  std::map<std::string, std::string> releases;  // content of assets by "TAG/NAME"; "TAG/" for the release

  friend bool operator==(const Seen&, const Seen&) = default;
};

void PrintTo(const Seen& seen, std::ostream* out) {
  *out << "git:\n" << seen.git << "wiki:\n" << seen.wiki << "lfs:";
  for (const auto& [oid, content] : seen.lfs) *out << " " << oid.substr(0, 8) << "/" << content.size();
  *out << "\nreleases:";
  for (const auto& [name, content] : seen.releases) *out << " " << name << "/" << content.size();
  *out << "\n";
}

class RandomWorlds : public EndToEnd, public testing::WithParamInterface<unsigned> {
 protected:
  RandomWorlds() : random_(GetParam()) {
    keeps_histories_alone_ = false;
    for (const char* name : {"site", "copy", "tools"}) {
      sim::RepositoryOptions options;
      if (std::string(name) == "copy") options.fork_of = ids_.front();
      ids_.push_back(add_repository(name, options));
      world_.edit(ids_.back(), [](sim::Repository& repository) { repository.has_wiki = true; });
      commit("README", "a repository", ids_.back());
      // One that never existed is asked for once a week.
      commit_in(world_.add_wiki(ids_.back()), "Home.md", "the first page");
    }
  }

  unsigned pick(std::size_t count) { return static_cast<unsigned>(random_() % count); }
  sim::RepositoryId any_repository() { return ids_[pick(ids_.size())]; }

  void commit(const std::string& file, const std::string& content, sim::RepositoryId id) {
    commit_in(path_of(id), file, content);
    pushed(id);
  }

  // On top of what main has, or as its beginning.
  void commit_in(const fs::path& repository, const std::string& file, const std::string& content,
                 bool anew = false) {
    const bool has_main =
        sim::run({"git", "-C", repository.string(), "rev-parse", "-q", "--verify", "refs/heads/main"},
                 {.env = sim::git_environment()})
            .exit_code == 0;
    std::string stream = "commit refs/heads/main\ncommitter A <a@example.com> " +
                         std::to_string(1'700'000'000 + ++commits_) + " +0000\ndata 1\nx\n";
    if (has_main && !anew) stream += "from refs/heads/main^0\n";
    stream += "M 100644 inline " + file + "\ndata " + std::to_string(content.size()) + "\n" + content + "\n";
    sim::fast_import(repository, stream);
  }

  void push_lfs() {
    const sim::RepositoryId id = any_repository();
    const std::string content = random_bytes(1 + pick(3000), pick(6));  // some of them twice
    const sim::LfsObject object = world_.add_lfs_object(id, sim::content_of(content));
    lfs_[id].emplace(object.oid, content);
    commit("asset-" + std::to_string(pick(3)) + ".bin", sim::lfs_pointer(object), id);
  }

  // The file goes; what history has of it stays.
  void remove_lfs() {
    commit("asset-" + std::to_string(pick(3)) + ".bin", "no pointer any more", any_repository());
  }

  void push_wiki() {
    const sim::RepositoryId id = any_repository();
    commit_in(world_.repository(id).wiki_path, "Home.md", std::to_string(random_()), pick(4) == 0);
  }

  void add_release() {
    const sim::RepositoryId id = any_repository();
    sim::Release release;
    release.tag = "v" + std::to_string(++tags_);
    const auto added = world_.add_release(id, release);
    for (unsigned i = pick(3); i > 0; --i) add_asset(added, "file-" + std::to_string(i));
    pushed(id);
  }

  void add_asset(sim::ReleaseId release, const std::string& name) {
    sim::ReleaseAsset asset;
    asset.name = name;
    const std::string content = random_bytes(1 + pick(5000), static_cast<unsigned>(random_()));
    asset.content = sim::content_of(content);
    assets_[world_.add_asset(release, asset)] = content;
  }

  void change_release() {
    const sim::RepositoryId id = any_repository();
    const auto releases = world_.releases_of(id);
    if (releases.empty()) return add_release();
    const sim::Release& release = releases[pick(releases.size())];
    if (pick(3) == 0) {
      world_.remove_release(release.id);
    } else if (!release.assets.empty() && pick(2) == 0) {
      const std::string content = random_bytes(1 + pick(5000), static_cast<unsigned>(random_()));
      const auto replaced =
          world_.replace_asset(release.assets[pick(release.assets.size())].id, sim::content_of(content));
      assets_[replaced] = content;
    } else {
      world_.edit_release(release.id, [&](sim::Release& edited) { edited.body = std::to_string(random_()); });
    }
    pushed(id);
  }

  void change() {
    switch (pick(5)) {
      case 0:
        return push_lfs();
      case 1:
        return remove_lfs();
      case 2:
        return push_wiki();
      case 3:
        return add_release();
      default:
        return change_release();
    }
  }

  Seen see(sim::RepositoryId id) {
    Seen seen{.git = state_of(path_of(id)), .wiki = {}, .lfs = lfs_[id], .releases = {}};
    const fs::path wiki = world_.repository(id).wiki_path;
    if (!wiki.empty()) seen.wiki = state_of(wiki);
    for (const sim::Release& release : world_.releases_of(id)) {
      seen.releases[release.tag + "/"] = release.body.value_or("");
      for (const auto& asset : release.assets)
        seen.releases[release.tag + "/" + asset.name] = assets_.at(asset.id);
    }
    return seen;
  }

  Seen see_restored(const fs::path& folder) {
    Seen seen{.git = state_of(folder), .wiki = {}, .lfs = {}, .releases = {}};
    const fs::path wiki = folder.string() + ".wiki.git";
    if (fs::exists(wiki)) seen.wiki = state_of(wiki);
    if (fs::exists(folder / "lfs/objects"))
      for (const auto& file : fs::recursive_directory_iterator(folder / "lfs/objects"))
        if (file.is_regular_file()) seen.lfs[file.path().filename().string()] = content_of(file.path());
    const fs::path releases = folder.string() + ".releases";
    if (fs::exists(releases))
      for (const auto& tag : fs::directory_iterator(releases))
        for (const auto& file : fs::directory_iterator(tag.path())) {
          const std::string name = file.path().filename().string();
          const std::string content = content_of(file.path());
          if (name != "release.json") {
            seen.releases[tag.path().filename().string() + "/" + name] = content;
            continue;
          }
          const auto body = nlohmann::json::parse(content).at("body");
          seen.releases[tag.path().filename().string() + "/"] =
              body.is_string() ? body.get<std::string>() : "";
        }
    return seen;
  }

  std::mt19937 random_;
  std::vector<sim::RepositoryId> ids_;
  std::map<sim::RepositoryId, std::map<std::string, std::string>> lfs_;
  std::map<sim::AssetId, std::string> assets_;
  int commits_ = 0;
  int tags_ = 0;
};

TEST_P(RandomWorlds, AreRestoredAsTheyWereAtEverySnapshot) {
  struct Moment {
    sim::RepositoryId id;
    std::string snapshot;
    Seen seen;
  };
  std::vector<Moment> moments;
  for (int run = 0; run < 10; ++run) {
    for (unsigned changes = 1 + pick(4); changes > 0; --changes) change();
    const auto result = backup({"--wiki-every", "0"});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    for (const auto id : ids_) moments.push_back({id, snapshots_of(folder_of(id)).back(), see(id)});
  }

  for (const Moment& moment : moments) {
    const fs::path restored = restore(world_.repository(moment.id).full_name(), moment.snapshot);
    EXPECT_EQ(see_restored(restored), moment.seen) << moment.snapshot;
    fs::remove_all(restored);
  }
  const auto verified = hubkeep({"verify", "--read-data", "--from", vault().string()});
  EXPECT_EQ(verified.exit_code, 0) << verified.err;
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomWorlds, testing::Range(0U, torture_rounds(3)));

}  // namespace
}  // namespace hubkeep
