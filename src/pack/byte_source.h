// Bytes that can be read in any order: a file, an object of a store, or a string.
#pragma once

#include <stop_token>
#include <string>

#include "base/byte_count.h"

namespace hubkeep {

/// Not checked against anything: whoever reads pieces checks what they mean.
class ByteSource {
 public:
  ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;
  virtual ~ByteSource() = default;

  virtual ByteCount size() const = 0;
  /// Exactly the `length` bytes at `offset`. Throws Error(corrupt) beyond the end, and what reading throws.
  virtual std::string read(ByteCount offset, ByteCount length, const std::stop_token& stop) = 0;
};

}  // namespace hubkeep
