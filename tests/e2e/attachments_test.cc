// Attachments in the notes of releases, from the simulated GitHub into a vault.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <map>

#include "base/clock.h"
#include "e2e/end_to_end.h"
#include "store/folder/folder_store.h"
#include "vault/attachments_part.h"
#include "vault/vault.h"

namespace hubkeep {
namespace {

using sim::AttachmentPlace;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

namespace fs = std::filesystem;

constexpr const char* kFineGrained = "github_pat_fine";

class AttachmentsOfReleases : public EndToEnd {
 protected:
  AttachmentsOfReleases() {
    keeps_histories_alone_ = false;
    world_.add_token(
        sim::Token{.value = kFineGrained, .login = "octo", .kind = sim::TokenKind::fine_grained});
  }

  sim::RepositoryId add_site(bool is_private) {
    const auto id = world_.add_repository("octo", "site", {.is_private = is_private});
    sim::make_repository_content(path_of(id), 1, 2, 2);
    const UtcTime now = world_.now();
    world_.set_time(now - std::chrono::days(30));
    world_.pushed(id);
    world_.set_time(now);
    return id;
  }
  // In a release's notes; returns what lies there by address.
  std::map<std::string, std::string> attach_all(sim::RepositoryId id) {
    std::map<std::string, std::string> files;
    std::string body = "Look:";
    for (const auto place :
         {AttachmentPlace::user_assets, AttachmentPlace::user_files, AttachmentPlace::repository_assets,
          AttachmentPlace::repository_files, AttachmentPlace::user_images}) {
      const std::string content = fmt::format("content {}", files.size());
      const std::string path = world_.add_attachment({.place = place,
                                                      .repository = id,
                                                      .name = "notes.txt",
                                                      .content_type = "text/plain",
                                                      .content = sim::content_of(content)});
      const std::string url =
          (place == AttachmentPlace::user_images ? github_.media_host().origin() : github_.origin()) + path;
      body += fmt::format(" ![image]({}),", url);
      files[url] = content;
    }
    world_.add_release(id, {.tag = "v1", .body = body});
    return files;
  }
  sim::RunResult run(const std::string& token) {
    return backup(
        {}, {{"TOKEN_GITHUB", token}, {"HUBKEEP_WITHOUT", "all"}, {"HUBKEEP_WITH", "releases,attachments"}});
  }
  std::map<std::string, std::string> kept(sim::RepositoryId id) {
    Vault opened(std::make_unique<FolderStore>(vault().string(), OpenMode::read), OpenMode::read, clock_);
    const std::string folder = fs::relative(folder_of(id), vault()).string() + "/";
    const auto snapshot = SnapshotId::parse(snapshots_of(folder_of(id)).back());
    const Manifest manifest = opened.read_manifest(folder, *snapshot, {}, {}).manifest;
    const auto part = manifest.parts.find(PartName(kAttachmentsPart));
    std::map<std::string, std::string> files;
    if (part == manifest.parts.end()) return files;
    for (const auto& [key, file] :
         read_attachments(opened.objects(), folder, attachments_part(part->second).objects, {})) {
      StringSink sink;
      opened.objects().read(folder, file.record, sink, {});
      for (const AttachmentAddress& address : file.addresses) {
        files[address.url] = sink.str();
        EXPECT_EQ(address.name, "notes.txt");
        EXPECT_EQ(address.type, "text/plain");
      }
    }
    return files;
  }
  std::size_t asked_for_files() const {
    return github_.count(sim::RequestKind::web) + github_.count(sim::RequestKind::media);
  }

  SystemClock clock_;
};

TEST_F(AttachmentsOfReleases, AreKeptWhereTheTokenMayHaveThem) {
  struct Case {
    bool is_private;
    bool is_fine_grained;
  };
  for (const Case& each : {Case{false, false}, Case{false, true}, Case{true, false}}) {
    begin_anew();
    const auto id = add_site(each.is_private);
    const auto files = attach_all(id);
    const std::string token = each.is_fine_grained ? kFineGrained : token_;

    const auto first = run(token);

    ASSERT_EQ(first.exit_code, 0) << first.err;
    EXPECT_EQ(kept(id), files);
    EXPECT_EQ(github_.media_host().tokens_seen(), 0U);

    github_.clear_log();
    EXPECT_EQ(run(token).exit_code, 0);
    EXPECT_EQ(asked_for_files(), 0U);
    world_.remove(id);
  }
}

TEST_F(AttachmentsOfReleases, OfAPrivateRepositoryAreToldOnceWhereTheTokenGetsNone) {
  const auto id = add_site(true);
  attach_all(id);

  const auto first = run(kFineGrained);

  EXPECT_EQ(first.exit_code, 0) << first.err;
  EXPECT_THAT(first.out + first.err, HasSubstr("4 attachments cannot be had"));
  EXPECT_THAT(first.out + first.err, HasSubstr("classic tokens alone"));
  EXPECT_THAT(kept(id), SizeIs(1));  // whoever knows a user image's address may have it

  github_.clear_log();
  const auto second = run(kFineGrained);

  EXPECT_EQ(second.exit_code, 0) << second.err;
  EXPECT_THAT(second.out + second.err, Not(HasSubstr("attachments cannot be had")));
  EXPECT_EQ(asked_for_files(), 0U);
  EXPECT_EQ(github_.media_host().tokens_seen(), 0U);
}

TEST_F(AttachmentsOfReleases, ThatLieElsewhereAreNotAskedFor) {
  const auto id = add_site(false);
  world_.add_release(id, {.tag = "v1",
                          .body = "http://192.0.2.1/user-attachments/files/1/a.txt and "
                                  "https://github.com/user-attachments/files/1/a.txt"});

  EXPECT_EQ(run(token_).exit_code, 0);

  EXPECT_EQ(asked_for_files(), 0U);
  EXPECT_THAT(kept(id), SizeIs(0));
}

TEST_F(AttachmentsOfReleases, AreFoundInWhatIsKeptWhenTheyAreWantedLater) {
  const auto id = add_site(false);
  const auto files = attach_all(id);
  ASSERT_EQ(backup({}, {{"HUBKEEP_WITHOUT", "all"}, {"HUBKEEP_WITH", "releases"}}).exit_code, 0);
  github_.clear_log();

  EXPECT_EQ(run(token_).exit_code, 0);

  EXPECT_EQ(kept(id), files);
}

}  // namespace
}  // namespace hubkeep
