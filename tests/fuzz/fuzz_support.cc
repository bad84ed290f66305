#include "fuzz/fuzz_support.h"

#include <zstd.h>

#include <algorithm>
#include <memory>
#include <random>

#include "base/text.h"

namespace hubkeep::fuzz {
namespace {

// FNV-1a: the same on every machine.
std::uint32_t hash_of(std::string_view bytes) {
  std::uint32_t hash = 2166136261U;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return hash;
}

}  // namespace

void require(bool holds, const std::string& property) {
  if (!holds) throw Broken("does not hold: " + property);
}

std::string_view as_text(const std::uint8_t* data, std::size_t size) {
  return size == 0 ? std::string_view() : std::string_view(reinterpret_cast<const char*>(data), size);
}

std::optional<ErrorKind> error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    require(printable(error.message()) == error.message(), "messages are printable: " + error.message());
    return error.kind();
  }
  return std::nullopt;
}

void write_in_pieces(ByteSink& sink, std::string_view bytes) {
  std::minstd_rand random(hash_of(bytes));
  while (!bytes.empty()) {
    const std::size_t longest = random() % 4 == 0 ? 4096 : 9;
    const std::size_t piece = std::min<std::size_t>(1 + random() % longest, bytes.size());
    // A copy of its own, so that the sanitizers see a read beyond its end or after the call.
    sink.write(std::string(bytes.substr(0, piece)));
    bytes.remove_prefix(piece);
  }
}

Outcome same_however_cut(std::string_view bytes,
                         const std::function<void(const Feed& feed, std::string& output)>& decode) {
  Outcome whole;
  Outcome pieces;
  whole.error = error_of([&] { decode([&](ByteSink& sink) { sink.write(bytes); }, whole.output); });
  pieces.error =
      error_of([&] { decode([&](ByteSink& sink) { write_in_pieces(sink, bytes); }, pieces.output); });
  const auto name = [](const Outcome& outcome) {
    return outcome.error ? std::string(to_string(*outcome.error)) : "no error";
  };
  require(whole.error == pieces.error,
          "the error is the same however cut: " + name(whole) + ", in pieces " + name(pieces));
  require(whole.output == pieces.output, "the output is the same however cut");
  return whole;
}

std::string zstd_frame(std::string_view content) {
  static const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context{ZSTD_createCCtx(),
                                                                            &ZSTD_freeCCtx};
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, 1);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
  std::string frame(ZSTD_compressBound(content.size()), '\0');
  const std::size_t size =
      ZSTD_compress2(context.get(), frame.data(), frame.size(), content.data(), content.size());
  require(ZSTD_isError(size) == 0, "libzstd compresses");
  frame.resize(size);
  return frame;
}

}  // namespace hubkeep::fuzz
