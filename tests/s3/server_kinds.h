// Servers as there are, for tests that hold against each of them: one for each switch of the scripted server,
// and mixes that are named after the servers they are taken from.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "s3/fake_s3.h"

namespace hubkeep {

struct ServerKind {
  std::string name;
  Extensions extensions;
  FakeS3::Conditions conditions = FakeS3::Conditions::kept;
  FakeS3::Receipts receipts = FakeS3::Receipts::checksum;
  bool has_object_lock = false;
  int refuses_deletions_with = 0;

  bool keeps_conditions() const { return conditions == FakeS3::Conditions::kept; }
  bool lists_uploads() const;
};

/// The whole server first, then one for each switch, then the mixes.
const std::vector<ServerKind>& server_kinds();
/// b2, r2, r2_2024, gcs, old_minio, old_garage, and nothing.
std::vector<ServerKind> server_mixes();

void become(FakeS3& server, const ServerKind& kind);

/// For test names: INSTANTIATE_TEST_SUITE_P(…, ::testing::ValuesIn(server_kinds()), name_of_kind)
std::string name_of_kind(const ::testing::TestParamInfo<ServerKind>& info);
void PrintTo(const ServerKind& kind, std::ostream* stream);

}  // namespace hubkeep
