#include "backup/zip_names.h"

#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "backup/backup_fakes.h"
#include "vault/run_report.h"
#include "vault/stored_objects.h"

namespace hubkeep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kDay = "2026-11-23";
const std::string kCommit(40, 'a');

class ZipNamesTest : public testing::Test {
 protected:
  /// As `empty_zip` makes it, under the key of `name`.
  ZipRecord add_zip(const std::string& name, std::int64_t id, const std::string& commit = kCommit) {
    RecordedWriter writer = bench_.vault.objects().create("", "/" + zip_key(kDay, "acme", name, commit));
    writer.write(empty_zip(commit));
    return {.host = "github.com",
            .id = id,
            .owner = "acme",
            .name = name,
            .commit = commit,
            .object = writer.commit()};
  }
  void add_to_catalog(const std::string& full_name, std::int64_t id, const std::string& zip = "") {
    CatalogUpdate update{
        .entry = {.host = "github.com", .id = id, .folder = "repos/x." + std::to_string(id) + "/"}};
    update.entry.listing.full_name = full_name;
    update.entry.listing.visibility = "public";
    if (!zip.empty()) update.entry.zip = CatalogZip{.key = zip, .commit = kCommit};
    bench_.vault.update_catalog({update}, [](const std::string&) {}, {});
  }
  RemadeZipDay remake(const std::optional<std::string>& stored = {}) {
    return remake_zip_day(bench_.vault, kDay, stored, {}, {});
  }

  BackupBench bench_;
};

TEST_F(ZipNamesTest, AreMadeAgainFromZipsAndCatalog) {
  const ZipRecord site = add_zip("site", 1);
  const ZipRecord tools = add_zip("tools", 2, std::string(40, 'b'));
  add_to_catalog("acme/site", 1);
  add_to_catalog("acme/tools", 2);

  const auto remade = remake();

  EXPECT_THAT(remade.named.zips, ElementsAre(site, tools));
  EXPECT_THAT(remade.unclear, IsEmpty());
}

TEST_F(ZipNamesTest, StayAwayFromZipsOfWhichNobodyKnowsWhoseTheyAre) {
  add_zip("site", 1);
  add_zip("other", 2);
  add_to_catalog("acme/site", 1);
  add_to_catalog("acme/site", 3);  // of that name, too
  std::ofstream(bench_.folder.path() / zip_key(kDay, "acme", "cut", kCommit)) << "PK";

  const auto remade = remake();

  EXPECT_THAT(remade.named.zips, IsEmpty());
  EXPECT_THAT(remade.unclear,
              ElementsAre(AllOf(HasSubstr("cut-"), HasSubstr("it is not whole")),
                          AllOf(HasSubstr("other-"), HasSubstr("nothing says of which repository")),
                          AllOf(HasSubstr("site-"), HasSubstr("nothing says of which repository")),
                          HasSubstr("not known any more")));
}

TEST_F(ZipNamesTest, HaveWhatAReportOfTheDaySaysAlsoOfZipsThatAreLostOrChanged) {
  const ZipRecord site = add_zip("site", 1);
  const ZipRecord lost = add_zip("lost", 2);
  RunReport report;
  report.add({{"repository", "acme/site"}, {"zip", to_json(site)}});
  report.add({{"repository", "acme/lost"}, {"zip", to_json(lost)}});
  ASSERT_TRUE(report.commit(bench_.vault.objects(), "runs/20261123T184501Z-3f9a1c.jsonl.zst"));
  remove_object(bench_.vault.objects(), lost.object.key.substr(1));
  std::ofstream(bench_.folder.path() / site.object.key.substr(1)) << empty_zip(std::string(40, 'c'));

  const auto remade = remake();

  EXPECT_THAT(remade.named.zips, ElementsAre(lost, site));
  EXPECT_THAT(remade.unclear, IsEmpty());
}

TEST_F(ZipNamesTest, KeepWhatCanBeReadOfTheDamagedOnes) {
  ZipRecord lost = add_zip("lost", 2);
  lost.is_lost = true;
  remove_object(bench_.vault.objects(), lost.object.key.substr(1));
  std::string damaged = format_zip_metadata(kDay, {.previous = "2026-11-20", .zips = {lost}});
  damaged[20] = static_cast<char>(damaged[20] ^ 1);

  EXPECT_THAT(remake(damaged).named.zips, ElementsAre(lost));
}

TEST_F(ZipNamesTest, KeepWhatOnlyTheCatalogKnows) {
  const std::string key = "/" + zip_key(kDay, "acme", "site", kCommit);
  add_to_catalog("acme/site", 1, key);

  const auto remade = remake();

  ASSERT_EQ(remade.named.zips.size(), 1U);
  EXPECT_EQ(remade.named.zips.at(0).object.key, key);
  EXPECT_EQ(remade.named.zips.at(0).commit, kCommit);
  EXPECT_EQ(remade.named.zips.at(0).name, "site");
}

TEST_F(ZipNamesTest, OfADayBeforeAreRememberedByTheCatalogAlone) {
  add_to_catalog("acme/site", 1, "/" + zip_key("2026-11-20", "acme", "site", kCommit));
  std::vector<CatalogUpdate> updates;
  std::vector<std::string> problems;

  name_zips(bench_.vault, kDay, {add_zip("site", 1)}, updates, problems);

  EXPECT_EQ(read_zip_metadata(bench_.vault.objects(), kDay, {}).previous, "2026-11-20");
  EXPECT_THAT(problems, IsEmpty());
}

}  // namespace
}  // namespace hubkeep
