#include "restore/restore_vault.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "git/bundle.h"
#include "localgit/git_fixture.h"
#include "store/folder/folder_store.h"
#include "vault/object_record.h"
#include "vault/refs_object.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

/// Keeps what it is told, in order.
class KeepingObserver final : public RestoreObserver {
 public:
  void starting(const std::string& repository, const SnapshotId& snapshot, const fs::path& folder,
                ByteCount disk) override {
    EXPECT_GT(disk, 0U);
    told.push_back("starting " + repository + " " + snapshot.str() + " " + folder.filename().string());
  }
  void moved(ByteCount bytes) override { bytes_read += bytes; }
  void selected(std::size_t) override {}
  void waiting(const std::string&, std::chrono::seconds) override {}
  void retrying(const RetrySubject&, const Error&, std::chrono::milliseconds) override {}
  void made_vault(const std::string&, const std::string&) override {}
  void finished(const RestoreOutcome& outcome) override {
    told.push_back((outcome.error ? "failed " : "finished ") + outcome.repository);
  }
  void notice(const std::string& text) override { told.push_back("notice " + text); }

  std::vector<std::string> told;
  ByteCount bytes_read = 0;
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
  Vault vault_{std::make_unique<FolderStore>(vault_folder_.path().string(), OpenMode::create),
               OpenMode::create, clock_};
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
  EXPECT_THAT(summary.outcomes[0].error->message(), HasSubstr("verify --restore"));
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

}  // namespace
}  // namespace hubkeep
