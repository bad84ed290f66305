// Held against git's own in pack/pack_indexer_test.cc; here is what no git writes.
#include "git/pack_index.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace hubkeep {
namespace {

Oid oid(unsigned char first, unsigned char last, ObjectFormat format = ObjectFormat::sha1) {
  std::string raw(raw_size(format), '\0');
  raw.front() = static_cast<char>(first);
  raw.back() = static_cast<char>(last);
  return Oid::from_raw(raw, format);
}

std::string index_of(const std::vector<PackIndexEntry>& entries, ObjectFormat format = ObjectFormat::sha1) {
  StringSink sink;
  write_pack_index(entries, oid(7, 7, format), sink);
  return sink.take();
}

TEST(PackIndex, FindsWhatWasWrittenInBothFormats) {
  for (const ObjectFormat format : {ObjectFormat::sha1, ObjectFormat::sha256}) {
    const std::vector<PackIndexEntry> entries = {{oid(0, 1, format), 11, 12},
                                                 {oid(0, 2, format), 22, 0x7FFFFFFF},
                                                 {oid(3, 1, format), 33, 0x80000000},
                                                 {oid(3, 1, format), 44, std::uint64_t{5} << 32U},
                                                 {oid(255, 255, format), 55, 99}};
    const std::string bytes = index_of(entries, format);
    const PackIndex index(bytes, format);
    ASSERT_EQ(index.size(), entries.size());
    for (std::size_t i = 0; i < entries.size(); ++i) {
      EXPECT_EQ(index.oid(i), entries[i].oid);
      EXPECT_EQ(index.crc32(i), entries[i].crc32);
      EXPECT_EQ(index.offset(i), entries[i].offset);
    }
    EXPECT_EQ(index.find(oid(3, 1, format)), 2U);
    EXPECT_EQ(index.find(oid(255, 255, format)), 4U);
    EXPECT_EQ(index.find(oid(0, 3, format)), std::nullopt);
    EXPECT_EQ(index.find(oid(4, 0, format)), std::nullopt);
    EXPECT_EQ(index.checksum(), oid(7, 7, format));
  }
}

TEST(PackIndex, OfNothingIsEmpty) {
  const std::string bytes = index_of({});
  EXPECT_EQ(PackIndex(bytes, ObjectFormat::sha1).size(), 0U);
  EXPECT_FALSE(PackIndex().contains(oid(1, 1)));
}

// The index's own checksum is right in none but the first.
TEST(PackIndex, IsRefusedWithAnyByteChangedOrLost) {
  const std::string good = index_of({{oid(1, 1), 1, 12}, {oid(2, 2), 2, 40}});
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x41);
    EXPECT_THROW(PackIndex(bad, ObjectFormat::sha1), Error) << i;
    EXPECT_THROW(PackIndex(std::string_view(good).substr(0, i), ObjectFormat::sha1), Error) << i;
  }
  EXPECT_THROW(PackIndex(good, ObjectFormat::sha256), Error);
}

TEST(PackIndex, IsRefusedWhereItsNamesAreNotSorted) {
  EXPECT_THROW(PackIndex(index_of({{oid(2, 2), 2, 40}, {oid(1, 1), 1, 12}}), ObjectFormat::sha1), Error);
  EXPECT_THROW(PackIndex(index_of({{oid(2, 2), 2, 40}, {oid(2, 1), 1, 12}}), ObjectFormat::sha1), Error);
}

}  // namespace
}  // namespace hubkeep
