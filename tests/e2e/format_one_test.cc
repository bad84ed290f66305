// A vault that the first version wrote (tests/fixtures/README.md), with today's program: it reads, verifies,
// restores, is copied, and backups go on in it.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "base/zstd.h"
#include "e2e/end_to_end.h"
#include "sim/body_filters.h"
#include "vault/catalog.h"
#include "vault/git_part.h"
#include "vault/sealed_lines.h"
#include "vault/zip_record.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

using nlohmann::json;
using sim::packet;
using testing::AnyOf;
using testing::Contains;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::Field;
using testing::SizeIs;
using testing::UnorderedElementsAre;

const fs::path kFixture = HUBKEEP_SOURCE_DIR "/tests/fixtures/format-1";
constexpr std::string_view kLater = "2025-03-20T12:00:00Z";  // than the fixture, for GitHub and for hubkeep
constexpr const char* kNever = "365";  // days until refs are compared that GitHub reports no push of
constexpr const char* kHost = "http://github.localhost";

std::string content_of(const fs::path& file) {
  std::ostringstream content;
  content << std::ifstream(file, std::ios::binary).rdbuf();
  return content.str();
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// All files below a folder but unfinished ones, by their keys.
std::map<std::string, std::string> objects_in(const fs::path& folder) {
  std::map<std::string, std::string> objects;
  for (const auto& file : fs::recursive_directory_iterator(folder)) {
    const std::string key = file.path().lexically_relative(folder).string();
    if (file.is_regular_file() && !key.starts_with(".tmp/")) objects[key] = content_of(file.path());
  }
  return objects;
}

/// "repos/github.localhost/octo/NAME.ID/…", "zip/DAY/octo/NAME-COMMIT.zip"
std::string name_in(const std::string& key) {
  const std::size_t begin = key.find("/octo/") + std::string("/octo/").size();
  return key.substr(begin, key.find_first_of(".-", begin) - begin);
}

class FormatOne : public EndToEnd {
 protected:
  FormatOne() { fs::copy(kFixture / "vault", vault(), fs::copy_options::recursive); }

  Catalog catalog() const { return parse_catalog(content_of(vault() / "catalog.jsonl.zst")); }
  CatalogEntry entry_of(const std::string& name) const {
    for (const auto& [key, entry] : catalog())
      if (entry.listing.full_name == "octo/" + name) return entry;
    ADD_FAILURE() << "not in the catalog: " << name;
    return {};
  }
  Manifest manifest_of(const CatalogEntry& entry, std::size_t which = 0) const {
    const std::string key = entry.folder + manifest_key(entry.newest.at(which).snapshot);
    return parse_manifest(zstd_decompress(content_of(vault() / key)));
  }
  Manifest newest_of(const std::string& name) const { return manifest_of(entry_of(name)); }

  /// What each repository restores to, by its name.
  static std::map<std::string, std::string> expected_refs() {
    std::map<std::string, std::string> expected;
    for (const auto& file : fs::directory_iterator(kFixture / "refs"))
      expected[file.path().filename().string()] = content_of(file.path());
    return expected;
  }
  /// A snapshot that is not complete has to be named.
  fs::path restore_newest(const std::string& name) {
    const bool is_complete = name != "sliced";
    return restore("octo/" + name, is_complete ? "" : newest_of(name).snapshot.str());
  }
  void expect_restores() {
    for (const auto& [name, refs] : expected_refs()) {
      const fs::path restored = restore_newest(name);
      EXPECT_EQ(state_of(restored), refs) << name;
      sim::git(restored, {"fsck", "--no-dangling", "--full"});
    }
  }

  json verify(const fs::path& place, const std::vector<std::string>& more, int exit_code) {
    std::vector<std::string> arguments = {"verify", "--json", "--from", place.string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto result = hubkeep(arguments);
    EXPECT_EQ(result.exit_code, exit_code) << result.out << result.err;
    return json::parse(result.out);
  }
};

TEST_F(FormatOne, IsListed) {
  const json listed = json::parse(hubkeep({"list", "--json", "--from", vault().string()}).out);

  std::map<std::string, std::string> status;
  std::set<std::string> gone;
  for (const json& each : listed.at("repositories")) {
    const std::string name = each.at("repository").get<std::string>().substr(std::string("octo/").size());
    status[name] = each.at("git").is_null() ? "zip" : each.at("git");
    if (!each.at("gone_since").is_null()) gone.insert(name);
  }
  EXPECT_THAT(status, SizeIs(23));
  for (const auto& [name, what] : status) {
    const bool is_partial = name == "broken" || name == "nameless" || name == "sliced";
    const bool is_zip = name == "files" || name == "packed";
    EXPECT_EQ(what, is_partial ? "partial" : is_zip ? "zip" : "ok") << name;
  }
  EXPECT_THAT(gone, ElementsAre("gone", "left"));
  const std::map<std::string, std::size_t> counts = {{"chain", 3}, {"twins", 3},   {"repaired", 4},
                                                     {"gone", 3},  {"renamed", 2}, {"empty", 1}};
  for (const auto& [name, count] : counts) {
    const auto one = hubkeep({"list", "octo/" + name, "--json", "--from", vault().string()});
    EXPECT_THAT(json::parse(one.out).at("snapshots"), SizeIs(count)) << one.out;
  }
}

TEST_F(FormatOne, IsVerified) {
  for (const std::vector<std::string>& how :
       {std::vector<std::string>{}, {"--read-data"}, {"--read-data", "--restore"}, {"--deep"}}) {
    const json found = verify(vault(), how, 0);

    EXPECT_EQ(found.at("good"), true);
    std::size_t snapshots = 0;
    std::size_t restorable = 0;
    std::size_t accepted = 0;
    for (const json& repository : found.at("repositories")) {
      EXPECT_EQ(repository.at("good"), true) << repository;
      snapshots += repository.at("snapshots").get<std::size_t>();
      restorable += repository.at("restorable").get<std::size_t>();
      for (const json& damage : repository.at("damages")) accepted += damage.at("accepted") ? 1U : 0U;
    }
    EXPECT_THAT(found.at("repositories"), SizeIs(23));
    EXPECT_EQ(snapshots, 45U);
    EXPECT_EQ(restorable, 40U);
    EXPECT_EQ(accepted, 3U);
    EXPECT_EQ(found.at("zips").at("zips"), 4);
    EXPECT_THAT(found.at("zips").at("damages"), SizeIs(1));
    EXPECT_THAT(found.at("states").at(0).at("damages"), SizeIs(1));
    EXPECT_EQ(found.at("runs").at("failing").at(0).at("repository"), "octo/sliced");
  }
}

TEST_F(FormatOne, IsRestored) {
  EXPECT_THAT(expected_refs(), SizeIs(21));

  expect_restores();
}

TEST_F(FormatOne, IsRestoredByPlainGit) {
  for (const auto& [name, refs] : expected_refs()) {
    const CatalogEntry entry = entry_of(name);
    const fs::path restored = restore_by_readme(vault() / entry.folder, manifest_of(entry).snapshot.str());

    // Where the server showed no HEAD, git's own default stays.
    EXPECT_TRUE(name == "headless" || state_of(restored) == refs) << name << state_of(restored);
  }
}

TEST_F(FormatOne, IsCopied) {
  const fs::path copy = scratch_ / "copy";

  const auto result = hubkeep({"copy", vault().string(), copy.string(), "--json"});

  // What a repair has accepted as lost cannot be copied.
  EXPECT_EQ(result.exit_code, 3) << result.out << result.err;
  std::set<std::string> left_out;
  for (const auto& [key, bytes] : objects_in(vault())) {
    const bool is_saved = key.starts_with("repos/") || key.ends_with(".zip");
    if (!is_saved) continue;
    if (fs::exists(copy / key))
      EXPECT_TRUE(content_of(copy / key) == bytes) << key;
    else
      left_out.insert(name_in(key));
  }
  EXPECT_THAT(left_out, ElementsAre("mended", "repaired", "zipped"));
  const json verified = verify(copy, {"--read-data"}, 3);
  std::set<std::string> damaged;
  for (const json& repository : verified.at("repositories"))
    if (!repository.at("good")) damaged.insert(repository.at("repository"));
  EXPECT_THAT(damaged, ElementsAre("octo/mended", "octo/repaired"));
  EXPECT_EQ(verified.at("zips").at("zips"), 4);
  fs::remove_all(vault());
  fs::rename(copy, vault());
  expect_restores();
}

TEST_F(FormatOne, HasTheSameCatalogWhenItIsMadeAgain) {
  fs::remove(vault() / "catalog.jsonl.zst");

  ASSERT_EQ(hubkeep({"rebuild-catalog", "--from", vault().string()}).exit_code, 0);

  std::vector<std::string> lines;
  read_sealed_lines("catalog", content_of(vault() / "catalog.jsonl.zst"),
                    [&](const nlohmann::ordered_json& line) { lines.push_back(line.dump()); });
  EXPECT_THAT(lines, ElementsAreArray(lines_of(content_of(kFixture / "rebuilt-catalog.jsonl"))));
}

/// Repositories that GitHub still has, as the last run saw them.
class FormatOneGoesOn : public FormatOne {
 protected:
  FormatOneGoesOn() {
    github_.set_public_origin(kHost);
    world_.set_time(parse_time(kLater));
  }

  void serve_named(const std::vector<std::string>& names) {
    for (const std::string& name : names) serve(entry_of(name));
  }
  void serve_all() {
    for (const auto& [key, entry] : before_)
      if (!entry.gone_since && !entry.has_only_zips()) serve(entry);
  }
  void serve(const CatalogEntry& entry) {
    const Manifest manifest = manifest_of(entry);  // of "twins", too: both have what is on GitHub
    const Listing& listing = entry.listing;
    const std::string name = listing.full_name.substr(listing.full_name.find('/') + 1);
    const fs::path source = restore_by_readme(vault() / entry.folder, manifest.snapshot.str());
    ids_[name] = world_.add_repository("octo", name,
                                       {.is_private = listing.visibility == "private",
                                        .fork = listing.is_fork.value_or(false),
                                        .archived = listing.is_archived.value_or(false),
                                        .default_branch = listing.default_branch,
                                        .id = entry.id.number(),
                                        .adopt_path = source});
    world_.edit(ids_[name], [&](sim::Repository& repository) {
      repository.pushed_at = parse_time(listing.pushed_at.value_or(""));
    });
    if (name == "headless") {
      sim::git(source, {"symbolic-ref", "HEAD", "refs/heads/none"});
      sim::git(source, {"config", "lsrefs.unborn", "ignore"});
    }
    if (name == "broken") {
      for (const GitPart git = git_part(manifest.parts); const LeftOutRef& ref : git.left_out)
        std::ofstream(source / ref.name) << ref.oid->hex() << "\n";
    }
    if (name == "nameless") list_with_left_out(manifest);
  }
  void list_with_left_out(const Manifest& manifest) {
    std::string body =
        packet(git_part(manifest.parts).head.oid->hex() + " HEAD symref-target:refs/heads/main\n");
    for (const GitPart git = git_part(manifest.parts); const LeftOutRef& ref : git.left_out)
      body += packet(ref.oid->hex() + " " + ref.name + "\n");
    body += packet(git_part(manifest.parts).head.oid->hex() + " refs/heads/main\n") + "0000";
    github_.faults().add({.repository = "octo/nameless", .git_command = sim::GitCommand::ls_refs},
                         sim::Respond{.status = 200,
                                      .headers = {{"Content-Type", "application/x-git-upload-pack-result"}},
                                      .body = body},
                         sim::Fault::kForever);
  }
  /// The simulator is the proxy of the host whose name the vault has.
  json backup_here(const std::vector<std::string>& arguments, int exit_code) {
    std::vector<std::string> all = {"--json"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    const auto result = backup(all, {{"http_proxy", fmt::format("http://127.0.0.1:{}", github_.port())},
                                     {"LD_PRELOAD", HUBKEEP_CLOCK_AHEAD},
                                     {"CLOCK_AHEAD", std::to_string((world_.now() - now).count())}});
    EXPECT_EQ(result.exit_code, exit_code) << result.out << result.err;
    return json::parse(result.out);
  }
  static std::map<std::string, std::string> results_of(const json& report) {
    std::map<std::string, std::string> results;
    for (const json& line : report.at("repositories"))
      results[line.at("repository").get<std::string>().substr(std::string("octo/").size())] =
          line.at("result");
    return results;
  }
  /// Names of the repositories that have new objects; no object of before is another.
  std::set<std::string> changed_folders() {
    std::set<std::string> changed;
    const auto now = objects_in(vault());
    for (const auto& [key, bytes] : objects_before_)
      EXPECT_TRUE(!key.starts_with("repos/") || now.at(key) == bytes) << key;
    for (const auto& [key, bytes] : now) {
      if (key.starts_with("repos/") && !objects_before_.contains(key)) changed.insert(name_in(key));
    }
    return changed;
  }
  /// One bundle more, which needs nothing but what the newest snapshot of the fixture has.
  static void expect_built_on(const CatalogEntry& entry, const Manifest& manifest) {
    std::set<std::string> newest;
    for (const CatalogSnapshot& snapshot : entry.newest) newest.insert(snapshot.snapshot.str());
    std::set<std::string> previous;
    for (const PreviousSnapshot& snapshot : manifest.previous) previous.insert(snapshot.snapshot.str());
    EXPECT_EQ(previous, newest);
    ASSERT_GE(git_part(manifest.parts).bundles.size(), 2U);
    EXPECT_EQ(git_part(manifest.parts).bundles.back().snapshot, manifest.snapshot);
    EXPECT_THAT(newest, Contains(git_part(manifest.parts).bundles.back().builds_on.str()));
  }
  void expect_restored_as_served() {
    for (const std::string ref : {"refs/heads/lost", "refs/heads/lost-\xe9"})
      fs::remove(path_of(ids_["broken"]) / ref);
    sim::git(path_of(ids_["headless"]), {"symbolic-ref", "HEAD", "refs/heads/main"});
    for (const auto& [name, id] : ids_) {
      const fs::path restored = restore("octo/" + name);
      EXPECT_EQ(state_of(restored), state_of(path_of(id))) << name;
      sim::git(restored, {"fsck", "--no-dangling", "--full"});
    }
  }
  const CatalogEntry& before(const std::string& name) const {
    return before_.at({"github.localhost", ids_.at(name)});
  }

  std::map<std::string, sim::RepositoryId> ids_;
  const Catalog before_ = catalog();
  const std::map<std::string, std::string> objects_before_ = objects_in(vault());
};

TEST_F(FormatOneGoesOn, AndSavesNothingWhereNothingHasChanged) {
  serve_all();

  const auto first = results_of(backup_here({"--recheck-days", kNever}, 3));
  const auto changed = changed_folders();
  const auto listed = github_.count(sim::GitCommand::ls_refs);
  // When it is due to ask again for what is lost, the simulator says so in other words.
  const auto second = results_of(backup_here({"--exclude", "octo/broken"}, 3));

  // What could not be had of "sliced" is not on GitHub any more; of the newest of "twins" there are two.
  const std::set<std::string> unsettled = {"sliced", "twins"};
  for (const auto& [name, id] : ids_) {
    EXPECT_EQ(first.at(name), unsettled.contains(name) ? "saved" : "unchanged") << name;
    EXPECT_TRUE(name == "broken" || second.at(name) == "unchanged") << name;
  }
  for (const std::string name : {"gone", "left", "files", "packed"})
    EXPECT_EQ(first.at(name), "gone") << name;
  EXPECT_EQ(changed, unsettled);
  EXPECT_EQ(changed_folders(), unsettled);
  // Those two, and the two of which the server lists what it does not hand over.
  EXPECT_EQ(listed, 4U);
  EXPECT_EQ(github_.count(sim::GitCommand::fetch), 0U);
}

TEST_F(FormatOneGoesOn, AndSettlesTwoNewest) {
  serve_named({"twins"});
  const CatalogEntry twins = before("twins");
  ASSERT_THAT(twins.newest, SizeIs(2));
  const Manifest one = manifest_of(twins, 0);
  const Manifest other = manifest_of(twins, 1);

  backup_here({"--include", "octo/twins"}, 0);

  EXPECT_THAT(entry_of("twins").newest, SizeIs(1));
  const Manifest settled = newest_of("twins");
  EXPECT_THAT(settled.previous, UnorderedElementsAre(Field(&PreviousSnapshot::snapshot, one.snapshot),
                                                     Field(&PreviousSnapshot::snapshot, other.snapshot)));
  EXPECT_THAT(git_part(settled.parts).bundles,
              AnyOf(git_part(one.parts).bundles, git_part(other.parts).bundles));
  EXPECT_EQ(state_of(restore_newest("twins")), state_of(path_of(ids_["twins"])));
}

TEST_F(FormatOneGoesOn, AndFetchesAnIncrementOfWhatHasChanged) {
  serve_all();
  const std::set<std::string> without_refs = {"empty", "vanished"};
  for (const auto& [name, id] : ids_)
    if (!without_refs.contains(name)) push_file(id, "pushed after the fixture was made");
  github_.faults().clear();

  const json report = backup_here({"--recheck-days", kNever}, 3);

  for (const json& line : report.at("repositories")) {
    const std::string name = line.at("repository").get<std::string>().substr(std::string("octo/").size());
    if (!ids_.contains(name) || without_refs.contains(name)) continue;
    SCOPED_TRACE(name);
    EXPECT_EQ(line.at("result"), "saved");
    EXPECT_EQ(line.at("requests"), 2);
    EXPECT_EQ(line.at("objects"), 3);
    expect_built_on(before(name), newest_of(name));
  }
  EXPECT_EQ(changed_folders().size(), ids_.size() - without_refs.size());
  EXPECT_THAT(verify(vault(), {"--restore"}, 0).at("good"), true);
  expect_restored_as_served();
}

TEST_F(FormatOneGoesOn, AndSavesRefsWhereThereWereNone) {
  serve_named({"empty", "vanished"});
  for (const std::string name : {"empty", "vanished"}) {
    sim::fast_import(path_of(ids_[name]),
                     "commit refs/heads/main\ncommitter A U Thor <author@example.com> 1700000000 +0000\n"
                     "data 6\nfirst\nM 100644 inline file\ndata 4\none\n\n");
    pushed(ids_[name]);
  }

  backup_here({"--include", "octo/empty", "--include", "octo/vanished"}, 0);

  for (const std::string name : {"empty", "vanished"}) {
    const Manifest newest = newest_of(name);
    EXPECT_THAT(newest.previous,
                ElementsAre(Field(&PreviousSnapshot::snapshot, before(name).newest.at(0).snapshot)));
    EXPECT_FALSE(git_part(newest.parts).refs_vanished);
    EXPECT_EQ(state_of(restore_newest(name)), state_of(path_of(ids_[name])));
  }
  EXPECT_THAT(git_part(newest_of("empty").parts).bundles, SizeIs(1));
  EXPECT_THAT(git_part(newest_of("vanished").parts).bundles, SizeIs(2));
}

TEST_F(FormatOneGoesOn, AndMakesAZipOfWhatHasChanged) {
  serve_named({"zipped"});
  const std::vector<std::string> zipped = {"--include", "octo/zipped", "--zip", "--recheck-days", kNever};

  const auto results = results_of(backup_here(zipped, 0));

  EXPECT_EQ(results.at("zipped"), "unchanged");
  EXPECT_EQ(entry_of("zipped").zip, before("zipped").zip);
  EXPECT_EQ(github_.request_log().count_path("zip"), 0U);

  push_file(ids_["zipped"], "pushed after the fixture was made");
  backup_here(zipped, 0);

  const auto zip = entry_of("zipped").zip;
  ASSERT_TRUE(zip);
  EXPECT_EQ(zip->commit, sim::git(path_of(ids_["zipped"]), {"rev-parse", "main"}));
  const ZipDay named =
      parse_zip_metadata("2025-03-20", content_of(vault() / "zip" / "2025-03-20" / "metadata.json"));
  EXPECT_EQ(named.previous, "2025-03-02");
  EXPECT_NE(named.find(zip->key), nullptr);
  EXPECT_EQ(verify(vault(), {"--read-data"}, 0).at("zips").at("zips"), 5);
}

}  // namespace
}  // namespace hubkeep
