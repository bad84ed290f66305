// One zlib stream (RFC 1950) in pieces, in little memory, whatever its size.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/byte_sink.h"

namespace hubkeep {

/// Hands out the next bytes of the compressed stream, which may be followed by others; empty at their end.
using NextBytes = std::function<std::string_view()>;

/// Throws Error(corrupt) for what is no such stream or ends too early.
void inflate(const NextBytes& next, ByteSink& sink);

/// The same of a stream that lies in memory and makes exactly `size` bytes: faster. What follows it is left.
/// Nothing is allocated for a size that so few bytes cannot make. Throws Error(corrupt).
std::string inflate(std::string_view stream, ByteCount size);

/// The first bytes that a stream makes, at most `most`; fewer where it ends. What is cut behind them does not
/// matter. Throws Error(corrupt).
std::string inflate_beginning(std::string_view stream, std::size_t most);

}  // namespace hubkeep
