#include "base/inflate.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <string>

#include "base/error.h"

namespace hubkeep {
namespace {

std::string deflated(const std::string& content) {
  std::string out(compressBound(content.size()), '\0');
  uLongf size = out.size();
  compress(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(content.data()),
           content.size());
  out.resize(size);
  return out;
}

std::string inflated(std::string_view bytes, std::size_t piece) {
  StringSink sink;
  inflate(
      [&] {
        const auto next = bytes.substr(0, piece);
        bytes.remove_prefix(next.size());
        return next;
      },
      sink);
  return sink.str();
}

TEST(Inflate, TakesAStreamCutAnywhereAndLeavesWhatFollows) {
  const std::string content = std::string(200'000, 'x') + "end";

  for (const std::size_t piece : {1U, 7U, 100'000U}) {
    EXPECT_EQ(inflated(deflated(content) + "more", piece), content) << piece;
    EXPECT_EQ(inflated(deflated(""), piece), "");
  }
}

TEST(Inflate, RefusesWhatIsCutOrDamaged) {
  const std::string bytes = deflated("some content that is long enough to be hurt");
  std::string flipped = bytes;
  flipped[bytes.size() / 2] = static_cast<char>(flipped[bytes.size() / 2] ^ 0x10);

  EXPECT_THROW(inflated(bytes.substr(0, bytes.size() - 1), 3), Error);
  EXPECT_THROW(inflated(flipped, 3), Error);
  EXPECT_THROW(inflated("", 3), Error);
  EXPECT_THROW(inflated("no zlib stream", 3), Error);
}

TEST(Inflate, OfAWholeStreamTakesItsSizeByTheWordAndChecksIt) {
  const std::string content = std::string(200'000, 'x') + "end";
  const std::string bytes = deflated(content);

  EXPECT_EQ(inflate(bytes + "more", content.size()), content);
  EXPECT_EQ(inflate(deflated(""), 0), "");
  EXPECT_THROW(inflate(bytes, content.size() - 1), Error);
  EXPECT_THROW(inflate(bytes, content.size() + 1), Error);
  EXPECT_THROW(inflate(bytes.substr(0, bytes.size() - 1), content.size()), Error);
  EXPECT_THROW(inflate(bytes, ByteCount{1} << 48U), Error);  // which no machine could allocate
  EXPECT_THROW(inflate("no zlib stream", 3), Error);
}

TEST(Inflate, OfABeginningNeedsNoMoreThanThat) {
  const std::string bytes = deflated("abcdefghij" + std::string(100'000, 'x'));

  EXPECT_EQ(inflate_beginning(bytes, 5), "abcde");
  EXPECT_EQ(inflate_beginning(bytes.substr(0, 40), 10), "abcdefghij");
  EXPECT_EQ(inflate_beginning(deflated("ab"), 10), "ab");
  EXPECT_THROW(inflate_beginning("no zlib stream", 3), Error);
}

}  // namespace
}  // namespace hubkeep
