#include "vault/names.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace hubkeep {
namespace {

TEST(EncodeName, KeepsOrdinaryNamesAndEscapesTheRest) {
  EXPECT_EQ(encode_name("my-repo_1.js"), "my-repo_1.js");
  EXPECT_EQ(encode_name("127.0.0.1:8443"), "127.0.0.1%3A8443");
  EXPECT_EQ(encode_name("a/../b"), "a%2F..%2Fb");
  EXPECT_EQ(encode_name(std::string("a\0b", 3)), "a%00b");
  EXPECT_EQ(encode_name("ä\x1b[1m"), "%C3%A4%1B%5B1m");
  EXPECT_EQ(encode_name("."), "%2E");
  EXPECT_EQ(encode_name(".."), "%2E%2E");
  EXPECT_THROW(encode_name(""), Error);
}

TEST(EncodeName, CutsLongNamesAndKeepsThemApart) {
  const std::string a = encode_name(std::string(300, 'a'));
  const std::string b = encode_name(std::string(301, 'a'));

  EXPECT_EQ(a.size(), 200U);
  EXPECT_NE(a, b);
  EXPECT_EQ(encode_name(std::string(200, 'a')), std::string(200, 'a'));
}

TEST(EncodeName, NeverCutsInsideAnEscape) {
  for (std::size_t lead = 0; lead < 3; ++lead) {
    const std::string name = encode_name(std::string(lead, 'x') + std::string(100, '/'));
    const std::string kept = name.substr(0, name.rfind('-'));

    EXPECT_LE(kept.size(), 183U);
    EXPECT_EQ((kept.size() - lead) % 3, 0U) << name;
  }
}

TEST(RepositoryFolder, IsMadeOfEncodedNames) {
  EXPECT_EQ(repository_folder("github.com", "acme", "../x", 42), "repos/github.com/acme/..%2Fx.42/");
}

TEST(SnapshotId, IsReadBackAsMade) {
  const auto time = *parse_time("2026-11-23T18:45:01Z");
  const SnapshotId id = SnapshotId::make(time);

  EXPECT_EQ(SnapshotId::parse(id.str()), id);
  EXPECT_EQ(id.time(), time);
  EXPECT_EQ(manifest_key(id), "snapshots/" + id.str() + ".json.zst");
}

TEST(SnapshotId, RefusesAnythingElse) {
  for (const char* text : {"", "20261123T184501Z", "20261123T184501Z-3f9a1", "20261123T184501Z-3f9a1g",
                           "20261123T184501Z_3f9a1c", "20261323T184501Z-3f9a1c", "../../../../../../etc/x"}) {
    EXPECT_FALSE(SnapshotId::parse(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace hubkeep
