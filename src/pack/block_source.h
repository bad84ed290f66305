// Reads another source in blocks and keeps the newest of them, so that objects that lie beside each other in
// a pack, as the members of a chain of deltas do, cost one request.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <string>

#include "pack/byte_source.h"

namespace hubkeep {

struct BlockOptions {
  ByteCount block = ByteCount{64} << 10;
  std::size_t kept = 64;
};

/// One thread.
class BlockSource final : public ByteSource {
 public:
  explicit BlockSource(std::unique_ptr<ByteSource> whole, const BlockOptions& options = {})
      : whole_(std::move(whole)), options_(options) {}

  ByteCount size() const override { return whole_->size(); }
  /// Blocks that are missing and lie beside each other are read at once.
  std::string read(ByteCount offset, ByteCount length, const std::stop_token& stop) override;

 private:
  struct Block {
    std::string bytes;
    std::list<std::uint64_t>::iterator age;
  };

  void fetch(std::uint64_t first, std::uint64_t end, const std::stop_token& stop);
  void keep(std::uint64_t number, std::string bytes);
  const std::string& use(std::uint64_t number);

  const std::unique_ptr<ByteSource> whole_;
  const BlockOptions options_;
  std::map<std::uint64_t, Block> blocks_;
  std::list<std::uint64_t> by_age_;  // used last first
};

}  // namespace hubkeep
