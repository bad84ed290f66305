#include "verify/verify_vault.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "verify/verify_fixture.h"

namespace hubkeep {
namespace {

using testing::HasSubstr;
using testing::UnorderedElementsAre;

class VerifyVault : public VerifyTest {
 protected:
  VerifySummary verify(std::vector<std::string> names = {}, DataSubset::Kind read = DataSubset::Kind::none) {
    return verify_vault(vault_, {.repositories = std::move(names), .read = {.kind = read}, .jobs = 3},
                        observer_, {});
  }
  static std::vector<std::string> names_of(const VerifySummary& summary) {
    std::vector<std::string> names;
    for (const Verdict& verdict : summary.verdicts) names.push_back(verdict.repository);
    return names;
  }
};

TEST_F(VerifyVault, LooksAtEveryRepository) {
  for (int id = 1; id <= 5; ++id) add_snapshot(id);

  const VerifySummary summary = verify();

  EXPECT_TRUE(summary.is_good());
  EXPECT_THAT(names_of(summary),
              UnorderedElementsAre("acme/site1", "acme/site2", "acme/site3", "acme/site4", "acme/site5"));
  EXPECT_EQ(observer_.selected_count, 5U);
  EXPECT_EQ(observer_.finished_count, 5U);
}

TEST_F(VerifyVault, LooksAtThoseThatAreNamedEachOnce) {
  for (int id = 1; id <= 3; ++id) add_snapshot(id);

  EXPECT_THAT(names_of(verify({"acme/site3", "ACME/site1", "acme/site3@3"})),
              UnorderedElementsAre("acme/site1", "acme/site3"));
  EXPECT_THROW(verify({"acme/none"}), Error);
}

TEST_F(VerifyVault, OneDamagedRepositoryLeavesTheOthersGood) {
  for (int id = 1; id <= 3; ++id) add_snapshot(id);
  std::filesystem::remove(bundle_file(newest_.at(2).manifest));

  const VerifySummary summary = verify();

  EXPECT_FALSE(summary.is_good());
  for (const Verdict& verdict : summary.verdicts) EXPECT_EQ(verdict.is_good(), verdict.id != 2);
}

TEST_F(VerifyVault, ALostCatalogIsDamageAndHidesNothing) {
  for (int id = 1; id <= 2; ++id) add_snapshot(id);
  std::filesystem::remove(file("catalog.jsonl.zst"));

  const VerifySummary all = verify();
  const VerifySummary one = verify({"acme/site2"});

  EXPECT_FALSE(all.is_good());
  EXPECT_THAT(all.catalog.value(), HasSubstr("missing"));
  EXPECT_THAT(names_of(all), UnorderedElementsAre("acme/site1", "acme/site2"));
  EXPECT_THAT(names_of(one), UnorderedElementsAre("acme/site2"));
  EXPECT_FALSE(one.is_good());
}

TEST_F(VerifyVault, ADamagedCatalogIsDamage) {
  add_snapshot(1);
  flip_a_bit(file("catalog.jsonl.zst"));

  const VerifySummary summary = verify();

  EXPECT_FALSE(summary.is_good());
  EXPECT_THAT(summary.catalog.value(), HasSubstr("damaged"));
}

TEST_F(VerifyVault, LooksAtFoldersThatTheCatalogDoesNotKnow) {
  add_snapshot(1);
  const Manifest unknown = next_manifest(2);
  vault_.write_manifest(folder_of(2), unknown);

  EXPECT_THAT(names_of(verify()), UnorderedElementsAre("acme/site1", "acme/site2"));
}

TEST_F(VerifyVault, AnEmptyVaultIsGood) {
  EXPECT_TRUE(verify().is_good());
}

TEST_F(VerifyVault, WhatIsNotLookedAtIsNotGood) {
  add_snapshot(1);
  std::stop_source stop;
  stop.request_stop();

  VerifySummary summary;
  try {
    summary = verify_vault(vault_, {.jobs = 1}, observer_, stop.get_token());
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::cancelled);
    return;
  }

  EXPECT_TRUE(summary.stopped);
  EXPECT_FALSE(summary.is_good());
}

TEST_F(VerifyVault, SaysItAllInJson) {
  const Manifest first = add_snapshot(1);
  const Manifest second = add_snapshot(1);
  std::filesystem::remove(bundle_file(second));

  const auto json = to_json(verify());

  EXPECT_FALSE(json.at("good").get<bool>());
  const auto& repository = json.at("repositories").at(0);
  EXPECT_EQ(repository.at("id"), 1);
  EXPECT_EQ(repository.at("newest_restorable"), first.snapshot.str());
  EXPECT_EQ(repository.at("damages").at(0).at("kind"), "missing");
  EXPECT_EQ(repository.at("damages").at(0).at("snapshots").at(0), second.snapshot.str());
}

}  // namespace
}  // namespace hubkeep
