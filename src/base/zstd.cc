#include "base/zstd.h"

#include <fmt/format.h>
#include <zstd.h>

#include <array>

#include "base/error.h"

namespace hubkeep {
namespace {

constexpr std::size_t kBufferSize = 64 << 10;
// A reader needs as much memory as the writer's window: levels up to 9 stay at 4 MiB, and we refuse more than
// 8 MiB.
constexpr int kLevel = 6;
constexpr int kMaxWindowLog = 23;
constexpr std::string_view kMagic = "\x28\xb5\x2f\xfd";  // RFC 8878 section 3.1.1
constexpr unsigned char kChecksumFlag = 0x04;            // section 3.1.1.1.1: Frame_Header_Descriptor, bit 2

std::size_t check(std::size_t code, ErrorKind kind) {
  if (ZSTD_isError(code) != 0U) throw Error(kind, fmt::format("zstd: {}", ZSTD_getErrorName(code)));
  return code;
}

}  // namespace

struct ZstdCompressor::State {
  ByteSink& next;
  std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context{ZSTD_createCCtx(), &ZSTD_freeCCtx};
  std::array<char, kBufferSize> buffer{};

  // Returns how much is still inside the compressor.
  std::size_t step(ZSTD_inBuffer& input, ZSTD_EndDirective directive) {
    ZSTD_outBuffer output{buffer.data(), buffer.size(), 0};
    const std::size_t left =
        check(ZSTD_compressStream2(context.get(), &output, &input, directive), ErrorKind::internal);
    if (output.pos > 0) next.write({buffer.data(), output.pos});
    return left;
  }
};

ZstdCompressor::ZstdCompressor(ByteSink& next) : state_(new State{.next = next}) {
  check(ZSTD_CCtx_setParameter(state_->context.get(), ZSTD_c_compressionLevel, kLevel), ErrorKind::internal);
  check(ZSTD_CCtx_setParameter(state_->context.get(), ZSTD_c_checksumFlag, 1), ErrorKind::internal);
}

ZstdCompressor::~ZstdCompressor() = default;

void ZstdCompressor::write(std::string_view bytes) {
  ZSTD_inBuffer input{bytes.data(), bytes.size(), 0};
  while (input.pos < input.size) state_->step(input, ZSTD_e_continue);
}

void ZstdCompressor::finish() {
  ZSTD_inBuffer input{nullptr, 0, 0};
  while (state_->step(input, ZSTD_e_end) != 0) {
  }
}

struct ZstdDecompressor::State {
  ByteSink& next;
  std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context{ZSTD_createDCtx(), &ZSTD_freeDCtx};
  std::array<char, kBufferSize> buffer{};
  std::size_t header_bytes = 0;  // seen so far, up to the five that end with the descriptor
  bool whole = false;

  // libzstd would also take frames that are skipped and those of versions before RFC 8878: neither has a
  // checksum.
  // Without a checksum, damage could decompress into other bytes unnoticed.
  void check_header(std::string_view bytes) {
    for (std::size_t i = 0; i < bytes.size() && header_bytes <= kMagic.size(); ++i, ++header_bytes) {
      if (header_bytes < kMagic.size()) {
        if (bytes[i] != kMagic[header_bytes])
          throw Error(ErrorKind::corrupt, "zstd: this is not a zstd frame");
      } else if ((static_cast<unsigned char>(bytes[i]) & kChecksumFlag) == 0) {
        throw Error(ErrorKind::corrupt, "zstd: a frame without a content checksum");
      }
    }
  }
};

ZstdDecompressor::ZstdDecompressor(ByteSink& next) : state_(new State{.next = next}) {
  check(ZSTD_DCtx_setParameter(state_->context.get(), ZSTD_d_windowLogMax, kMaxWindowLog),
        ErrorKind::internal);
}

ZstdDecompressor::~ZstdDecompressor() = default;

void ZstdDecompressor::write(std::string_view bytes) {
  state_->check_header(bytes);
  ZSTD_inBuffer input{bytes.data(), bytes.size(), 0};
  while (input.pos < input.size) {
    if (state_->whole) throw Error(ErrorKind::corrupt, "zstd: bytes after the end of the frame");
    // A full buffer may have more behind it, even when all input is taken.
    bool full = true;
    while (full && !state_->whole) {
      ZSTD_outBuffer output{state_->buffer.data(), state_->buffer.size(), 0};
      const std::size_t hint =
          check(ZSTD_decompressStream(state_->context.get(), &output, &input), ErrorKind::corrupt);
      if (output.pos > 0) state_->next.write({state_->buffer.data(), output.pos});
      state_->whole = hint == 0;
      full = output.pos == output.size;
    }
  }
}

void ZstdDecompressor::finish() {
  if (!state_->whole) throw Error(ErrorKind::corrupt, "zstd: the frame is cut short");
}

std::string zstd_compress(std::string_view bytes) {
  StringSink sink(~ByteCount{0});
  ZstdCompressor compressor(sink);
  compressor.write(bytes);
  compressor.finish();
  return sink.take();
}

std::string zstd_decompress(std::string_view bytes, ByteCount limit) {
  StringSink sink(limit);
  ZstdDecompressor decompressor(sink);
  decompressor.write(bytes);
  decompressor.finish();
  return sink.take();
}

}  // namespace hubkeep
