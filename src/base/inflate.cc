#include "base/inflate.h"

#include <zlib.h>

#include <array>

#include "base/error.h"

namespace hubkeep {
namespace {

class Inflater {
 public:
  Inflater() {
    if (inflateInit(&stream_) != Z_OK) throw Error(ErrorKind::internal, "zlib cannot start");
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() { inflateEnd(&stream_); }

  // Whether the stream has ended with these bytes.
  bool write(std::string_view bytes, ByteSink& sink) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));  // zlib only reads
    stream_.avail_in = static_cast<uInt>(bytes.size());
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(buffer_.data());
      stream_.avail_out = static_cast<uInt>(buffer_.size());
      const int result = ::inflate(&stream_, Z_NO_FLUSH);
      if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
        throw Error(ErrorKind::corrupt, "the compressed bytes are damaged");
      sink.write({buffer_.data(), buffer_.size() - stream_.avail_out});
      if (result == Z_STREAM_END) return true;
    } while (stream_.avail_out == 0);
    return false;
  }

 private:
  z_stream stream_{};
  std::array<char, std::size_t{64} << 10> buffer_{};
};

}  // namespace

void inflate(const NextBytes& next, ByteSink& sink) {
  Inflater inflater;
  while (true) {
    const auto bytes = next();
    if (bytes.empty()) throw Error(ErrorKind::corrupt, "the compressed bytes are cut short");
    if (inflater.write(bytes, sink)) return;
  }
}

}  // namespace hubkeep
