#include "verify/verify_zips.h"

#include <gmock/gmock.h>

#include "store/forwarding_store.h"
#include "verify/verify_fixture.h"

namespace hubkeep {
namespace {

/// The store below, but that one key lies in an archive class.
class PartlyColdStore final : public ForwardingStore {
 public:
  PartlyColdStore(std::unique_ptr<ObjectStore> next, ObjectKey cold)
      : ForwardingStore(std::move(next)), cold_(std::move(cold)) {}

  void read(const ObjectKey& key, ByteCount offset, std::optional<ByteCount> length, ByteSink& sink,
            const std::stop_token& stop) override {
    if (key == cold_) throw Error(ErrorKind::cold, key + " is in an archive class");
    ForwardingStore::read(key, offset, length, sink, stop);
  }

 private:
  const ObjectKey cold_;
};

using testing::ElementsAre;

class VerifyZips : public VerifyTest {
 protected:
  ZipVerdict verify(DataSubset::Kind kind = DataSubset::Kind::none, ZipVerification::Filter filter = {},
                    const std::string& after = "") {
    return verify_in(vault_, kind, std::move(filter), after);
  }
  ZipVerdict verify_in(Vault& vault, DataSubset::Kind kind, ZipVerification::Filter filter,
                       const std::string& after) {
    const std::stop_token never;
    ZipVerification zips(vault, vault.read_catalog(never).value_or(Catalog()), std::move(filter), after,
                         never);
    DataChooser chooser({.kind = kind}, zips.size());
    return zips.run({.vault = vault, .chooser = chooser, .observer = observer_});
  }
};

TEST_F(VerifyZips, CountsWhatIsThere) {
  add_zip("2026-11-01", 1);
  add_zip("2026-11-02", 2);

  const auto verdict = verify(DataSubset::Kind::all);

  EXPECT_TRUE(verdict.is_good());
  EXPECT_EQ(verdict.zips, 2U);
  EXPECT_EQ(verdict.zips_read, 2U);
}

TEST_F(VerifyZips, CallsWholeOldestDaysExpired) {
  for (const char* day : {"2026-11-01", "2026-11-02", "2026-11-03"}) add_zip(day, 1);
  std::filesystem::remove(zip_file("2026-11-01", 1));
  std::filesystem::remove(zip_file("2026-11-02", 1));

  const auto verdict = verify();

  EXPECT_TRUE(verdict.is_good());
  EXPECT_EQ(verdict.expired, 2U);
  EXPECT_EQ(verdict.expired_until, "2026-11-02");
  EXPECT_EQ(verdict.zips, 1U);
}

TEST_F(VerifyZips, CallsLostWhatIsMissingBesideOthersOrAfterThem) {
  add_zip("2026-11-01", 1);
  add_zip("2026-11-01", 2);
  add_zip("2026-11-02", 1);
  std::filesystem::remove(zip_file("2026-11-01", 1));
  std::filesystem::remove(zip_file("2026-11-02", 1));

  const auto verdict = verify();

  EXPECT_EQ(verdict.expired, 0U);
  ASSERT_EQ(verdict.damages.size(), 2U);
  EXPECT_EQ(verdict.damages.at(0).kind, DamageKind::missing);
  EXPECT_EQ(verdict.damages.at(0).key, zip_key("2026-11-01", "acme", "site1", std::string(40, 'a')));
}

TEST_F(VerifyZips, FindsChangedBytesAndChangedMetadata) {
  add_zip("2026-11-01", 1);
  flip_a_bit(zip_file("2026-11-01", 1));
  add_zip("2026-11-02", 1);
  flip_a_bit(file(zip_metadata_key("2026-11-02")), 0);

  const auto verdict = verify(DataSubset::Kind::all);

  ASSERT_EQ(verdict.damages.size(), 2U);
  EXPECT_EQ(verdict.damages.at(0).kind, DamageKind::content);
  EXPECT_EQ(verdict.damages.at(1).key, zip_metadata_key("2026-11-02"));
}

TEST_F(VerifyZips, MissesTheNamesOfADayThatALaterOneOrTheCatalogKnows) {
  for (const char* day : {"2026-11-01", "2026-11-02", "2026-11-03"}) add_zip(day, 1);
  const auto missing = [&] {
    std::vector<ObjectKey> keys;
    for (const Damage& damage : verify().damages) keys.push_back(damage.key);
    return keys;
  };
  std::filesystem::remove(file(zip_metadata_key("2026-11-02")));
  const auto named_by_the_next = missing();
  std::filesystem::remove(file(zip_metadata_key("2026-11-03")));
  const auto not_known = missing();
  CatalogUpdate update{.entry = {.host = "github.com", .id = 1, .folder = folder_of(1)}};
  update.entry.zip = CatalogZip{.key = "/" + zip_key("2026-11-03", "acme", "site1", std::string(40, 'a')),
                                .commit = std::string(40, 'a')};
  vault_.update_catalog({update}, [](const std::string&) {}, {});
  const auto named_by_the_catalog = missing();

  EXPECT_THAT(named_by_the_next, ElementsAre(zip_metadata_key("2026-11-02")));
  EXPECT_THAT(not_known, testing::IsEmpty());
  EXPECT_THAT(named_by_the_catalog, ElementsAre(zip_metadata_key("2026-11-03")));
  EXPECT_TRUE(verify({}, {}, zip_metadata_key("2026-11-03")).is_good());  // told before
}

TEST_F(VerifyZips, DoesNotMissTheNamesOfDaysThatHaveExpired) {
  for (const char* day : {"2026-11-01", "2026-11-02"}) add_zip(day, 1);

  std::filesystem::remove_all(file("zip/2026-11-01"));
  const auto verdict = verify();

  EXPECT_TRUE(verdict.is_good());
  EXPECT_EQ(verdict.zips, 1U);
}

TEST_F(VerifyZips, MissesAWholeDayBetweenOthers) {
  for (const char* day : {"2026-11-01", "2026-11-02", "2026-11-03"}) add_zip(day, 1);

  std::filesystem::remove_all(file("zip/2026-11-02"));

  EXPECT_EQ(verify().damages.size(), 1U);
}

TEST_F(VerifyZips, AcceptsWhatARepairHasWrittenDownAsLost) {
  for (const std::int64_t id : {1, 2, 3}) add_zip("2026-11-01", id);
  const auto mark = [](const std::optional<std::string>& stored) {
    ZipDay named = parse_zip_metadata("2026-11-01", stored.value());
    named.zips.at(0).is_lost = named.zips.at(1).is_lost = true;
    named.zips.at(1).again = named.zips.at(2).object.key;
    return named;
  };
  change_zip_metadata(vault_.objects(), "2026-11-01", mark, {});
  for (const std::int64_t id : {1, 2}) std::filesystem::remove(zip_file("2026-11-01", id));

  const auto known = verify(DataSubset::Kind::all);
  std::filesystem::remove(zip_file("2026-11-01", 3));
  const auto expired = verify();

  EXPECT_TRUE(known.is_good());
  EXPECT_EQ(known.zips, 1U);
  ASSERT_EQ(known.damages.size(), 1U);  // the one that is nowhere else
  EXPECT_TRUE(known.damages.at(0).accepted);
  EXPECT_TRUE(expired.damages.empty());
  EXPECT_EQ(expired.expired, 1U);
}

TEST_F(VerifyZips, EndsAtThePlaceToGoOnFrom) {
  for (const char* day : {"2026-11-01", "2026-11-02"}) add_zip(day, 1);
  std::filesystem::remove(zip_file("2026-11-01", 1));
  EXPECT_EQ(verify().verified_up_to, zip_key("2026-11-02", "acme", "site1", std::string(40, 'a')));
  std::filesystem::remove(zip_file("2026-11-02", 1));

  EXPECT_EQ(verify().verified_up_to, "zip/2026-11-02/");
}

TEST_F(VerifyZips, GoesOnWithinADayAndBehindIt) {
  for (const int id : {3, 1, 2}) add_zip("2026-11-01", id);
  add_zip("2026-11-02", 1);
  const auto behind = [&](const std::string& after) { return verify({}, {}, after).zips; };

  EXPECT_EQ(behind("repos/z/"), 4U);
  EXPECT_EQ(behind(zip_key("2026-11-01", "acme", "site1", std::string(40, 'a'))), 3U);
  EXPECT_EQ(behind(zip_key("2026-11-01", "acme", "site3", std::string(40, 'a'))), 1U);
  EXPECT_EQ(behind("zip/2026-11-01/"), 1U);
  EXPECT_EQ(behind(zip_key("2026-11-02", "acme", "site1", std::string(40, 'a'))), 0U);
}

TEST_F(VerifyZips, TellsWhatHasExpiredFromWhatIsLostWhereverItGoesOn) {
  for (const char* day : {"2026-11-01", "2026-11-02"}) add_zip(day, 1);
  std::filesystem::remove(zip_file("2026-11-02", 1));

  const auto lost = verify({}, {}, zip_key("2026-11-01", "acme", "site1", std::string(40, 'a')));
  std::filesystem::remove(zip_file("2026-11-01", 1));
  const auto expired = verify({}, {}, "zip/2026-11-01/");

  EXPECT_EQ(lost.damages.size(), 1U);
  EXPECT_TRUE(expired.is_good());
  EXPECT_EQ(expired.expired, 1U);
}

TEST_F(VerifyZips, CountsADayWhoseNamesAreColdAsItIsListed) {
  for (const char* day : {"2026-11-01", "2026-11-02", "2026-11-03"}) add_zip(day, 1);
  add_zip("2026-11-02", 2);
  std::filesystem::remove(zip_file("2026-11-03", 1));
  auto store = std::make_unique<FolderStore>(folder_.path().string(), OpenMode::read);
  Vault cold(std::make_unique<PartlyColdStore>(std::move(store), zip_metadata_key("2026-11-02")),
             OpenMode::read, clock_);

  const auto all = verify_in(cold, {}, {}, "");
  const auto rest = verify_in(cold, {}, {}, zip_key("2026-11-02", "acme", "site1", std::string(40, 'a')));
  const auto one = verify_in(cold, {}, std::set<SubjectKey>{{"github.com", 1}}, "");

  EXPECT_EQ(all.zips, 3U);
  EXPECT_EQ(all.cold_days, 1U);
  EXPECT_FALSE(all.error);
  ASSERT_EQ(all.damages.size(), 1U);  // what is missing after a day that has some is lost
  EXPECT_EQ(rest.zips, 1U);
  EXPECT_EQ(rest.damages.size(), 1U);
  EXPECT_EQ(one.zips, 1U);
  EXPECT_EQ(one.cold_days, 1U);
}

TEST_F(VerifyZips, LooksAtThoseOfTheRepositoriesThatAreNamed) {
  add_zip("2026-11-01", 1);
  add_zip("2026-11-01", 2);
  std::filesystem::remove(zip_file("2026-11-01", 1));

  EXPECT_TRUE(verify({}, std::set<SubjectKey>{{"github.com", 2}}).is_good());
  EXPECT_FALSE(verify({}, std::set<SubjectKey>{{"github.com", 1}}).is_good());
}

}  // namespace
}  // namespace hubkeep
