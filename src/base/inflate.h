// One zlib stream (RFC 1950) in pieces, in little memory, whatever its size.
#pragma once

#include <functional>
#include <string_view>

#include "base/byte_sink.h"

namespace hubkeep {

/// Hands out the next bytes of the compressed stream, which may be followed by others; empty at their end.
using NextBytes = std::function<std::string_view()>;

/// Throws Error(corrupt) for what is no such stream or ends too early.
void inflate(const NextBytes& next, ByteSink& sink);

}  // namespace hubkeep
