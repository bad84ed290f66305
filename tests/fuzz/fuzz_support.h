// What fuzz targets share. A target is libFuzzer's LLVMFuzzerTestOneInput, which holds a property of one
// parser; only hubkeep::Error may leave a parser, and a property that does not hold is a Broken.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/byte_sink.h"
#include "base/error.h"

/// One input; returns 0. Where targets are linked together, cmake/hubkeep.cmake gives each its own name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace hubkeep::fuzz {

/// No Error, so that nothing that catches Errors hides it.
class Broken final : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

void require(bool holds, const std::string& property);

std::string_view as_text(const std::uint8_t* data, std::size_t size);

/// The kind of the Error that leaves `action`, if one does; its message must be fit for a terminal.
std::optional<ErrorKind> error_of(const std::function<void()>& action);

class AppendSink final : public ByteSink {
 public:
  explicit AppendSink(std::string& out) : out_(out) {}
  void write(std::string_view bytes) override { out_ += bytes; }

 private:
  std::string& out_;
};

/// Writes `bytes` cut at places that depend on nothing but `bytes`: often a few bytes, seldom many, so that
/// files of a corpus are plain data.
void write_in_pieces(ByteSink& sink, std::string_view bytes);

/// How far a sink got: what it handed on, and the kind of its Error.
struct Outcome {
  std::string output;
  std::optional<ErrorKind> error;

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

/// Runs `decode` (which feeds a decoder, finishes it, and keeps its output in the string) once with the bytes
/// written at once and once in pieces; both must come to the same. Returns what they came to.
using Feed = std::function<void(ByteSink&)>;
Outcome same_however_cut(std::string_view bytes,
                         const std::function<void(const Feed& feed, std::string& output)>& decode);

/// A frame as the vault has them, without the large windows that a ZstdCompressor makes room for each time.
/// long.
std::string zstd_frame(std::string_view content);

}  // namespace hubkeep::fuzz
