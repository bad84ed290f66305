#include "restore/restore_vault.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>
#include <utility>

#include "base/error_of.h"
#include "base/text.h"
#include "git/bundle.h"
#include "localgit/git_fixture.h"
#include "localgit/mapped_file.h"
#include "localgit/pack_folder.h"
#include "pack/pack_indexer.h"
#include "store/folder/folder_store.h"
#include "store/forwarding_store.h"
#include "vault/object_record.h"
#include "vault/refs_object.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

/// Keeps what it is told, in order.
class KeepingObserver final : public RestoreObserver {
 public:
  void starting(const std::string& repository, const SnapshotId& snapshot, const fs::path& folder,
                ByteCount disk) override {
    EXPECT_GT(disk, 0U);
    const std::scoped_lock lock(mutex_);
    told.push_back("starting " + repository + " " + snapshot.str() + " " + folder.filename().string());
  }
  void moved(ByteCount bytes) override { bytes_read += bytes; }
  void selected(std::size_t) override {}
  void waiting(const std::string&, std::chrono::seconds) override {}
  void retrying(const RetrySubject&, const Error&, std::chrono::milliseconds) override {}
  void made_vault(const std::string&, const std::string&) override {}
  void finished(const RestoreOutcome& outcome) override {
    const std::scoped_lock lock(mutex_);
    told.push_back((outcome.error ? "failed " : "finished ") + outcome.repository);
  }
  void notice(const std::string& text) override {
    const std::scoped_lock lock(mutex_);
    told.push_back("notice " + text);
  }

  std::vector<std::string> told;
  std::atomic<ByteCount> bytes_read = 0;

 private:
  std::mutex mutex_;
};

/// Counts what is read under each key, and fails where it is told to.
class WatchedStore final : public ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  void read(const ObjectKey& key, ByteCount offset, std::optional<ByteCount> length, ByteSink& sink,
            const std::stop_token& stop) override {
    if (!broken.empty() && key.find(broken) != ObjectKey::npos)
      throw Error(ErrorKind::transient, "the network is gone");
    ForwardingStore::read(key, offset, length, sink, stop);
    const std::scoped_lock lock(mutex_);
    read_.insert(key);
  }
  /// Keys since the last call.
  std::set<ObjectKey> take_read() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(read_, {});
  }

  std::string broken;

 private:
  std::mutex mutex_;
  std::set<ObjectKey> read_;
};

class RestoreVault : public testing::Test {
 protected:
  RestoreVault() { source_.commit("README.md", "hello\n"); }

  static SnapshotId snapshot(int day) {
    return SnapshotId::parse("202611" + std::to_string(10 + day) + "T000000Z-00000a").value();
  }
  static std::string folder_of(std::int64_t id) {
    return "repos/github.com/acme/x." + std::to_string(id) + "/";
  }

  ObjectRecord write_bundle(const std::string& folder, const SnapshotId& id) {
    RecordedWriter writer = vault_.objects().create(folder, "git/" + id.str() + ".bundle");
    write_bundle_header({.refs = source_.refs().refs}, writer);
    writer.write(source_.pack());
    return writer.commit();
  }
  /// A snapshot of all that the source repository has now.
  Manifest add_snapshot(std::int64_t id, const std::string& full_name, int day) {
    const std::string folder = folder_of(id);
    const RefState state = source_.refs();
    Manifest manifest;
    manifest.snapshot = snapshot(day);
    manifest.program = "test";
    manifest.host = "github.com";
    manifest.repository_id = id;
    manifest.listing.full_name = full_name;
    GitPart git;
    git.head = state.head;
    git.refs = {write_refs_object(vault_.objects(), folder, "git/" + manifest.snapshot.str() + ".refs.zst",
                                  state.refs)};
    git.bundles = {{.snapshot = manifest.snapshot,
                    .builds_on = {},
                    .objects = 3,
                    .record = write_bundle(folder, manifest.snapshot)}};
    set_git_part(manifest.parts, git);
    return manifest;
  }
  void commit(const Manifest& manifest) {
    const std::string folder = folder_of(manifest.repository_id.number());
    const std::string sha256 = vault_.write_manifest(folder, manifest);
    vault_.update_catalog({{.entry = entry_of(manifest, sha256, folder), .has_new_snapshot = true}},
                          [](const std::string&) {}, {});
  }
  void add_repository(std::int64_t id, const std::string& full_name) {
    commit(add_snapshot(id, full_name, 1));
  }
  fs::path bundle_file(std::int64_t id) const {
    return vault_folder_.path() / (folder_of(id) + "git/" + snapshot(1).str() + ".bundle");
  }

  RestoreSummary restore(RestoreRequest request) {
    return restore_vault(vault_, request, observer_, stop_.get_token());
  }
  RestoreSummary restore_all(RepositoryKind kind = RepositoryKind::bare) {
    return restore({.repository = "", .folder = target(), .kind = kind});
  }
  fs::path target() const { return target_.path() / "out"; }

  SourceRepository source_;
  ScratchFolder vault_folder_;
  ScratchFolder target_;
  SystemClock clock_;
  std::shared_ptr<WatchedStore> store_ = std::make_shared<WatchedStore>(
      std::make_shared<FolderStore>(vault_folder_.path().string(), OpenMode::create));
  Vault vault_{std::make_unique<ForwardingStore>(store_), OpenMode::create, clock_};
  KeepingObserver observer_;
  std::stop_source stop_;
};

TEST_F(RestoreVault, BringsOneRepositoryBackAndSaysWhatItDoes) {
  add_repository(7, "acme/site");
  add_repository(8, "acme/other");

  const RestoreSummary summary = restore({.repository = "acme/site", .folder = target()});

  EXPECT_TRUE(summary.is_good());
  ASSERT_EQ(summary.outcomes.size(), 1U);
  EXPECT_EQ(summary.outcomes[0].repository, "acme/site");
  EXPECT_EQ(summary.outcomes[0].snapshot, snapshot(1));
  EXPECT_EQ(summary.outcomes[0].folder, target());
  EXPECT_EQ(read_file(target() / "README.md"), "hello\n");
  EXPECT_THAT(observer_.told,
              ElementsAre("starting acme/site " + snapshot(1).str() + " out", "finished acme/site"));
  EXPECT_EQ(observer_.bytes_read, fs::file_size(bundle_file(7)));
}

TEST_F(RestoreVault, RestoresTheSnapshotThatIsNamed) {
  const Manifest first = add_snapshot(7, "acme/site", 1);
  commit(first);
  source_.commit("README.md", "changed\n");
  commit(add_snapshot(7, "acme/site", 2));

  restore({.repository = "acme/site", .folder = target(), .at = snapshot(1).str()});
  restore({.repository = "acme/site", .folder = target_.path() / "newest"});

  EXPECT_EQ(read_file(target() / "README.md"), "hello\n");
  EXPECT_EQ(read_file(target_.path() / "newest" / "README.md"), "changed\n");
}

TEST_F(RestoreVault, PutsAllInFoldersOfTheirNames) {
  add_repository(7, "acme/site");
  add_repository(8, "Acme/Site");  // has the better claim: a later id
  add_repository(9, "acme/.git");

  const RestoreSummary summary = restore_all();

  EXPECT_TRUE(summary.is_good());
  EXPECT_EQ(summary.outcomes.size(), 3U);
  EXPECT_EQ(refs_of(target() / "acme" / "site.7.git"), refs_of(source_.path()));
  EXPECT_TRUE(fs::exists(target() / "Acme" / "Site.git"));
  EXPECT_TRUE(fs::exists(target() / "acme" / "%2Egit.git"));
}

TEST_F(RestoreVault, GoesOnAfterARepositoryThatFails) {
  add_repository(7, "acme/site");
  add_repository(8, "acme/whole");
  fs::remove(bundle_file(7));

  const RestoreSummary summary = restore_all();

  ASSERT_EQ(summary.outcomes.size(), 2U);
  EXPECT_EQ(summary.outcomes[0].error->kind(), ErrorKind::not_found);
  EXPECT_THAT(summary.outcomes[0].error->message(), HasSubstr("verify --deep"));
  EXPECT_FALSE(summary.outcomes[1].error);
  EXPECT_FALSE(summary.is_good());
  EXPECT_FALSE(summary.has_done_nothing());
  EXPECT_TRUE(fs::exists(target() / "acme" / "whole.git"));
  EXPECT_FALSE(fs::exists(target() / "acme" / "site.git"));
}

TEST_F(RestoreVault, HasDoneNothingWhereEveryRepositoryFails) {
  EXPECT_FALSE(restore_all().has_done_nothing()) << "there is none";
  add_repository(7, "acme/site");
  fs::remove(bundle_file(7));

  EXPECT_TRUE(restore_all().has_done_nothing());
}

TEST_F(RestoreVault, ThrowsWhatKeepsOneRepositoryFromBeingRestored) {
  add_repository(7, "acme/site");
  fs::create_directory(target());
  const fs::path mine = target() / "mine";
  fs::create_directory(mine);

  const auto kind_of = [&](const std::string& repository) -> std::optional<ErrorKind> {
    try {
      restore({.repository = repository, .folder = target()});
      return std::nullopt;
    } catch (const Error& error) {
      return error.kind();
    }
  };
  EXPECT_EQ(kind_of("acme/site"), ErrorKind::invalid);
  EXPECT_EQ(kind_of("acme/none"), ErrorKind::not_found);
  EXPECT_EQ(fs::directory_iterator(target())->path(), mine);
  EXPECT_EQ(std::distance(fs::directory_iterator(target()), fs::directory_iterator()), 1);
}

TEST_F(RestoreVault, EndsWhenItIsStopped) {
  add_repository(7, "acme/site");
  stop_.request_stop();

  EXPECT_THROW(restore_all(), Error);
  EXPECT_FALSE(fs::exists(target() / "acme" / "site.git"));
}

TEST_F(RestoreVault, TellsThatASnapshotIsNotComplete) {
  Manifest manifest = add_snapshot(7, "acme/site", 1);
  GitPart git = git_part(manifest.parts);
  git.status = PartStatus::partial;
  set_git_part(manifest.parts, git);
  commit(manifest);

  const RestoreSummary summary =
      restore({.repository = "acme/site", .folder = target(), .at = manifest.snapshot.str()});

  EXPECT_EQ(summary.outcomes[0].git, PartStatus::partial);
  EXPECT_THAT(observer_.told[0], AllOf(HasSubstr("notice acme/site: "), HasSubstr("is not complete")));
}

// A repository whose bundles come with their indexes, as backup leaves it: each snapshot builds on the one
// before.
class ProvedHistory : public RestoreVault {
 protected:
  ProvedHistory() { fs::create_directory(scratch_.path() / "packs"); }

  // What was pushed since the last call is a snapshot. `pack` is what the server sends of it.
  Manifest save(const std::string& pack, bool has_index) {
    Manifest manifest = add_snapshot(7, "acme/site", ++day_);
    const GitPart saved = git_part(manifest.parts);
    git_.head = saved.head;
    git_.refs = saved.refs;
    git_.bundles.push_back(bundle_of(pack, has_index));
    set_git_part(manifest.parts, git_);
    commit(manifest);
    return manifest;
  }
  Manifest save(bool has_index = true) {
    const std::string before = std::exchange(head_, std::string(trim(source_.run({"rev-parse", "HEAD"}))));
    return save(source_.pack(before.empty() ? std::vector<std::string>{} : std::vector{before}), has_index);
  }
  void forget_head() { head_.clear(); }
  // Big enough for deltas.
  void push(const std::string& change) {
    std::string text;
    for (int i = 0; i < 300; ++i) text += "line " + std::to_string(i) + " of a file\n";
    for (const char* name : {"big", "large"}) source_.commit(name, text + change);
  }
  RestoreSummary restore_bare(const fs::path& folder) {
    return restore({.repository = "acme/site", .folder = folder, .kind = RepositoryKind::bare});
  }
  void expect_whole(const fs::path& repository) {
    EXPECT_EQ(refs_of(repository), refs_of(source_.path()));
    EXPECT_EQ(git(repository, {"fsck", "--full", "--strict"}), "");
  }
  std::size_t hidden_folders() const {
    return static_cast<std::size_t>(std::count_if(
        fs::directory_iterator(target_.path()), fs::directory_iterator(),
        [](const auto& entry) { return entry.path().filename().string().starts_with(".hubkeep"); }));
  }
  std::string key_of(std::size_t bundle) const { return folder_of(7) + git_.bundles[bundle].record.key; }

  GitPart git_;

 private:
  Bundle bundle_of(const std::string& pack, bool has_index) {
    const SnapshotId id = bundle_id();
    RecordedWriter writer = vault_.objects().create(folder_of(7), "git/" + id.str() + ".bundle");
    const ByteCount offset = write_bundle_header({.refs = source_.refs().refs}, writer);
    writer.write(pack);
    Bundle bundle{.snapshot = id,
                  .builds_on = git_.bundles.empty() ? SnapshotId() : git_.bundles.back().snapshot,
                  .pack_offset = offset,
                  .objects = 3,
                  .record = writer.commit()};
    const ObjectRecord index = index_of(pack);
    if (has_index) bundle.index = index;
    return bundle;
  }
  // The snapshot's own is taken: add_snapshot() has made a bundle of its own.
  SnapshotId bundle_id() const {
    return SnapshotId::parse(fmt::format("202611{}T000000Z-00000b", 10 + day_)).value();
  }
  ObjectRecord index_of(const std::string& pack) {
    const fs::path name = scratch_.path() / std::to_string(day_);
    const PackFiles files{name.string() + ".pack", name.string() + ".idx"};
    write_file(files.pack, pack);
    PackIndexer indexer(ObjectFormat::sha1, nullptr, {});
    indexer.write(pack);
    indexer.finish();
    FileSource written(files.pack);
    auto indexed = indexer.resolve(written, packs_, {});
    write_index_file({.entries = std::move(indexed->entries), .checksum = indexed->checksum}, files.index);
    RecordedWriter writer = vault_.objects().create(folder_of(7), "git/" + bundle_id().str() + ".idx");
    writer.write(read_file(files.index));
    packs_.add(files, {});
    return writer.commit();
  }

  ScratchFolder scratch_;
  PackFolder packs_{scratch_.path() / "packs", ObjectFormat::sha1};
  std::string head_;
  int day_ = 0;
};

TEST_F(ProvedHistory, IsPutTogetherOfItsPacksAndIndexes) {
  git_.proved = true;
  for (const char* change : {"one", "two", "three"}) {
    push(change);
    save();
  }

  restore_bare(target());

  expect_whole(target());
  ByteCount stored = 0;
  for (const Bundle& bundle : git_.bundles) stored += bundle.record.size + bundle.index->size;
  EXPECT_EQ(observer_.bytes_read, stored);
  EXPECT_EQ(hidden_folders(), 0U);
}

TEST_F(ProvedHistory, MayHaveBundlesWithoutAnIndexAnywhere) {
  for (const int without : {0, 1, 2, 3}) {
    git_.bundles.clear();
    forget_head();
    for (int i = 0; i < 4; ++i) {
      push(fmt::format("change {} {}", without, i));
      save(i != without);
    }
    const fs::path folder = target_.path() / std::to_string(without);

    restore_bare(folder);

    expect_whole(folder);
  }
}

// The index stands for the proof, so a lie that was proved is believed, and one that nobody has looked at is
// not.
TEST_F(ProvedHistory, IsBelievedAndWhatNobodyProvedIsNot) {
  push("one");
  const auto lost = std::string(trim(source_.run({"rev-parse", "HEAD:big"})));
  const std::string lie = source_.pack_but(lost);
  git_.proved = true;
  save(lie, true);

  restore_bare(target());
  EXPECT_THAT(git(target(), {"rev-list", "--objects", "--missing=print", "--all"}), HasSubstr("?" + lost));

  for (const bool has_index : {true, false}) {
    git_.proved = has_index ? std::optional(false) : std::nullopt;
    git_.missing_objects = has_index ? 1 : 0;
    git_.bundles.clear();
    save(lie, has_index);

    const Error error = error_of([&] { restore_bare(target_.path() / "not"); });

    EXPECT_EQ(error.kind(), ErrorKind::corrupt);
    EXPECT_THAT(error.message(), HasSubstr("refs/heads/main leads to the blob " + lost));
    EXPECT_FALSE(fs::exists(target_.path() / "not"));
  }
}

TEST_F(ProvedHistory, LacksNoTipUnseen) {
  push("one");
  git_.proved = true;
  Manifest manifest = save();
  source_.commit("other", "not in the bundle");
  git_.refs = git_part(add_snapshot(7, "acme/site", 9).parts).refs;
  set_git_part(manifest.parts, git_);
  manifest.snapshot = snapshot(9);
  commit(manifest);

  EXPECT_THAT(error_of([&] { restore_bare(target()); }).message(),
              AllOf(HasSubstr("refs/heads/main names object"), HasSubstr("which is not in the backup")));
}

TEST_F(ProvedHistory, IsGoneOnWithAfterABreak) {
  git_.proved = true;
  for (const char* change : {"one", "two", "three"}) {
    push(change);
    save();
  }
  store_->broken = git_.bundles[2].record.key;
  EXPECT_EQ(error_of([&] { restore_bare(target()); }).kind(), ErrorKind::transient);
  EXPECT_EQ(hidden_folders(), 1U);
  store_->broken = "";
  store_->take_read();

  restore_bare(target());

  expect_whole(target());
  const auto read = store_->take_read();
  EXPECT_FALSE(read.contains(key_of(0)));
  EXPECT_FALSE(read.contains(key_of(1)));
  EXPECT_TRUE(read.contains(key_of(2)));
  EXPECT_EQ(hidden_folders(), 0U);
}

TEST_F(ProvedHistory, TakesNothingOfWhatABreakHasLeftOfAnotherSnapshot) {
  git_.proved = true;
  push("one");
  save();
  push("two");
  save();
  store_->broken = git_.bundles[1].record.key;
  error_of([&] { restore_bare(target()); });
  store_->broken = "";
  store_->take_read();

  restore(
      {.repository = "acme/site", .folder = target(), .kind = RepositoryKind::bare, .at = snapshot(1).str()});

  EXPECT_TRUE(store_->take_read().contains(key_of(0)));
  EXPECT_EQ(hidden_folders(), 0U);
  EXPECT_EQ(git(target(), {"fsck", "--full", "--strict"}), "");
}

TEST_F(ProvedHistory, IsNotTakenFromWhatWasHurtSinceTheBreak) {
  git_.proved = true;
  push("one");
  save();
  push("two");
  save();
  store_->broken = git_.bundles[1].record.key;
  error_of([&] { restore_bare(target()); });
  for (const auto& entry : fs::recursive_directory_iterator(target_.path())) {
    if (entry.path().extension() != ".pack") continue;
    std::string bytes = read_file(entry.path());
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    fs::remove(entry.path());
    write_file(entry.path(), bytes);
  }
  store_->broken = "";
  store_->take_read();

  restore_bare(target());

  EXPECT_TRUE(store_->take_read().contains(key_of(0)));
  expect_whole(target());
}

// An index is made of its pack, and can be made of it again.
TEST_F(ProvedHistory, NeedsNoIndexThatIsAnothersDamagedOrLost) {
  git_.proved = true;
  for (const char* change : {"one", "two", "three"}) {
    push(change);
    save();
  }
  const auto expect_restored = [&](int day) {
    Manifest manifest = add_snapshot(7, "acme/site", day);
    set_git_part(manifest.parts, git_);
    commit(manifest);
    const fs::path folder = target_.path() / std::to_string(day);
    restore_bare(folder);
    expect_whole(folder);
  };

  std::swap(git_.bundles[0].index, git_.bundles[1].index);
  expect_restored(6);
  std::swap(git_.bundles[0].index, git_.bundles[1].index);
  char& digit = git_.bundles[1].index->sha256[0];
  digit = digit == '0' ? '1' : '0';
  expect_restored(7);
  for (const std::size_t lost : {0, 1, 2}) {
    fs::remove(vault_folder_.path() / (folder_of(7) + git_.bundles[lost].index->key));
    expect_restored(static_cast<int>(8 + lost));
  }
  EXPECT_EQ(hidden_folders(), 0U);
}

TEST_F(ProvedHistory, IsLookedAtWhereAnIndexIsNotBelieved) {
  git_.proved = true;
  push("one");
  const auto lost = std::string(trim(source_.run({"rev-parse", "HEAD:big"})));
  save(source_.pack_but(lost), true);
  fs::remove(vault_folder_.path() / (folder_of(7) + git_.bundles[0].index->key));

  EXPECT_THAT(error_of([&] { restore_bare(target()); }).message(),
              HasSubstr("refs/heads/main leads to the blob " + lost));
}

TEST_F(ProvedHistory, NeedsNoIndexThatIsLostOrDamaged) {
  git_.proved = true;
  for (const char* change : {"one", "two", "three"}) {
    push(change);
    save();
  }
  fs::remove(vault_folder_.path() / (folder_of(7) + git_.bundles[0].index->key));
  const fs::path damaged = vault_folder_.path() / (folder_of(7) + git_.bundles[1].index->key);
  std::string bytes = read_file(damaged);
  bytes[bytes.size() / 2] ^= 1;
  write_file(damaged, bytes);

  restore_bare(target());

  expect_whole(target());
  EXPECT_EQ(hidden_folders(), 0U);
  for (const std::size_t bundle : {0, 1})
    EXPECT_THAT(observer_.told,
                Contains(AllOf(HasSubstr("notice acme/site: "), HasSubstr(git_.bundles[bundle].index->key))));
}

TEST_F(ProvedHistory, IsRefusedWhereABundleIsDamagedAsWellAsAnIndex) {
  git_.proved = true;
  push("one");
  save();
  fs::remove(vault_folder_.path() / (folder_of(7) + git_.bundles[0].index->key));
  fs::remove(vault_folder_.path() / key_of(0));

  const Error error = error_of([&] { restore_bare(target()); });

  EXPECT_EQ(error.kind(), ErrorKind::not_found);
  EXPECT_THAT(error.message(), HasSubstr(git_.bundles[0].record.key));
}

TEST_F(RestoreVault, PutsSeveralTogetherAtOnce) {
  for (const std::int64_t id : {7, 8, 9, 10, 11, 12}) add_repository(id, "acme/site" + std::to_string(id));
  fs::remove(bundle_file(9));

  const RestoreSummary summary =
      restore({.repository = "", .folder = target(), .kind = RepositoryKind::bare, .jobs = 4});

  ASSERT_EQ(summary.outcomes.size(), 6U);
  for (std::size_t i = 0; i < 6; ++i) {
    const RestoreOutcome& outcome = summary.outcomes[i];
    EXPECT_EQ(outcome.repository, "acme/site" + std::to_string(7 + i));
    EXPECT_EQ(outcome.error.has_value(), i == 2);
    if (!outcome.error) {
      EXPECT_EQ(refs_of(outcome.folder), refs_of(source_.path()));
    }
  }
  EXPECT_EQ(observer_.told.size(), 12U);
}

}  // namespace
}  // namespace hubkeep
