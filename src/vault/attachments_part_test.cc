#include "vault/attachments_part.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/scratch_folder.h"
#include "store/folder/folder_store.h"

namespace hubkeep {
namespace {

const std::string kFolder = "repos/github.com/acme/site.7/";
const std::string kOid(64, 'a');

ObjectRecord record(const std::string& key) {
  return {.key = key, .size = 3, .sha256 = kOid, .encoding = "identity", .crc32 = 7};
}

KeptAttachment kept() {
  return {.record = record(attachment_key(kOid)),
          .addresses = {{.url = "https://github.com/user-attachments/files/1/a.txt", .name = "a.txt"},
                        {.url = "https://user-images.githubusercontent.com/1/b.png",
                         .name = "b.png",
                         .type = "image/png"}}};
}

TEST(AttachmentsPart, StandsInTheManifestAsItIsRead) {
  const AttachmentsPart part{.status = PartStatus::not_permitted,
                             .objects = {record("attachments/a.list.zst")},
                             .cursor = record("attachments/a.cursor.zst")};

  EXPECT_EQ(attachments_part(to_part(part)), part);
  EXPECT_EQ(attachments_part(Part(nlohmann::ordered_json{{"status", "failed"}})).status, PartStatus::failed);
  EXPECT_THROW(attachments_part(Part(nlohmann::ordered_json{{"status", "ok"}, {"objects", {1}}})), Error);
}

TEST(AttachmentsPart, NamesEachFileOnceWithAllOfItsAddresses) {
  EXPECT_EQ(kept_attachment_from_line(to_line(kept())), kept());
  EXPECT_EQ(attachment_key(kOid), "/attachments/aa/aa/" + kOid);
}

TEST(AttachmentsPart, TakesNoOtherKeyForAnAttachment) {
  KeptAttachment other = kept();
  other.record.key = "/attachments/aa/aa/" + std::string(64, 'b');
  EXPECT_THROW(kept_attachment_from_line(to_line(other)), Error);
  EXPECT_THROW(kept_attachment_from_line("{}"), Error);
}

TEST(AttachmentsPart, IsReadFromItsLists) {
  ScratchFolder folder;
  VaultObjects objects(std::make_unique<FolderStore>(folder.path().string(), OpenMode::create));
  const KeptAttachments all = {{kept().record.key, kept()}};

  const auto lists = store_list(
      {.objects = objects, .folder = kFolder, .record_key = "attachments/20261129T100000Z-00000a.list.zst"},
      {}, lines_of(all));

  EXPECT_EQ(read_attachments(objects, kFolder, lists, {}), all);
}

TEST(AttachmentsCursor, IsReadAsItIsWritten) {
  ScratchFolder folder;
  VaultObjects objects(std::make_unique<FolderStore>(folder.path().string(), OpenMode::create));
  const UtcTime since = *parse_time("2026-11-29T10:00:00Z");
  std::vector<LackingAttachment> lacking;
  for (const AttachmentLack why : {AttachmentLack::pending, AttachmentLack::not_permitted,
                                   AttachmentLack::missing, AttachmentLack::refused})
    lacking.push_back({.url = "https://github.com/user-attachments/files/1/a.txt",
                       .why = why,
                       .message = why == AttachmentLack::missing ? "gone" : "",
                       .since = since});

  const ObjectRecord stored =
      write_attachments_cursor(objects, kFolder, "attachments/20261129T100000Z-00000a.cursor.zst", lacking);

  EXPECT_EQ(read_attachments_cursor(objects, kFolder, stored, {}), lacking);
}

}  // namespace
}  // namespace hubkeep
