// For tests: bytes in memory as a source, which says how it was read.
#pragma once

#include <string>
#include <utility>

#include "base/error.h"
#include "pack/byte_source.h"
#include "pack/read_budget.h"

namespace hubkeep {

class MemorySource final : public ByteSource {
 public:
  /// Keeps a reference to `budget`.
  MemorySource(std::string bytes, ReadBudget& budget) : bytes_(std::move(bytes)), budget_(budget) {}

  ByteCount size() const override { return bytes_.size(); }
  std::string read(ByteCount offset, ByteCount length, const std::stop_token&) override {
    if (offset > size() || length > size() - offset) throw Error(ErrorKind::corrupt, "beyond the end");
    budget_.take(length);
    return bytes_.substr(offset, length);
  }

 private:
  const std::string bytes_;
  ReadBudget& budget_;
};

}  // namespace hubkeep
