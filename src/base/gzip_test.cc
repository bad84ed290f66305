#include "base/gzip.h"

#include <gtest/gtest.h>
#include <zlib.h>

namespace hubkeep {
namespace {

TEST(Gzip, IsReadByZlib) {
  const std::string text(100'000, 'a');
  std::string compressed;
  GzipCompressor compressor(compressed);
  for (std::size_t i = 0; i < text.size(); i += 1000) compressor.write(text.substr(i, 1000));
  compressor.finish();
  z_stream stream{};
  ASSERT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  std::string out(text.size() + 1, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
  stream.avail_in = static_cast<uInt>(compressed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());

  const int result = inflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  inflateEnd(&stream);

  EXPECT_EQ(result, Z_STREAM_END);
  EXPECT_EQ(out, text);
}

}  // namespace
}  // namespace hubkeep
