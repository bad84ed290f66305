#include "report/verify_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "verify/verify_fixture.h"

namespace hubkeep {
namespace {

class VerifyJson : public VerifyTest {};

TEST_F(VerifyJson, SaysItAll) {
  const Manifest first = add_snapshot(1);
  const Manifest second = add_snapshot(1);
  std::filesystem::remove(bundle_file(second));

  const auto json = to_json(verify_vault(vault_, {.jobs = 3}, observer_, {}));

  EXPECT_FALSE(json.at("good").get<bool>());
  const auto& repository = json.at("repositories").at(0);
  EXPECT_EQ(repository.at("id"), 1);
  EXPECT_EQ(repository.at("newest_restorable"), first.snapshot.str());
  EXPECT_EQ(repository.at("damages").at(0).at("kind"), "missing");
  EXPECT_EQ(repository.at("damages").at(0).at("snapshots").at(0), second.snapshot.str());
}

}  // namespace
}  // namespace hubkeep
