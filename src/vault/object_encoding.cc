// Encoding and decoding are sinks, so that no object need be in memory. A sealed object is decoded without
// its seal, which is whatever the last bytes are at the end: until then the newest bytes are held back.
#include "vault/object_encoding.h"

#include <fmt/format.h>

#include <optional>
#include <string>

#include "base/error.h"
#include "base/text.h"
#include "base/zstd.h"

namespace hubkeep {
namespace {

// What is sealed ends with a skippable frame, RFC 8878, 3.1.2, whose content is a SHA-256. libzstd would skip
// it; ours takes nothing but one frame, so that no frame can hide behind another.
class WithoutSeal final : public ByteSink {
 public:
  explicit WithoutSeal(ByteSink& next) : next_(next) {}
  void write(std::string_view bytes) override {
    held_ += bytes;
    if (held_.size() > kSealSize) pass(held_.size() - kSealSize);
  }
  void finish() {
    if (!is_seal(held_)) pass(held_.size());
  }

 private:
  static constexpr std::size_t kSealSize = 8 + 32;
  static bool is_seal(std::string_view bytes) {
    return bytes.size() == kSealSize && (bytes[0] & 0xF0) == 0x50 && bytes.substr(1, 3) == "\x2a\x4d\x18";
  }
  void pass(std::size_t count) {
    next_.write(std::string_view(held_).substr(0, count));
    held_.erase(0, count);
  }

  ByteSink& next_;
  std::string held_;  // may be the seal
};

}  // namespace

std::string_view name_of(Encoding encoding) {
  return encoding == Encoding::identity ? "identity" : "zstd";
}

Encoding encoding_named(std::string_view name) {
  if (name == "identity") return Encoding::identity;
  if (name == "zstd") return Encoding::zstd;
  throw Error(ErrorKind::invalid,
              fmt::format("the encoding {} is not known to this version of hubkeep", printable(name)));
}

struct EncodingSink::State {
  State(Encoding encoding, ByteSink& to) : next(to) {
    if (encoding == Encoding::zstd) compressor.emplace(to);
  }
  ByteSink& next;
  std::optional<ZstdCompressor> compressor;
};

EncodingSink::EncodingSink(Encoding encoding, ByteSink& next)
    : state_(std::make_unique<State>(encoding, next)) {}

EncodingSink::~EncodingSink() = default;

void EncodingSink::write(std::string_view bytes) {
  if (state_->compressor) return state_->compressor->write(bytes);
  state_->next.write(bytes);
}

void EncodingSink::finish() {
  if (state_->compressor) state_->compressor->finish();
}

struct DecodingSink::State {
  State(Encoding encoding, ByteSink& to) : next(&to) {
    if (encoding == Encoding::identity) return;
    next = &decompressor.emplace(to);
    if (encoding == Encoding::sealed) next = &frame.emplace(*decompressor);
  }
  std::optional<ZstdDecompressor> decompressor;
  std::optional<WithoutSeal> frame;
  ByteSink* next;
};

DecodingSink::DecodingSink(Encoding encoding, ByteSink& next)
    : state_(std::make_unique<State>(encoding, next)) {}

DecodingSink::~DecodingSink() = default;

void DecodingSink::write(std::string_view bytes) {
  state_->next->write(bytes);
}

void DecodingSink::finish() {
  if (state_->frame) state_->frame->finish();
  if (state_->decompressor) state_->decompressor->finish();
}

}  // namespace hubkeep
