// zlib, though libdeflate is faster: git's streams are zlib's, and what is made here must be the same. Pieces
// are of any size, since zlib counts in 32 bits.
#include "base/deflate.h"

#include <zlib.h>

#include <algorithm>
#include <array>

#include "base/error.h"

namespace hubkeep {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 30;

class Deflater {
 public:
  Deflater() {
    if (deflateInit(&stream_, Z_BEST_SPEED) != Z_OK) throw Error(ErrorKind::internal, "zlib: no memory");
  }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;
  ~Deflater() { deflateEnd(&stream_); }

  void write(std::string_view bytes, int flush, std::string& out) {
    std::array<char, 16 << 10> buffer;
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(buffer.data());
      stream_.avail_out = static_cast<uInt>(buffer.size());
      if (deflate(&stream_, flush) == Z_STREAM_ERROR)
        throw Error(ErrorKind::internal, "zlib: compression did not finish");
      out.append(buffer.data(), buffer.size() - stream_.avail_out);
    } while (stream_.avail_out == 0);
  }

 private:
  z_stream stream_{};
};

}  // namespace

std::string deflate_fast(std::string_view bytes) {
  std::string out;
  Deflater deflater;
  for (; bytes.size() > kPiece; bytes.remove_prefix(kPiece))
    deflater.write(bytes.substr(0, kPiece), Z_NO_FLUSH, out);
  deflater.write(bytes, Z_FINISH, out);
  return out;
}

}  // namespace hubkeep
