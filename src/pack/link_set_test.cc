#include "pack/link_set.h"

#include <gtest/gtest.h>

#include <string>

namespace hubkeep {
namespace {

Oid oid(unsigned number) {
  std::string raw(20, '\0');
  for (unsigned i = 0; i < 4; ++i) raw[i] = static_cast<char>(number >> (8 * i));
  return Oid::from_raw(raw, ObjectFormat::sha1);
}

TEST(LinkSet, IsOpenUntilWhatIsNamedIsFoundWithTheTypeThatIsExpected) {
  LinkSet links;
  links.add({oid(1), ObjectType::tree});
  links.add({oid(1), ObjectType::tree});
  links.add({oid(2), ObjectType::blob});
  links.add(oid(3));
  EXPECT_EQ(links.open(), 3U);
  links.found(oid(1), ObjectType::blob);
  EXPECT_EQ(links.open(), 3U);
  EXPECT_TRUE(links.contains({oid(1), ObjectType::tree}));
  EXPECT_FALSE(links.contains({oid(1), ObjectType::blob}));
  links.found(oid(1), ObjectType::tree);
  links.found(oid(2), std::nullopt);
  EXPECT_EQ(links.open(), 1U);
  EXPECT_TRUE(links.contains({oid(3), ObjectType::commit}));
  links.found(oid(3), ObjectType::tag);
  EXPECT_EQ(links.open(), 0U);
}

TEST(LinkSet, HoldsManyWhileOthersAreForgotten) {
  LinkSet links;
  constexpr unsigned kMany = 50'000;
  for (unsigned i = 0; i < kMany; ++i) {
    links.add({oid(i), ObjectType::blob});
    if (i % 2 == 0) links.found(oid(i), ObjectType::blob);
  }
  EXPECT_EQ(links.open(), kMany / 2);
  EXPECT_LE(links.memory(), ByteCount{8} * 4 * kMany);
  for (unsigned i = 0; i < kMany; ++i) EXPECT_EQ(links.contains({oid(i), ObjectType::blob}), i % 2 == 1);
}

}  // namespace
}  // namespace hubkeep
