#include "vault/zip_record.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "crypto/hash.h"
#include "store/memory_store.h"

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
  EXPECT_EQ(zip_key(kDay, "acme", "site", "abc", 2), "zip/2026-11-23/acme/site-abc.2.zip");
  EXPECT_LE(zip_key(kDay, "acme", std::string(300, 'n'), std::string(64, 'a')).size(), 255U);
}

TEST(ZipKey, IsKnownWithItsNumber) {
  const ObjectKey first = zip_key(kDay, "acme", "site", "abc");
  for (const int number : {1, 2, 10})
    EXPECT_TRUE(is_numbered_key(zip_key(kDay, "acme", "site", "abc", number), first));
  for (const char* other : {"zip/2026-11-23/acme/site-abc.x.zip", "zip/2026-11-23/acme/site-abc..zip",
                            "zip/2026-11-23/acme/site-abcd.zip", "zip/2026-11-23/acme/site-abc2.zip", ""})
    EXPECT_FALSE(is_numbered_key(other, first)) << other;
}

TEST(ZipKey, TellsItsDay) {
  EXPECT_EQ(day_of_zip("/zip/2026-11-23/acme/site-abc.zip"), kDay);
  for (const char* other : {"", "zip/2026-11-23/acme/x.zip", "/zip/2026-11-23/metadata.json",
                            "/zip/2026-13-23/acme/x.zip", "/zip/2026-11-23.zip", "/repos/a.zip"})
    EXPECT_EQ(day_of_zip(other), "") << other;
}

ZipDay two_zips() {
  ZipDay named{.previous = "2026-11-21", .zips = {record("site"), record("tools")}};
  named.zips.back().is_lost = true;
  named.zips.back().again = "/" + zip_key("2026-11-25", "acme", "tools", std::string(40, 'a'), 2);
  return named;
}

TEST(ZipMetadata, IsReadBackAsWritten) {
  for (const ZipDay& named : {two_zips(), ZipDay{}, ZipDay{.zips = {record("site")}}})
    EXPECT_EQ(parse_zip_metadata(kDay, format_zip_metadata(kDay, named)), named);
  EXPECT_EQ(zip_record_from_json(to_json(record("site"))), record("site"));
}

TEST(ZipMetadata, FindsEveryByteThatWasChangedAndEveryEndThatIsMissing) {
  const std::string text = format_zip_metadata(kDay, two_zips());
  const auto kind_of = [](const std::string& changed) -> std::optional<ErrorKind> {
    try {
      parse_zip_metadata(kDay, changed);
      return std::nullopt;
    } catch (const Error& error) {
      return error.kind();
    }
  };

  for (std::size_t place = 0; place < text.size(); ++place) {
    std::string changed = text;
    for (int bit = 0; bit < 8; ++bit) {
      changed[place] = static_cast<char>(text[place] ^ (1 << bit));
      EXPECT_EQ(kind_of(changed), ErrorKind::corrupt) << "bit " << bit << " of " << place;
    }
    for (const char other : {' ', '\n', '\t', '0', '"', 'a'}) {
      changed[place] = other;
      if (other != text[place]) {
        EXPECT_EQ(kind_of(changed), ErrorKind::corrupt) << "'" << other << "' at " << place;
      }
    }
    EXPECT_EQ(kind_of(text.substr(0, place)), ErrorKind::corrupt) << "cut at " << place;
  }
}

TEST(ZipMetadata, OfAnOlderVersionHasNoHash) {
  const std::string sealed = format_zip_metadata(kDay, {.zips = {record("site")}});
  const std::string older = sealed.substr(0, sealed.find(",\n  \"sha256\": ")) + "\n}\n";
  std::string newer = older;
  newer.replace(newer.find("\"zips\""), 0, "\"more\": 1, ");

  EXPECT_THAT(parse_zip_metadata(kDay, older).zips, ElementsAre(record("site")));
  EXPECT_THROW(parse_zip_metadata(kDay, newer), Error);
}

TEST(ZipMetadata, LeavesAloneWhatALaterVersionAdds) {
  std::string text = format_zip_metadata(kDay, {.zips = {record("site")}});
  text.resize(text.find(",\n  \"sha256\": "));
  text.replace(text.find("\"zips\""), 0, "\"more\": [{\"owner\": 1}], ");
  text.replace(text.find("\"owner\":\"acme\""), 0, "\"new\": {\"a\": [1]}, ");
  text += ",\n  \"sha256\": \"" + sha256_hex(text) + "\"\n}\n";

  EXPECT_THAT(parse_zip_metadata(kDay, text).zips, ElementsAre(record("site")));
}

TEST(ZipMetadata, RefusesWhatItIsNot) {
  const std::string text = format_zip_metadata(kDay, {.zips = {record("site")}});
  std::string newer = text;
  newer.replace(newer.find(": 1"), 3, ": 2");
  std::string elsewhere = text;
  elsewhere.replace(elsewhere.find("/zip/"), 5, "/rip/");
  for (const std::string& other : {std::string(), std::string("[]"), std::string("{}"), newer, elsewhere,
                                   text.substr(0, text.size() / 2)})
    EXPECT_THROW(parse_zip_metadata(kDay, other), Error) << other;
  EXPECT_THROW(parse_zip_metadata("2026-11-24", text), Error);
}

TEST(ZipMetadata, GivesTheLinesThatAreWholeWhereOneIsDamaged) {
  std::string text = format_zip_metadata(kDay, two_zips());
  text[text.find("\"name\":\"site\"") + 9] = 'b';

  EXPECT_THAT(salvage_zip_metadata(kDay, text), ElementsAre(two_zips().zips.back()));
  EXPECT_TRUE(salvage_zip_metadata("2026-11-24", text).empty());
}

TEST(ZipMetadata, MergesWhatSeveralRunsAdd) {
  SystemClock clock;
  VaultObjects objects(std::make_unique<MemoryStore>(clock));
  ZipRecord other = record("site");
  other.object.sha256 = std::string(64, 'c');

  add_to_zip_metadata(objects, kDay, {record("site")}, {});
  add_to_zip_metadata(objects, kDay, {record("alpha"), other}, {});
  add_to_zip_metadata(objects, kDay, {}, {});

  EXPECT_THAT(read_zip_metadata(objects, kDay, {}).zips, ElementsAre(record("alpha"), record("site")));
  EXPECT_THAT(list_zip_days(objects), ElementsAre(kDay));
}

TEST(ZipMetadata, NamesTheDayBefore) {
  SystemClock clock;
  VaultObjects objects(std::make_unique<MemoryStore>(clock));
  const auto record_of = [](const std::string& day) {
    ZipRecord of_day = record("site");
    of_day.object.key = "/" + zip_key(day, "acme", "site", of_day.commit);
    return of_day;
  };
  // Of a run that was killed.
  static_cast<void>(objects.create("", zip_key("2026-11-22", "acme", "site", std::string(40, 'a'))).commit());

  for (const char* day : {"2026-11-20", "2026-11-25", "2026-11-23", "2026-11-25"})
    add_to_zip_metadata(objects, day, {record_of(day)}, {});

  EXPECT_EQ(read_zip_metadata(objects, "2026-11-20", {}).previous, "");
  EXPECT_EQ(read_zip_metadata(objects, "2026-11-25", {}).previous, "2026-11-20");
  EXPECT_EQ(read_zip_metadata(objects, "2026-11-23", {}).previous, "2026-11-20");
  EXPECT_EQ(last_named_day_before(objects, "2026-11-23", "2026-11-21"), "2026-11-21");
}

}  // namespace
}  // namespace hubkeep
