#include "base/inflate.h"

#include <libdeflate.h>
#include <zlib.h>

#include <array>
#include <memory>

#include "base/error.h"

namespace hubkeep {
namespace {

// No deflate stream makes more of a byte: 258 bytes of two bits.
constexpr ByteCount kMostOfAByte = 1032;

libdeflate_decompressor* decompressor() {
  thread_local const std::unique_ptr<libdeflate_decompressor, void (*)(libdeflate_decompressor*)> instance(
      libdeflate_alloc_decompressor(), libdeflate_free_decompressor);
  if (!instance) throw Error(ErrorKind::internal, "libdeflate cannot start");
  return instance.get();
}

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

std::string inflate(std::string_view stream, ByteCount size) {
  if (size / kMostOfAByte > stream.size())
    throw Error(ErrorKind::corrupt, "the compressed bytes cannot make as many as they should");
  std::string made(static_cast<std::size_t>(size), '\0');
  std::size_t taken = 0;
  const auto result = libdeflate_zlib_decompress_ex(decompressor(), stream.data(), stream.size(), made.data(),
                                                    made.size(), &taken, nullptr);
  if (result != LIBDEFLATE_SUCCESS)
    throw Error(ErrorKind::corrupt, result == LIBDEFLATE_BAD_DATA
                                        ? "the compressed bytes are damaged"
                                        : "the compressed bytes make another number than they should");
  return made;
}

std::string inflate_beginning(std::string_view stream, std::size_t most) {
  z_stream state{};
  if (inflateInit(&state) != Z_OK) throw Error(ErrorKind::internal, "zlib cannot start");
  const std::unique_ptr<z_stream, int (*)(z_stream*)> owner(&state, inflateEnd);
  std::string made(most, '\0');
  state.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(stream.data()));  // zlib only reads
  state.avail_in = static_cast<uInt>(stream.size());
  state.next_out = reinterpret_cast<Bytef*>(made.data());
  state.avail_out = static_cast<uInt>(most);
  const int result = ::inflate(&state, Z_SYNC_FLUSH);
  if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
    throw Error(ErrorKind::corrupt, "the compressed bytes are damaged");
  made.resize(most - state.avail_out);
  return made;
}

}  // namespace hubkeep
