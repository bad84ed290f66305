// zstd: a frame reads the same however it is cut, and only frames of this format with a checksum are read.

#include "base/zstd.h"
#include "fuzz/fuzz_support.h"

using namespace hubkeep;

namespace {

constexpr ByteCount kLimit = 256 << 10;

fuzz::Outcome decompress(const fuzz::Feed& feed) {
  StringSink sink(kLimit);
  const auto error = fuzz::error_of([&] {
    ZstdDecompressor decompressor(sink);
    feed(decompressor);
    decompressor.finish();
  });
  return {sink.take(), error};
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto stored = fuzz::as_text(data, size);
  const auto whole = decompress([&](ByteSink& sink) { sink.write(stored); });
  const auto pieces = decompress([&](ByteSink& sink) { fuzz::write_in_pieces(sink, stored); });
  if (whole.error) return 0;  // libzstd 1.5.4 takes a compressed block of no bytes, but not at once
  fuzz::require(!pieces.error && pieces.output == whole.output, "the content is the same however cut");
  fuzz::require(stored.starts_with("\x28\xb5\x2f\xfd"), "RFC 8878: Magic_Number");
  return 0;
}
