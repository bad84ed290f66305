#include "base/gzip.h"

#include <zlib.h>

#include <array>

#include "base/error.h"

namespace hubkeep {

struct GzipCompressor::State {
  z_stream stream{};
};

GzipCompressor::GzipCompressor(std::string& out) : state_(std::make_unique<State>()), out_(out) {
  constexpr int kGzipFormat = 15 + 16;  // zlib.h: 16 added to the window bits asks for a gzip header
  constexpr int kMemoryLevel = 8;
  if (deflateInit2(&state_->stream, Z_BEST_SPEED, Z_DEFLATED, kGzipFormat, kMemoryLevel,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    throw Error(ErrorKind::internal, "gzip: no memory");
  }
}

GzipCompressor::~GzipCompressor() {
  deflateEnd(&state_->stream);
}

void GzipCompressor::write(std::string_view bytes) {
  deflate_into(bytes, Z_NO_FLUSH);
}

void GzipCompressor::finish() {
  deflate_into({}, Z_FINISH);
}

void GzipCompressor::deflate_into(std::string_view bytes, int flush) {
  std::array<char, 16 << 10> buffer;
  z_stream& stream = state_->stream;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  do {
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = static_cast<uInt>(buffer.size());
    if (deflate(&stream, flush) == Z_STREAM_ERROR)
      throw Error(ErrorKind::internal, "gzip: compression did not finish");
    out_.append(buffer.data(), buffer.size() - stream.avail_out);
  } while (stream.avail_out == 0);
}

}  // namespace hubkeep
