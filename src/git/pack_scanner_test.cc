#include "git/pack_scanner.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <random>

#include "base/error_of.h"
#include "crypto/hash.h"
#include "git/pack_maker.h"

namespace hubkeep {
namespace {

std::string deflated(std::string_view bytes, int level) {
  uLongf size = compressBound(static_cast<uLong>(bytes.size()));
  std::string out(size, '\0');
  compress2(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(bytes.data()),
            static_cast<uLong>(bytes.size()), level);
  out.resize(size);
  return out;
}

std::string entry_header(int type, std::uint64_t size) {
  std::string out(1, static_cast<char>(static_cast<unsigned>(type) << 4U | (size & 15U)));
  for (size >>= 4U; size != 0; size >>= 7U) {
    out.back() = static_cast<char>(out.back() | '\x80');
    out += static_cast<char>(size & 127U);
  }
  return out;
}

std::string big_endian(std::uint32_t value) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8)
    out += static_cast<char>(value >> static_cast<unsigned>(shift));
  return out;
}

std::string with_trailer(const std::string& body, HashKind kind = HashKind::sha1) {
  Hasher hasher(kind);
  hasher.write(body);
  return body + hasher.finish();
}

std::string pack_of(const std::vector<std::string>& entries, HashKind kind = HashKind::sha1) {
  std::string body = "PACK" + big_endian(2) + big_endian(static_cast<std::uint32_t>(entries.size()));
  for (const auto& entry : entries) body += entry;
  return with_trailer(body, kind);
}

std::string blob(std::string_view content, int level = 6) {
  return entry_header(3, content.size()) + deflated(content, level);
}

std::string noise(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::string out(size, '\0');
  for (char& c : out) c = static_cast<char>(random());
  return out;
}

PackSummary scan(std::string_view pack, std::size_t piece, ObjectFormat format = ObjectFormat::sha1) {
  PackScanner scanner(format);
  for (std::size_t i = 0; i < pack.size(); i += piece) scanner.write(pack.substr(i, piece));
  return scanner.finish();
}

ErrorKind kind_of_failure(std::string_view pack) {
  return error_of([&] { scan(pack, 100'000); }).kind();
}

std::string mixed_pack() {
  std::vector<std::string> entries;
  for (std::size_t i = 0; i < 60; ++i) {
    entries.push_back(
        blob(std::string(i * 37, 'x') + noise(i * 11, static_cast<unsigned>(i)), static_cast<int>(i % 10)));
  }
  entries.push_back(blob(noise(700'000, 1), 0));  // stored, above the limit of the whole-entry inflater
  entries.push_back(blob(std::string(3'000'000, 'y'), 9));  // shrinks a thousandfold
  const std::string last = blob("the last");
  const std::string delta = delta_from("the last", "the first");
  entries.push_back(last);
  entries.push_back(entry_header(6, delta.size()) + static_cast<char>(last.size()) + deflated(delta, 6));
  entries.push_back(entry_header(7, delta.size()) + std::string(20, 'o') + deflated(delta, 6));
  entries.push_back(blob(""));
  return pack_of(entries);
}

TEST(PackScanner, PassesAWholePackHoweverItIsCut) {
  const std::string pack = mixed_pack();
  for (const std::size_t piece : {std::size_t{1}, std::size_t{13}, std::size_t{65'515}, pack.size()}) {
    const PackSummary summary = scan(pack, piece);

    EXPECT_EQ(summary.objects, 66U);
    EXPECT_EQ(summary.deltas, 2U);
    EXPECT_EQ(summary.bytes, pack.size());
  }
}

// About so many bytes, which copy all that is left of what it makes.
std::string delta_with(std::uint64_t makes, std::size_t size) {
  std::string bytes = delta_size(std::uint64_t{1} << 40U) + delta_size(makes);
  for (; bytes.size() + 2 < size && makes > 1; --makes) bytes += "\x01x";
  for (constexpr std::uint64_t kMost = 0xFFFFFF; makes > 0;) {
    const auto piece = static_cast<std::uint32_t>(std::min(makes, kMost));
    std::string reversed = big_endian_bytes(piece, 3);
    std::reverse(reversed.begin(), reversed.end());
    bytes += "\xf0" + reversed;
    makes -= piece;
  }
  return bytes;
}

TEST(PackScanner, KnowsTheLargestObjectThatADeltaMakes) {
  const auto delta = [](std::uint64_t makes, std::size_t size) {
    const std::string bytes = delta_with(makes, size);
    return entry_header(7, bytes.size()) + std::string(20, 'o') + deflated(bytes, 6);
  };
  const std::string small = pack_of({blob(std::string(5'000'000, 'x')), delta(3'000'000, 20), delta(9, 20)});
  const std::string large = pack_of({delta(8'000'000'000, 400'000), delta(9, 400'000)});

  for (const std::size_t piece : {std::size_t{1}, std::size_t{65'515}}) {
    EXPECT_EQ(scan(small, piece).largest_delta, 3'000'000U);
    EXPECT_EQ(scan(large, piece).largest_delta, 8'000'000'000U);
  }
  EXPECT_EQ(scan(pack_of({blob("x")}), 1).largest_delta, 0U);
}

TEST(PackScanner, PassesAPackWithoutObjects) {
  EXPECT_EQ(scan(pack_of({}), 1).objects, 0U);
}

TEST(PackScanner, ChecksSha256Trailers) {
  const std::string pack =
      pack_of({blob("hello"), entry_header(7, 4) + std::string(32, 'o') + deflated("\x03\x01\x01x", 6)},
              HashKind::sha256);

  EXPECT_EQ(scan(pack, 5, ObjectFormat::sha256).objects, 2U);
  EXPECT_THROW(scan(pack, 5, ObjectFormat::sha1), Error);
}

TEST(PackScanner, NoticesEveryChangedByte) {
  const std::string pack = pack_of({blob("one"), blob(noise(300, 5), 0), blob(std::string(400, 'z'))});
  for (std::size_t i = 0; i < pack.size(); ++i) {
    std::string damaged = pack;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x20);

    EXPECT_THROW(scan(damaged, 64), Error) << "byte " << i;
  }
}

TEST(PackScanner, NoticesEveryTruncation) {
  const std::string pack = pack_of({blob("one"), blob(noise(300, 5), 0), blob(std::string(400, 'z'))});
  for (std::size_t size = 0; size < pack.size(); ++size) {
    EXPECT_EQ(kind_of_failure(pack.substr(0, size)), ErrorKind::transient) << "first " << size << " bytes";
  }
}

TEST(PackScanner, NoticesDamageInsideALargeObject) {
  std::string pack = mixed_pack();
  pack[400'000] = static_cast<char>(pack[400'000] ^ 1);

  EXPECT_EQ(kind_of_failure(pack), ErrorKind::corrupt);
}

TEST(PackScanner, NoticesWhatATrailerDoesNotShow) {
  const std::string header = "PACK" + big_endian(2) + big_endian(1);
  struct Case {
    const char* what;
    std::string pack;
  };
  for (const Case& c :
       {Case{"fewer objects than counted", with_trailer("PACK" + big_endian(2) + big_endian(2) + blob("x"))},
        Case{"more objects than counted", with_trailer(header + blob("x") + blob("y"))},
        Case{"size too small", with_trailer(header + entry_header(3, 2) + deflated("abc", 6))},
        Case{"size too large", with_trailer(header + entry_header(3, 4) + deflated("abc", 6))},
        Case{"large object too short",
             with_trailer(header + entry_header(3, 500'000) + deflated(noise(499'999, 1), 6))},
        Case{"large object too long",
             with_trailer(header + entry_header(3, 500'000) + deflated(noise(500'001, 1), 6))},
        Case{"type 0", with_trailer(header + entry_header(0, 1) + deflated("a", 6))},
        Case{"type 5", with_trailer(header + entry_header(5, 1) + deflated("a", 6))},
        Case{"a base before the pack", with_trailer(header + entry_header(6, 1) + "\x7f" + deflated("a", 6))},
        Case{"itself as base",
             with_trailer(header + entry_header(6, 1) + std::string(1, '\0') + deflated("a", 6))},
        Case{"a size that nothing has",
             with_trailer(header + entry_header(3, (std::uint64_t{1} << 48U) + 1) + deflated("a", 6))},
        Case{"an endless size", with_trailer(header + std::string(20, '\xb0') + deflated("a", 6))},
        Case{"an endless base offset",
             with_trailer(header + entry_header(6, 1) + std::string(20, '\xff') + deflated("a", 6))},
        Case{"version 4", with_trailer("PACK" + big_endian(4) + big_endian(0))},
        Case{"no pack", with_trailer("JACK" + big_endian(2) + big_endian(0))},
        Case{"a tail", with_trailer(header + blob("x")) + "tail"}}) {
    const ErrorKind kind = kind_of_failure(c.pack);

    EXPECT_TRUE(kind == ErrorKind::corrupt || kind == ErrorKind::transient) << c.what;
  }
}

}  // namespace
}  // namespace hubkeep
