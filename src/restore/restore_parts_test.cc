// What a restore brings beside a history, from vaults that are made by hand.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "base/error_of.h"
#include "crypto/hash.h"
#include "git/attributes.h"
#include "git/bundle.h"
#include "localgit/git_fixture.h"
#include "restore/restore_vault.h"
#include "restore/work_place.h"
#include "store/folder/folder_store.h"
#include "store/forwarding_store.h"
#include "vault/lfs_part.h"
#include "vault/meta_line.h"
#include "vault/meta_part.h"
#include "vault/refs_object.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class SilentObserver final : public RestoreObserver {
 public:
  void starting(const std::string&, const SnapshotId&, const fs::path&, ByteCount) override { ++started; }
  void moved(ByteCount) override {}
  void selected(std::size_t) override {}
  void waiting(const std::string&, std::chrono::seconds) override {}
  void retrying(const RetrySubject&, const Error&, std::chrono::milliseconds) override {}
  void made_vault(const std::string&, const std::string&) override {}
  void finished(const RestoreOutcome&) override {}
  void notice(const std::string& text) override {
    const std::scoped_lock lock(mutex_);
    notices.push_back(text);
  }

  std::vector<std::string> notices;
  int started = 0;

 private:
  std::mutex mutex_;
};

/// Counts what is read under each key; the network goes, or an archive holds, what it is told.
class WatchedStore final : public ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  void read(const ObjectKey& key, ByteCount offset, std::optional<ByteCount> length, ByteSink& sink,
            const std::stop_token& stop) override {
    if (!broken.empty() && key.find(broken) != ObjectKey::npos)
      throw Error(ErrorKind::transient, "the network is gone");
    if (is_archived(key)) throw Error(ErrorKind::cold, key + " is archived");
    if (!cold.empty() && key.find(cold) != ObjectKey::npos)
      throw Error(ErrorKind::cold, key + " is archived");
    ForwardingStore::read(key, offset, length, sink, stop);
    const std::scoped_lock lock(mutex_);
    read_.insert(key);
  }
  std::optional<ObjectInfo> find(const ObjectKey& key) override {
    auto found = ForwardingStore::find(key);
    if (found && is_archived(key)) found->access = Access::cold;
    return found;
  }
  void list(const std::string& prefix, const std::string& start_after,
            const std::function<bool(const ObjectInfo&)>& visit) override {
    ForwardingStore::list(prefix, start_after, [&](ObjectInfo object) {
      if (is_archived(object.key)) object.access = Access::cold;
      return visit(object);
    });
  }
  Access thaw(const ObjectKey& key, const ThawRequest&) override {
    if (!is_archived(key)) return Access::at_once;
    asked_for.insert(key);
    return Access::cold;
  }
  std::set<ObjectKey> take_read() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(read_, {});
  }

  std::string broken;
  std::string cold;  // read, and not before
  std::set<std::string> archived;
  std::set<ObjectKey> asked_for;

 private:
  bool is_archived(const ObjectKey& key) const {
    return std::any_of(archived.begin(), archived.end(),
                       [&](const std::string& part) { return key.find(part) != ObjectKey::npos; });
  }

  std::mutex mutex_;
  std::set<ObjectKey> read_;
};

std::string pointer_to(const std::string& content) {
  return "version https://git-lfs.github.com/spec/v1\noid sha256:" + sha256_hex(content) + "\nsize " +
         std::to_string(content.size()) + "\n";
}

class RestoreParts : public testing::Test {
 protected:
  RestoreParts() {
    source_.commit(".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n");
    source_.commit("a.bin", pointer_to(kA));
    source_.commit("b.bin", pointer_to(kB));
    wiki_.commit("Home.md", "welcome\n");
    manifest_.snapshot = snapshot();
    manifest_.program = "test";
    manifest_.host = "github.com";
    manifest_.repository_id = 7;
    manifest_.listing.full_name = "acme/site";
    manifest_.listing.clone_url = "https://github.com/acme/site.git";
    manifest_.parts.emplace("git", to_part(git_part_of(source_, "git")));
  }

  static SnapshotId snapshot() { return SnapshotId::parse("20261111T000000Z-00000a").value(); }
  std::string folder() const {
    return "repos/github.com/acme/site." + std::to_string(manifest_.repository_id.number()) + "/";
  }

  GitPart git_part_of(const SourceRepository& source, const std::string& part) {
    const RefState state = source.refs();
    RecordedWriter writer = vault_.objects().create(folder(), part + "/" + snapshot().str() + ".bundle");
    write_bundle_header({.refs = state.refs}, writer);
    writer.write(source.pack());
    GitPart git;
    git.head = state.head;
    git.refs = {write_refs_object(vault_.objects(), folder(), part + "/" + snapshot().str() + ".refs.zst",
                                  state.refs)};
    git.bundles = {{.snapshot = snapshot(), .builds_on = {}, .objects = 9, .record = writer.commit()}};
    return git;
  }

  ObjectRecord store(const std::string& record_key, const std::string& content) {
    RecordedWriter writer = vault_.objects().create(folder(), record_key);
    writer.write(content);
    return writer.commit();
  }

  void add_wiki() { manifest_.parts.emplace("wiki", to_part(git_part_of(wiki_, "wiki"))); }

  /// These, and one that GitHub did not have.
  void add_lfs(const std::vector<std::string>& contents, const std::string& lacking = "",
               LfsLack why = LfsLack::missing) {
    KeptLfsObjects kept;
    for (const std::string& content : contents) {
      const ObjectRecord record = store(lfs_key(sha256_hex(content)), content);
      kept.emplace(record.sha256, KeptLfs{.size = record.size, .crc32 = record.crc32});
    }
    LfsPart lfs{.pointers = contents.size(), .scanned = {snapshot()}};
    lfs.objects =
        store_lfs_objects(vault_.objects(), folder(), "lfs/" + snapshot().str() + ".list.zst", {}, kept);
    if (!lacking.empty()) {
      lfs.status = PartStatus::partial;
      lfs.pending = why == LfsLack::pending ? 1 : 0;
      lfs.cursor = write_lfs_cursor(vault_.objects(), folder(), "lfs/" + snapshot().str() + ".cursor.zst",
                                    {{.oid = sha256_hex(lacking), .size = lacking.size(), .why = why}});
    }
    manifest_.parts.emplace("lfs", to_part(lfs));
  }

  struct Asset {
    int id;
    std::string name;
    std::string content;
  };
  static Json release(int id, const Json& tag, const std::vector<Asset>& assets) {
    Json json = {{"id", id}, {"tag_name", tag}, {"body", "words"}, {"assets", Json::array()}};
    for (const Asset& asset : assets)
      json["assets"].push_back({{"id", asset.id}, {"name", asset.name}, {"size", asset.content.size()}});
    return json;
  }
  void add_releases(const std::vector<Json>& releases, const std::vector<Asset>& assets) {
    std::string lines;
    for (const Json& each : releases) lines += each.dump() + "\n";
    std::string list;
    for (const Asset& asset : assets)
      list += to_json(store("releases/assets/" + std::to_string(asset.id), asset.content)).dump() + "\n";
    Json objects = Json::array({to_json(store("releases/" + snapshot().str() + ".list.zst", list))});
    objects[0]["lists"] = true;
    manifest_.parts.emplace(
        "releases",
        Part({{"status", "ok"},
              {"releases", releases.size()},
              {"documents",
               Json::array({to_json(store("releases/" + snapshot().str() + ".jsonl.zst", lines))})},
              {"objects", objects}}));
  }

  /// Contents with their names.
  void add_attachments(const std::vector<std::pair<std::string, std::string>>& files) {
    std::map<std::string, std::string> lines;
    for (const auto& [content, name] : files) {
      const std::string oid = sha256_hex(content);
      Json line =
          to_json(store("/attachments/" + oid.substr(0, 2) + "/" + oid.substr(2, 2) + "/" + oid, content));
      line["addresses"] =
          Json::array({{{"url", "https://github.com/user-attachments/" + content}, {"name", name}}});
      lines.emplace(oid, line.dump() + "\n");
    }
    std::string list;
    for (const auto& [oid, line] : lines) list += line;
    Json objects = Json::array({to_json(store("attachments/" + snapshot().str() + ".list.zst", list))});
    objects[0]["lists"] = true;
    manifest_.parts.emplace("attachments", Part({{"status", "ok"}, {"objects", objects}}));
  }

  void add_meta(const std::string& documents) {
    manifest_.parts.emplace(
        "meta", Part({{"status", "ok"},
                      {"documents",
                       Json::array({to_json(store("meta/" + snapshot().str() + ".jsonl.zst", documents))})},
                      {"lines_sha256", sha256_hex(documents)}}));
  }

  /// Of a repository: an increment each.
  void add_documents(const std::vector<std::string>& increments) {
    MetaPart meta;
    for (const std::string& lines : increments)
      meta.documents.push_back({store(fmt::format("meta/{}.jsonl.zst", meta.documents.size()), lines), 0});
    manifest_.parts.insert_or_assign("meta", to_part(meta));
  }
  static std::string document(const std::string& kind, const std::string& id, const std::string& text) {
    return to_line({.kind = kind, .id = id, .parent = {}, .at = kSeen, .document = text});
  }
  static std::string gone(const std::string& kind, const std::string& id) {
    return to_line({.kind = kind, .id = id, .parent = {}, .gone = kSeen, .document = {}});
  }
  static constexpr UtcTime kSeen{std::chrono::seconds(1'800'000'000)};

  void commit() {
    const std::string sha256 = vault_.write_manifest(folder(), manifest_);
    vault_.update_catalog({{.entry = entry_of(manifest_, sha256, folder()), .has_new_snapshot = true}},
                          [](const std::string&) {}, {});
  }

  RestoreSummary restore(RestoreRequest request = {}) {
    if (request.folder.empty()) request.folder = target();
    return restore_vault(vault_, request, observer_, stop_.get_token());
  }
  RestoreOutcome restore_site(RestoreChoice contents = {}, RepositoryKind kind = RepositoryKind::work_tree) {
    return restore(
               {.repository = "acme/site", .folder = target(), .kind = kind, .contents = std::move(contents)})
        .outcomes.at(0);
  }
  static const PartRestored& part(const RestoreOutcome& outcome, const std::string& name) {
    const auto found = std::find_if(outcome.parts.begin(), outcome.parts.end(),
                                    [&](const PartRestored& each) { return each.part == name; });
    if (found == outcome.parts.end())
      throw Error(ErrorKind::not_found, "the outcome says nothing of " + name);
    return *found;
  }

  fs::path target() const { return target_.path() / "site"; }
  fs::path beside(const std::string& suffix) const { return target_.path() / ("site" + suffix); }
  static fs::path lfs_file(const fs::path& git_folder, const std::string& content) {
    const std::string oid = sha256_hex(content);
    return git_folder / "lfs/objects" / oid.substr(0, 2) / oid.substr(2, 2) / oid;
  }
  fs::path stored(const std::string& key) const { return vault_folder_.path() / key; }
  fs::path stored_lfs(const std::string& content) const {
    return stored(lfs_key(sha256_hex(content)).substr(1));
  }
  static std::vector<std::string> names_in(const fs::path& folder) {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder))
      names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
  }

  static unsigned mode_of(const fs::path& file) {
    return static_cast<unsigned>(fs::status(file).permissions());
  }

  static inline const std::string kA = "content of a";
  static inline const std::string kB = std::string(3'000'000, 'b');

  SourceRepository source_;
  SourceRepository wiki_;
  ScratchFolder vault_folder_;
  ScratchFolder target_;
  SystemClock clock_;
  std::shared_ptr<WatchedStore> store_ = std::make_shared<WatchedStore>(
      std::make_shared<FolderStore>(vault_folder_.path().string(), OpenMode::create));
  Vault vault_{std::make_unique<ForwardingStore>(store_), OpenMode::create, clock_};
  Manifest manifest_;
  SilentObserver observer_;
  std::stop_source stop_;
};

TEST_F(RestoreParts, PutsTheWikiBesideTheRepositoryOfItsKind) {
  add_wiki();
  commit();

  const RestoreOutcome outcome = restore_site();

  EXPECT_TRUE(outcome.is_whole());
  EXPECT_EQ(part(outcome, "wiki").folder.filename(), "site.wiki");
  EXPECT_EQ(read_file(beside(".wiki") / "Home.md"), "welcome\n");
  EXPECT_EQ(refs_of(beside(".wiki")), refs_of(wiki_.path()));

  fs::remove_all(target());
  restore({.repository = "acme/site", .folder = target_.path() / "site.git", .kind = RepositoryKind::mirror});
  EXPECT_EQ(git(target_.path() / "site.wiki.git", {"config", "remote.origin.url"}),
            "https://github.com/acme/site.wiki.git\n");
}

TEST_F(RestoreParts, KeepsAPrivateWikiAndReleasesFromOthers) {
  add_wiki();
  add_releases({release(1, "v1", {{11, "a.zip", "zip"}})}, {{11, "a.zip", "zip"}});
  manifest_.listing.visibility = "private";
  commit();

  restore_site();

  for (const char* suffix : {".wiki", ".releases"})
    EXPECT_EQ(fs::status(beside(suffix)).permissions(), fs::perms::owner_all) << suffix;
}

TEST_F(RestoreParts, ClosesAFolderThatIsThereWhereTheRepositoryIsPrivate) {
  add_releases({release(1, "v1", {{11, "a.zip", "zip"}})}, {{11, "a.zip", "zip"}});
  add_attachments({{"one", "shot.png"}});
  manifest_.listing.visibility = "private";
  commit();
  const std::vector<fs::path> folders = {beside(".releases"), beside(".releases") / "v1",
                                         beside(".attachments")};
  for (const fs::path& folder : folders) {
    fs::create_directory(folder);
    fs::permissions(folder, fs::perms::all);
  }

  EXPECT_TRUE(restore_site().is_whole());

  for (const fs::path& folder : folders) EXPECT_EQ(mode_of(folder), 0700U) << folder;
}

TEST_F(RestoreParts, PutsNothingPrivateWhereALinkLeads) {
  add_releases({release(1, "v1", {{11, "a.zip", "zip"}})}, {{11, "a.zip", "zip"}});
  add_attachments({{"one", "shot.png"}});
  manifest_.listing.visibility = "private";
  commit();
  const fs::path elsewhere = target_.path() / "elsewhere";
  fs::create_directories(elsewhere);
  fs::create_directory(beside(".releases"));
  fs::create_directory_symlink(elsewhere, beside(".releases") / "v1");
  fs::create_directory_symlink(elsewhere, beside(".attachments"));

  const RestoreOutcome outcome = restore_site();

  for (const char* name : {"releases", "attachments"}) {
    ASSERT_TRUE(part(outcome, name).error) << name;
    EXPECT_EQ(part(outcome, name).error->kind(), ErrorKind::forbidden);
    EXPECT_THAT(part(outcome, name).error->message(), HasSubstr("move it away"));
  }
  EXPECT_THAT(names_in(elsewhere), IsEmpty());
}

TEST_F(RestoreParts, PutsNothingPrivateIntoAFolderOfAnotherUser) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a folder to another user";
  add_releases({release(1, "v1", {})}, {});
  manifest_.listing.visibility = "private";
  commit();
  constexpr uid_t kAnother = 4711;
  fs::create_directory(beside(".releases"));
  ASSERT_EQ(::chown(beside(".releases").c_str(), kAnother, kAnother), 0);

  EXPECT_EQ(part(restore_site(), "releases").error.value().kind(), ErrorKind::forbidden);
  EXPECT_THAT(names_in(beside(".releases")), IsEmpty());
}

TEST_F(RestoreParts, BringsObjectsOfLfsAndFilesWithTheirContent) {
  add_lfs({kA, kB, "of another commit"});
  commit();

  const RestoreOutcome outcome = restore_site();

  EXPECT_TRUE(outcome.is_whole());
  EXPECT_EQ(part(outcome, "lfs").fetched, 3U);
  EXPECT_EQ(part(outcome, "lfs").written, 2U);
  EXPECT_EQ(read_file(target() / "b.bin"), kB);
  EXPECT_EQ(read_file(lfs_file(target() / ".git", "of another commit")), "of another commit");
  EXPECT_EQ(git(target(), {"status", "--porcelain"}), "");
  EXPECT_THAT(names_in(target() / ".git/lfs/tmp"), IsEmpty());
  EXPECT_THAT(git(target(), {"lfs", "fsck"}), HasSubstr("OK"));
}

TEST_F(RestoreParts, CountsFilesThatCannotHaveTheirContentBeyondThoseThatItNames) {
  constexpr std::size_t kMany = CheckOutReport::kMaxNamed + 5;
  for (std::size_t i = 0; i < kMany; ++i)
    write_file(source_.path() / (std::to_string(i) + ".bin"), pointer_to(kA));
  source_.commit("last.bin", pointer_to(kA));
  manifest_.repository_id = 8;  // its objects have a folder of their own
  set_git_part(manifest_.parts, git_part_of(source_, "git"));
  add_lfs({kA, kB});
  commit();
  restore_site(choose_contents("git", ""));
  write_file(target() / ".gitattributes", std::string(AttributeFile::kMaxSize + 2, '#'));

  const RestoreOutcome outcome = restore_site(choose_contents("lfs", ""));

  EXPECT_EQ(part(outcome, "lfs").lacks.named.size(), CheckOutReport::kMaxNamed);
  EXPECT_EQ(part(outcome, "lfs").lacks.count, kMany + 4) << "and a, b, last and .gitattributes";
}

TEST_F(RestoreParts, PutsObjectsOfLfsWhereABareRepositoryHasThem) {
  add_lfs({kA});
  commit();

  restore_site({}, RepositoryKind::bare);

  EXPECT_EQ(read_file(lfs_file(target(), kA)), kA);
}

TEST_F(RestoreParts, GoesOnWithWhatIsThere) {
  add_wiki();
  add_lfs({kA, kB});
  add_releases({release(1, "v1", {{11, "a.zip", "zip"}})}, {{11, "a.zip", "zip"}});
  commit();
  restore_site();
  fs::remove(lfs_file(target() / ".git", kB));
  store_->take_read();

  const RestoreOutcome again = restore_site();

  EXPECT_TRUE(again.is_whole());
  EXPECT_FALSE(again.was_there);
  EXPECT_EQ(part(again, "lfs").fetched, 1U);
  EXPECT_EQ(part(again, "lfs").files, 2U);
  EXPECT_TRUE(part(again, "wiki").was_there());
  EXPECT_TRUE(part(again, "releases").was_there());
  const auto read = store_->take_read();
  EXPECT_THAT(read, Contains(lfs_key(sha256_hex(kB)).substr(1)));
  EXPECT_THAT(read, testing::Not(Contains(lfs_key(sha256_hex(kA)).substr(1))));
  EXPECT_TRUE(restore_site().was_there);
}

TEST_F(RestoreParts, AddsToARepositoryThatWasRestoredWithoutThem) {
  add_lfs({kA, kB});
  add_wiki();
  commit();
  restore_site(choose_contents("git", ""));
  EXPECT_FALSE(fs::exists(beside(".wiki")));
  EXPECT_THAT(read_file(target() / "a.bin"), HasSubstr("oid sha256"));

  const RestoreOutcome outcome = restore_site(choose_contents("lfs,wiki", ""));

  EXPECT_TRUE(outcome.is_whole());
  EXPECT_FALSE(outcome.has_history);
  EXPECT_EQ(read_file(target() / "a.bin"), kA);
  EXPECT_TRUE(fs::exists(beside(".wiki")));
}

TEST_F(RestoreParts, PutsObjectsOfLfsIntoNoOtherRepository) {
  add_lfs({kA, kB});
  commit();
  git(target_.path(), {"init", "--quiet", "site"});

  const RestoreOutcome outcome = restore_site(choose_contents("lfs", ""));

  EXPECT_EQ(part(outcome, "lfs").error->kind(), ErrorKind::invalid);
  EXPECT_FALSE(fs::exists(target() / ".git/lfs"));
  EXPECT_EQ(error_of([&] { restore_site(); }).kind(), ErrorKind::invalid) << "it is another repository";
}

TEST_F(RestoreParts, SaysWhatASnapshotHasNot) {
  commit();

  EXPECT_EQ(error_of([&] { restore_site(choose_contents("wiki", "")); }).kind(), ErrorKind::not_found);
  EXPECT_TRUE(restore({.contents = choose_contents("wiki", "")}).is_good()) << "of all, many have none";
}

TEST_F(RestoreParts, SaysWhichPartsTheBackupCouldNotSaveToTheirEnd) {
  add_wiki();
  add_lfs({kA}, kB, LfsLack::pending);
  manifest_.parts.emplace("releases", Part(Json{{"status", "failed"}}));
  manifest_.parts.emplace("attachments", Part(Json{{"status", "not_permitted"}}));
  commit();

  EXPECT_TRUE(restore_site().is_whole()) << "all that is in the snapshot is there";

  EXPECT_THAT(observer_.notices,
              testing::IsSupersetOf(
                  {"acme/site: lfs: partial: not all that GitHub had then is in the snapshot",
                   "acme/site: releases: its backup failed: not all that GitHub had then is in the snapshot",
                   "acme/site: attachments: the token was not permitted to read it: not all that GitHub had "
                   "then is in "
                   "the snapshot"}));
  EXPECT_THAT(observer_.notices, testing::Not(Contains(HasSubstr("wiki"))));

  observer_.notices.clear();
  restore_site(choose_contents("git,wiki", ""));
  EXPECT_THAT(observer_.notices, testing::Not(Contains(HasSubstr("not all"))));
}

TEST_F(RestoreParts, SaysThatWhatPointersPointAtIsNotInTheVault) {
  GitPart history = git_part(manifest_.parts);
  history.lfs_pointers = 2;
  set_git_part(manifest_.parts, history);
  commit();

  restore_site();

  EXPECT_THAT(observer_.notices,
              ElementsAre("acme/site: 2 LFS pointers: what they point at is not in the vault"));

  observer_.notices.clear();
  fs::remove_all(target());
  restore_site(choose_contents("", "lfs"));
  EXPECT_THAT(observer_.notices, IsEmpty());
}

TEST_F(RestoreParts, SaysNothingOfPartsThatAreAllThere) {
  GitPart history = git_part(manifest_.parts);
  history.lfs_pointers = 2;
  set_git_part(manifest_.parts, history);
  add_wiki();
  add_lfs({kA, kB});
  add_releases({release(1, "v1", {})}, {});
  manifest_.parts.emplace("attachments", Part(Json{{"status", "absent"}}));
  commit();

  restore_site();

  EXPECT_THAT(observer_.notices, IsEmpty());
}

TEST_F(RestoreParts, NamesWhatIsLostOrDamagedAndBringsTheRest) {
  add_lfs({kA, kB, "lost"});
  commit();
  fs::permissions(stored_lfs(kB), fs::perms::owner_all);
  std::ofstream(stored_lfs(kB), std::ios::binary | std::ios::in).seekp(2'000'000) << "x";
  fs::remove(stored_lfs("lost"));

  const RestoreOutcome outcome = restore_site();

  EXPECT_FALSE(outcome.error);
  EXPECT_FALSE(outcome.is_whole());
  const PartRestored& lfs = part(outcome, "lfs");
  EXPECT_EQ(lfs.fetched, 1U);
  ASSERT_EQ(lfs.lacks.count, 2U);
  std::vector<std::string> named;
  for (const NotWritten& each : lfs.lacks.named) named.push_back(each.path);
  EXPECT_THAT(named, testing::UnorderedElementsAre(sha256_hex(kB), sha256_hex("lost")));
  EXPECT_EQ(read_file(target() / "a.bin"), kA);
  EXPECT_THAT(read_file(target() / "b.bin"), HasSubstr("oid sha256")) << "it stays a pointer";
  EXPECT_FALSE(fs::exists(lfs_file(target() / ".git", kB)));
  EXPECT_THAT(observer_.notices, Contains(HasSubstr("1 file of the work tree stays a pointer")));
}

TEST_F(RestoreParts, TakesNothingThatAKilledRunHasLeftForWhatItShouldBe) {
  add_lfs({kA});
  commit();
  restore_site(choose_contents("git", ""));
  const fs::path staging = fs::absolute(target() / ".git/lfs/tmp");
  {
    WorkPlace left(staging, staging, "files");
    write_file(left.path() / "0", "half of something else");
    left.keep();
  }
  fs::remove(stored_lfs(kA));

  const RestoreOutcome outcome = restore_site();

  EXPECT_EQ(part(outcome, "lfs").lacks.count, 1U);
  EXPECT_FALSE(fs::exists(lfs_file(target() / ".git", kA)));
  EXPECT_THAT(names_in(staging), IsEmpty());
}

TEST_F(RestoreParts, NamesWhatGitHubDidNotHaveEither) {
  add_lfs({kA}, kB);
  commit();

  const RestoreOutcome outcome = restore_site();

  EXPECT_TRUE(outcome.is_whole()) << "all that the vault has is there";
  ASSERT_EQ(part(outcome, "lfs").never_had.count, 1U);
  EXPECT_EQ(part(outcome, "lfs").never_had.named[0].path, sha256_hex(kB));
  EXPECT_THAT(part(outcome, "lfs").never_had.named[0].why, HasSubstr("GitHub"));
}

TEST_F(RestoreParts, KeepsTheRestWhereOnePartFails) {
  add_wiki();
  add_lfs({kA, kB});
  commit();
  fs::remove(stored(folder() + "wiki/" + snapshot().str() + ".bundle"));
  store_->broken = lfs_key(sha256_hex(kA)).substr(1);

  const RestoreOutcome outcome = restore_site();

  EXPECT_FALSE(outcome.error);
  EXPECT_FALSE(outcome.is_whole());
  EXPECT_EQ(part(outcome, "wiki").error->kind(), ErrorKind::not_found);
  EXPECT_THAT(part(outcome, "wiki").error->message(), HasSubstr("verify --deep"));
  EXPECT_EQ(part(outcome, "lfs").error->kind(), ErrorKind::transient);
  EXPECT_TRUE(fs::exists(target() / ".gitattributes"));
  EXPECT_FALSE(fs::exists(beside(".wiki")));

  store_->broken.clear();
  EXPECT_TRUE(part(restore_site(), "lfs").is_whole()) << "the same command goes on";
}

TEST_F(RestoreParts, SaysHowToHaveWhatIsArchived) {
  add_lfs({kA, kB});
  commit();
  store_->cold = lfs_key(sha256_hex(kA)).substr(1);

  const RestoreOutcome outcome = restore_site();

  ASSERT_EQ(part(outcome, "lfs").lacks.count, 1U);
  EXPECT_EQ(part(outcome, "lfs").fetched, 1U);
  EXPECT_THAT(part(outcome, "lfs").lacks.named[0].why,
              testing::AllOf(HasSubstr("archived"), HasSubstr("--thaw")));
}

TEST_F(RestoreParts, AsksForPartsWhoseListsAreArchived) {
  add_lfs({kA});
  add_releases({release(1, "v1", {{11, "a.zip", "zip"}})}, {{11, "a.zip", "zip"}});
  add_attachments({{"one", "shot.png"}});
  add_meta("{}\n");
  commit();
  store_->archived = {"/lfs/", "/releases/", "/attachments/", "/meta/"};
  const RestoreRequest request{.repository = "acme/site", .folder = target(), .thaw = ThawRequest{}};

  const RestoreOutcome outcome = restore(request).outcomes.at(0);

  for (const char* name : {"lfs", "releases", "attachments", "meta"}) {
    ASSERT_TRUE(part(outcome, name).error) << name;
    EXPECT_EQ(part(outcome, name).error->kind(), ErrorKind::cold);
    EXPECT_THAT(part(outcome, name).error->message(), HasSubstr("asked for now"));
  }
  const std::string of = folder();
  const std::string id = snapshot().str();
  EXPECT_THAT(store_->asked_for, testing::UnorderedElementsAre(of + "lfs/" + id + ".list.zst",
                                                               of + "releases/" + id + ".list.zst",
                                                               of + "releases/" + id + ".jsonl.zst",
                                                               of + "attachments/" + id + ".list.zst",
                                                               of + "meta/" + id + ".jsonl.zst"));

  store_->archived.clear();
  EXPECT_TRUE(restore(request).is_good());
  EXPECT_EQ(read_file(beside(".meta.jsonl")), "{}\n");
}

TEST_F(RestoreParts, AsksForArchivedRefsOfAHistoryThatIsThere) {
  commit();
  const RestoreRequest all{.folder = target_.path() / "all", .thaw = ThawRequest{}};
  restore(all);
  store_->archived = {".refs.zst"};

  const RestoreSummary again = restore(all);

  EXPECT_TRUE(again.outcomes.at(0).requested);
  EXPECT_THAT(store_->asked_for, ElementsAre(folder() + "git/" + snapshot().str() + ".refs.zst"));
}

TEST_F(RestoreParts, BringsAllThatItHasWhereOnlyTheNamesOfTheRestAreArchived) {
  add_lfs({kA}, kB);
  commit();
  store_->cold = ".cursor.zst";

  const RestoreOutcome outcome = restore_site();

  EXPECT_TRUE(outcome.is_whole());
  EXPECT_EQ(read_file(target() / "a.bin"), kA);
  EXPECT_THAT(observer_.notices, Contains(HasSubstr("is not known")));
}

TEST_F(RestoreParts, PutsReleasesIntoFoldersOfTheirTags) {
  add_releases({release(1, "v1.0+build", {{11, "site.zip", "zip"}, {12, "notes.txt", "words"}}),
                release(2, "feature/x", {{21, "release.json", "not ours"}}), release(3, nullptr, {}),
                release(4, "V1.0+build", {{41, "a", "A"}, {42, "A", "a"}})},
               {{11, "", "zip"}, {12, "", "words"}, {21, "", "not ours"}, {41, "", "A"}, {42, "", "a"}});
  commit();

  const RestoreOutcome outcome = restore_site();

  EXPECT_TRUE(outcome.is_whole());
  const fs::path releases = beside(".releases");
  EXPECT_THAT(names_in(releases), ElementsAre("4-V1.0+build", "draft", "feature%2Fx", "v1.0+build"));
  EXPECT_EQ(read_file(releases / "v1.0+build/site.zip"), "zip");
  EXPECT_EQ(read_file(releases / "v1.0+build/release.json"),
            release(1, "v1.0+build", {{11, "site.zip", "zip"}, {12, "notes.txt", "words"}}).dump() + "\n");
  EXPECT_THAT(names_in(releases / "feature%2Fx"), ElementsAre("21-release.json", "release.json"));
  EXPECT_EQ(read_file(releases / "4-V1.0+build/a"), "A");
  EXPECT_EQ(read_file(releases / "4-V1.0+build/42-A"), "a");
}

TEST_F(RestoreParts, TakesNoIdOfAReleaseForAPath) {
  Json second = release(1, "v1", {});
  second["id"] = "x/../../out";
  add_releases({release(1, "v1", {}), second}, {});
  commit();

  const RestoreOutcome outcome = restore_site();

  ASSERT_TRUE(part(outcome, "releases").error);
  EXPECT_EQ(part(outcome, "releases").error->kind(), ErrorKind::corrupt);
  EXPECT_THAT(names_in(target_.path()), ElementsAre("site"));
}

TEST_F(RestoreParts, TakesNoIdOfAnAssetForAPath) {
  Json with_assets = release(1, "v1", {{11, "a", "A"}, {12, "a", "B"}});
  with_assets["assets"][1]["id"] = "x/../../../out";
  add_releases({with_assets}, {{11, "", "A"}, {12, "", "B"}});
  commit();

  const RestoreOutcome outcome = restore_site();

  ASSERT_TRUE(part(outcome, "releases").error);
  EXPECT_EQ(part(outcome, "releases").error->kind(), ErrorKind::corrupt);
  EXPECT_THAT(names_in(target_.path()), ElementsAre("site"));
}

TEST_F(RestoreParts, WritesOverNothingBesideTheRepository) {
  add_releases({release(1, "v1", {{11, "a.zip", "zip"}})}, {{11, "a.zip", "zip"}});
  commit();
  fs::create_directories(beside(".releases") / "v1");
  write_file(beside(".releases") / "v1/a.zip", "mine, and longer");
  write_file(beside(".releases") / "v1/release.json", "mine");

  const RestoreOutcome outcome = restore_site();

  EXPECT_EQ(part(outcome, "releases").lacks.count, 2U);
  EXPECT_EQ(read_file(beside(".releases") / "v1/a.zip"), "mine, and longer");
  EXPECT_EQ(read_file(beside(".releases") / "v1/release.json"), "mine");
}

TEST_F(RestoreParts, NamesAssetsThatTheBackupCouldNotHave) {
  add_releases({release(1, "v1", {{11, "a.zip", "zip"}, {12, "b.zip", "lost"}})}, {{11, "a.zip", "zip"}});
  commit();

  const RestoreOutcome outcome = restore_site();

  EXPECT_TRUE(outcome.is_whole());
  ASSERT_EQ(part(outcome, "releases").never_had.count, 1U);
  EXPECT_EQ(part(outcome, "releases").never_had.named[0].path, "v1/b.zip");
}

TEST_F(RestoreParts, PutsAttachmentsIntoAFolderWithAnIndexOfTheirAddresses) {
  add_attachments({{"one", "shot.png"}, {"two", "Shot.png"}, {"three", "../../x"}, {"four", ""}});
  commit();

  const RestoreOutcome outcome = restore_site();

  EXPECT_TRUE(outcome.is_whole());
  const fs::path files = beside(".attachments");
  const Json index = Json::parse(read_file(files / "attachments.json"));
  EXPECT_EQ(index.size(), 4U);
  for (const char* content : {"one", "two", "three", "four"}) {
    const std::string file = index.at("https://github.com/user-attachments/" + std::string(content));
    EXPECT_EQ(read_file(files / file), content);
  }
  EXPECT_TRUE(fs::exists(files / sha256_hex("four"))) << "it has no name";
  EXPECT_EQ(names_in(files).size(), 5U);
  EXPECT_TRUE(restore_site().was_there);
}

TEST_F(RestoreParts, PutsWhatGitHubSaysOfAGistBesideIt) {
  const std::string documents = "{\"id\":\"ab12\"}\n{\"body\":\"a comment\"}\n";
  add_meta(documents);
  commit();

  EXPECT_TRUE(restore_site().is_whole());

  EXPECT_EQ(read_file(beside(".meta.jsonl")), documents);
}

TEST_F(RestoreParts, PutsTheNewestOfEachDocumentBesideTheRepository) {
  add_documents({document("issue", "1", R"({"title":"old"})") + document("label", "5", R"({"name":"bug"})"),
                 document("issue", "1", R"({"title":"new"})") + gone("label", "5")});
  commit();

  EXPECT_TRUE(restore_site().is_whole());

  const std::string line = to_line({.kind = "label",
                                    .id = "5",
                                    .parent = {},
                                    .at = kSeen,
                                    .gone = kSeen,
                                    .document = R"({"name":"bug"})"});
  EXPECT_EQ(read_file(beside(".meta.jsonl")), document("issue", "1", R"({"title":"new"})") + line);
  EXPECT_TRUE(restore_site().was_there);

  write_file(beside(".meta.jsonl"), "mine\n");
  EXPECT_EQ(part(restore_site(), "meta").lacks.count, 1U);
  EXPECT_EQ(read_file(beside(".meta.jsonl")), "mine\n");
}

TEST_F(RestoreParts, OfDocumentsRestoresTheKindsThatAreChosen) {
  add_documents({document("issue", "1", "{}") + document("hook", "2", "{}")});
  commit();

  restore_site(choose_contents("git,settings", ""));
  EXPECT_EQ(read_file(beside(".meta.jsonl")), document("hook", "2", "{}"));
}

TEST_F(RestoreParts, OfDamagedDocumentsBringsNone) {
  add_documents({document("issue", "1", "{}") + "{}\n"});
  commit();

  EXPECT_TRUE(part(restore_site(), "meta").error);
  EXPECT_FALSE(fs::exists(beside(".meta.jsonl")));
}

TEST_F(RestoreParts, KeepsWhatGitHubSaysOfASecretGistFromOthers) {
  constexpr mode_t kUsual = 022;
  const mode_t before = ::umask(kUsual);
  for (const char* visibility : {"secret", "public"}) {
    manifest_.listing.visibility = visibility;
    manifest_.repository_id = manifest_.repository_id.number() + 1;
    manifest_.listing.full_name = std::string("acme/") + visibility;
    manifest_.parts.clear();
    manifest_.parts.emplace("git", to_part(git_part_of(source_, "git")));
    add_meta("{\"id\":\"ab12\"}\n");
    commit();
    restore({.repository = manifest_.listing.full_name, .folder = target_.path() / visibility});
  }
  ::umask(before);

  EXPECT_EQ(mode_of(target_.path() / "secret.meta.jsonl"), 0600U);
  EXPECT_EQ(mode_of(target_.path() / "public.meta.jsonl"), 0644U);
}

TEST_F(RestoreParts, GivesNoPartTheNameOfAnotherRepository) {
  add_releases({release(1, "v1", {})}, {});
  commit();
  manifest_.parts.erase("releases");
  manifest_.repository_id = 8;
  manifest_.listing.full_name = "acme/Site.releases";
  manifest_.parts.insert_or_assign("git", to_part(git_part_of(source_, "git")));
  commit();

  const RestoreSummary summary = restore({.folder = target_.path() / "all"});

  EXPECT_TRUE(summary.is_good());
  EXPECT_TRUE(fs::exists(target_.path() / "all/acme/Site.releases/a.bin"));
  EXPECT_TRUE(fs::exists(target_.path() / "all/acme/site.releases.7/v1/release.json"));
}

/// Stands somewhere else for a while.
class WorkingFolder {
 public:
  explicit WorkingFolder(const fs::path& folder) { fs::current_path(folder); }
  WorkingFolder(const WorkingFolder&) = delete;
  WorkingFolder& operator=(const WorkingFolder&) = delete;
  ~WorkingFolder() { fs::current_path(before_); }

 private:
  const fs::path before_ = fs::current_path();
};

TEST_F(RestoreParts, GivesNoPartTheNameOfAnotherRepositoryHoweverTheFolderIsSpelled) {
  const std::vector<std::pair<std::string, int>> names = {
      {"acme/site", 7}, {"acme/Site.releases", 8}, {"acme/.site", 9}, {"acme/.site.releases", 10}};
  for (const auto& [name, id] : names) {
    manifest_.repository_id = id;
    manifest_.listing.full_name = name;
    manifest_.parts.clear();
    manifest_.parts.emplace("git", to_part(git_part_of(source_, "git")));
    if (!name.ends_with(".releases")) add_releases({release(1, "v1", {})}, {});
    commit();
  }
  fs::create_directory(target_.path() / "disk");
  fs::create_directory_symlink("disk", target_.path() / "link");
  const std::map<std::string, fs::path> spellings = {
      {".", "."}, {"./x", "x"}, {"y//z/../", "y"}, {"link", "disk"}};

  for (const auto& [folder, place] : spellings) {
    const WorkingFolder standing(target_.path());
    EXPECT_TRUE(restore({.folder = folder}).is_good()) << folder;
    EXPECT_TRUE(fs::exists(place / "acme/Site.releases/a.bin")) << folder;
    EXPECT_TRUE(fs::exists(place / "acme/site.releases.7/v1/release.json")) << folder;
    EXPECT_TRUE(fs::exists(place / "acme/.site.releases.9/v1/release.json")) << folder;
  }
}

TEST_F(RestoreParts, RestoresAllAgainWithoutReadingThemTwice) {
  add_wiki();
  add_lfs({kA, kB});
  commit();
  restore({.folder = target_.path() / "all"});
  store_->take_read();

  const RestoreSummary again = restore({.folder = target_.path() / "all"});

  EXPECT_TRUE(again.is_good());
  EXPECT_TRUE(again.outcomes.at(0).was_there);
  for (const ObjectKey& key : store_->take_read()) {
    EXPECT_FALSE(key.ends_with(".bundle")) << key;
    EXPECT_FALSE(key.starts_with("lfs/")) << key;
  }
}

}  // namespace
}  // namespace hubkeep
