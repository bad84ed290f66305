#include "git/pack_entry.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/error.h"
#include "git/object_size.h"

namespace hubkeep {
namespace {

constexpr ByteCount kFarInside = ByteCount{1} << 62U;

// As many bytes as it takes, each but the last marked.
std::string type_and_size(int type, std::uint64_t size) {
  std::string out(1, static_cast<char>(static_cast<unsigned>(type) << 4U | (size & 15U)));
  for (size >>= 4U; size != 0; size >>= 7U) {
    out.back() = static_cast<char>(out.back() | '\x80');
    out += static_cast<char>(size & 127U);
  }
  return out;
}

std::string distance(std::uint64_t value) {
  std::string out(1, static_cast<char>(value & 127U));
  while ((value >>= 7U) != 0) out.insert(0, 1, static_cast<char>(128U | (--value & 127U)));
  return out;
}

std::optional<PackEntryHeader> parse(std::string_view bytes, ByteCount offset = kPackHeaderSize,
                                     ObjectFormat format = ObjectFormat::sha1) {
  return parse_entry_header(bytes, offset, format);
}

std::string fault_of(std::string_view bytes, ByteCount offset = kPackHeaderSize) {
  try {
    parse(bytes, offset);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::corrupt);
    return error.message();
  }
  return "";
}

TEST(PackEntry, ReadsTypesAndSizesOfAnyLength) {
  for (const PackEntryType type : {kCommit, kTree, kBlob, kTag}) {
    for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{15}, std::uint64_t{16},
                                     std::uint64_t{2047}, std::uint64_t{2048}, kLargestObject}) {
      const std::string bytes = type_and_size(type, size);

      const auto header = parse(bytes + "zlib stream", 77);

      ASSERT_TRUE(header);
      EXPECT_EQ(header->offset, 77U);
      EXPECT_EQ(header->length, bytes.size());
      EXPECT_EQ(header->type, type);
      EXPECT_EQ(header->size, size);
      EXPECT_EQ(header->base_distance, 0U);
      EXPECT_TRUE(header->base.is_zero());
    }
  }
}

// gitformat-pack's own encoding: 0x80 0x00 is 128, not 0, since each continuation adds one.
TEST(PackEntry, ReadsHowFarBackAnOfsDeltasBaseIs) {
  EXPECT_EQ(parse("\x61\x7f", 1000)->base_distance, 127U);
  EXPECT_EQ(parse(std::string("\x61\x80\x00", 3), 1000)->base_distance, 128U);
  EXPECT_EQ(parse("\x61\x80\x01", 1000)->base_distance, 129U);
  EXPECT_EQ(parse("\x61\xff\x7f", kFarInside)->base_distance, 16'511U);
  EXPECT_EQ(parse(std::string("\x61\x80\x80\x00", 4), kFarInside)->base_distance, 16'512U);
}

TEST(PackEntry, ReadsEveryDistanceThatNineBytesHold) {
  for (std::uint64_t value = 1; value < kFarInside; value = value * 3 + 1) {
    const std::string bytes = type_and_size(kOfsDelta, 300) + distance(value);

    const auto header = parse(bytes + "x", kFarInside + kPackHeaderSize);

    ASSERT_TRUE(header) << value;
    EXPECT_EQ(header->type, kOfsDelta);
    EXPECT_EQ(header->size, 300U);
    EXPECT_EQ(header->base_distance, value);
    EXPECT_EQ(header->length, bytes.size());
  }
}

TEST(PackEntry, ReadsARefDeltasBaseInEitherFormat) {
  const std::string raw = "0123456789abcdefghijklmnopqrstuv";
  for (const ObjectFormat format : {ObjectFormat::sha1, ObjectFormat::sha256}) {
    const auto header = parse("\x75" + raw + raw, kPackHeaderSize, format);

    ASSERT_TRUE(header);
    EXPECT_EQ(header->type, kRefDelta);
    EXPECT_EQ(header->base, Oid::from_raw(raw.substr(0, raw_size(format)), format));
    EXPECT_EQ(header->length, 1 + raw_size(format));
  }
}

TEST(PackEntry, WaitsForTheRestWhereverItIsCut) {
  const std::vector<std::string> headers = {
      type_and_size(kBlob, 3),
      type_and_size(kBlob, kLargestObject),
      type_and_size(kOfsDelta, 3000) + distance(123'456'789),
      type_and_size(kRefDelta, 3000) + std::string(20, 'o'),
  };
  for (const std::string& bytes : headers) {
    for (std::size_t length = 0; length < bytes.size(); ++length)
      EXPECT_FALSE(parse(bytes.substr(0, length), kFarInside)) << length << " of " << bytes.size();
    EXPECT_TRUE(parse(bytes, kFarInside));
  }
  EXPECT_FALSE(parse("\x75" + std::string(31, 'o'), kPackHeaderSize, ObjectFormat::sha256));
}

TEST(PackEntry, RefusesTypesThatDoNotExist) {
  EXPECT_EQ(fault_of(type_and_size(0, 1)), "unknown object type 0");
  EXPECT_EQ(fault_of(type_and_size(5, 1)), "unknown object type 5");
}

TEST(PackEntry, RefusesSizesThatNothingHas) {
  for (const std::uint64_t size : {kLargestObject + 1, (std::uint64_t{1} << 60U) - 1, std::uint64_t{1} << 60U,
                                   std::uint64_t{1} << 63U, ~std::uint64_t{0}}) {
    EXPECT_EQ(fault_of(type_and_size(kBlob, size)), "an object's size is too large") << size;
  }
}

// What has no end must not be waited for, and must not wrap around to a small number.
TEST(PackEntry, RefusesEndlessNumbersBeforeTheyEnd) {
  EXPECT_EQ(fault_of(std::string(10, '\xb0')), "an object's size is too large");
  EXPECT_EQ(fault_of("\x61" + std::string(10, '\xff'), kFarInside), "a delta's base offset is too large");
  EXPECT_EQ(fault_of("\x61" + std::string(9, '\x80') + std::string(1, '\0'), kFarInside),
            "a delta's base offset is too large");
}

TEST(PackEntry, RefusesABaseOutsideThePack) {
  const auto delta = [](std::uint64_t back) { return type_and_size(kOfsDelta, 1) + distance(back); };

  EXPECT_EQ(fault_of(delta(100 - kPackHeaderSize), 100), "") << "the first entry";
  EXPECT_EQ(fault_of(delta(100 - kPackHeaderSize + 1), 100), "a delta's base lies outside the pack");
  EXPECT_EQ(fault_of(delta(1), kPackHeaderSize), "a delta's base lies outside the pack")
      << "before the first";
  EXPECT_EQ(fault_of(delta(0), 100), "a delta's base lies outside the pack") << "itself";
}

}  // namespace
}  // namespace hubkeep
