#include "vault/zip_record.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/scratch_folder.h"
#include "store/open_store.h"

namespace hubkeep {
namespace {

using testing::ElementsAre;

const std::string kDay = "2026-11-23";

ZipRecord record(const std::string& name, const std::string& commit = std::string(40, 'a')) {
  return {.host = "github.com",
          .id = 7,
          .owner = "acme",
          .name = name,
          .is_private = true,
          .commit = commit,
          .object = {.key = "/" + zip_key(kDay, "acme", name, commit),
                     .size = 123,
                     .sha256 = std::string(64, 'b'),
                     .encoding = "identity",
                     .crc32 = 0x1234}};
}

TEST(ZipKey, IsMadeOfWhatItIsOf) {
  EXPECT_EQ(zip_key(kDay, "acme", "site", "abc"), "zip/2026-11-23/acme/site-abc.zip");
  EXPECT_EQ(zip_key(kDay, "..", "a/b", "abc"), "zip/2026-11-23/%2E%2E/a%2Fb-abc.zip");
  EXPECT_LE(zip_key(kDay, "acme", std::string(300, 'n'), std::string(64, 'a')).size(), 255U);
}

TEST(ZipKey, TellsItsDay) {
  EXPECT_EQ(day_of_zip("/zip/2026-11-23/acme/site-abc.zip"), kDay);
  for (const char* other : {"", "zip/2026-11-23/acme/x.zip", "/zip/2026-11-23/metadata.json",
                            "/zip/2026-13-23/acme/x.zip", "/zip/2026-11-23.zip", "/repos/a.zip"})
    EXPECT_EQ(day_of_zip(other), "") << other;
}

TEST(ZipMetadata, IsReadBackAsWritten) {
  const std::vector<ZipRecord> records = {record("site"), record("tools")};

  EXPECT_EQ(parse_zip_metadata(kDay, format_zip_metadata(kDay, records)), records);
  EXPECT_TRUE(parse_zip_metadata(kDay, format_zip_metadata(kDay, {})).empty());
  EXPECT_EQ(zip_record_from_json(to_json(record("site"))), record("site"));
}

TEST(ZipMetadata, LeavesAloneWhatALaterVersionAdds) {
  std::string text = format_zip_metadata(kDay, {record("site")});
  text.replace(text.find("\"zips\""), 0, "\"more\": [{\"owner\": 1}], ");
  text.replace(text.find("\"owner\": \"acme\"") == std::string::npos ? text.find("\"owner\":\"acme\"")
                                                                     : text.find("\"owner\": \"acme\""),
               0, "\"new\": {\"a\": [1]}, ");

  EXPECT_THAT(parse_zip_metadata(kDay, text), ElementsAre(record("site")));
}

TEST(ZipMetadata, RefusesWhatItIsNot) {
  const std::string text = format_zip_metadata(kDay, {record("site")});
  std::string newer = text;
  newer.replace(newer.find(": 1"), 3, ": 2");
  std::string elsewhere = text;
  elsewhere.replace(elsewhere.find("/zip/"), 5, "/rip/");
  for (const std::string& other : {std::string(), std::string("[]"), std::string("{}"), newer, elsewhere,
                                   text.substr(0, text.size() / 2)})
    EXPECT_THROW(parse_zip_metadata(kDay, other), Error) << other;
  EXPECT_THROW(parse_zip_metadata("2026-11-24", text), Error);
}

TEST(ZipMetadata, MergesWhatSeveralRunsAdd) {
  const ScratchFolder folder;
  const auto store = open_store(folder.path().string(), OpenMode::create, {});

  add_to_zip_metadata(*store, kDay, {record("site")}, {});
  add_to_zip_metadata(*store, kDay, {record("alpha"), record("site")}, {});
  add_to_zip_metadata(*store, kDay, {}, {});

  EXPECT_THAT(read_zip_metadata(*store, kDay, {}), ElementsAre(record("alpha"), record("site")));
  EXPECT_THAT(list_zip_days(*store), ElementsAre(kDay));
}

}  // namespace
}  // namespace hubkeep
