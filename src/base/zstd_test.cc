#include "base/zstd.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace hubkeep {
namespace {

std::string sample() {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += std::to_string(i * 7919) + " refs/heads/topic\n";
  return text;
}

std::string decompress_in_pieces(std::string_view bytes, std::size_t piece) {
  StringSink sink;
  ZstdDecompressor decompressor(sink);
  for (std::size_t i = 0; i < bytes.size(); i += piece) decompressor.write(bytes.substr(i, piece));
  decompressor.finish();
  return sink.take();
}

TEST(Zstd, ReadsBackWhatItWrote) {
  const std::string text = sample();
  const std::string compressed = zstd_compress(text);

  EXPECT_LT(compressed.size(), text.size() / 2);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{1000}, compressed.size()}) {
    EXPECT_EQ(decompress_in_pieces(compressed, piece), text);
  }
  EXPECT_EQ(zstd_decompress(zstd_compress("")), "");
}

TEST(Zstd, NoFlippedBitDecodesToOtherBytes) {
  const std::string text = "0123456789 abcdef refs/heads/main refs/heads/topic";
  const std::string compressed = zstd_compress(text);
  std::size_t noticed = 0;

  for (std::size_t bit = 0; bit < compressed.size() * 8; ++bit) {
    std::string damaged = compressed;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    try {
      EXPECT_EQ(zstd_decompress(damaged), text) << "bit " << bit;  // a few header bits mean nothing
    } catch (const Error&) {
      ++noticed;
    }
  }
  EXPECT_GE(noticed, (compressed.size() - 2) * 8);
}

TEST(Zstd, NoticesACutAndATail) {
  const std::string compressed = zstd_compress(sample());

  EXPECT_THROW(zstd_decompress(compressed.substr(0, compressed.size() - 1)), Error);
  EXPECT_THROW(zstd_decompress(""), Error);
  EXPECT_THROW(zstd_decompress(compressed + "x"), Error);
}

TEST(Zstd, RefusesFramesThatLibzstdWouldSkip) {
  const std::string_view skippable("\x50\x2a\x4d\x18\x04\0\0\0abcd", 12);

  EXPECT_THROW(zstd_decompress(skippable), Error);
  EXPECT_THROW(decompress_in_pieces(skippable, 1), Error);
}

TEST(Zstd, StopsAtTheLimit) {
  EXPECT_THROW(zstd_decompress(zstd_compress(std::string(1 << 20, 'x')), 1 << 10), Error);
}

}  // namespace
}  // namespace hubkeep
