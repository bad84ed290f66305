// Reads another source in blocks and keeps the newest of them, so that objects that lie beside each other in
// a pack, as the members of a chain of deltas do, cost one request.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "pack/byte_source.h"

namespace hubkeep {

struct BlockOptions {
  ByteCount block = ByteCount{64} << 10;
  std::size_t kept = 64;
};

/// Blocks that were read at another time. It may forget any.
class BlockStore {
 public:
  BlockStore() = default;
  BlockStore(const BlockStore&) = delete;
  BlockStore& operator=(const BlockStore&) = delete;
  virtual ~BlockStore() = default;

  virtual std::optional<std::string> find(std::uint64_t number) = 0;
  virtual void keep(std::uint64_t number, std::string_view bytes) = 0;
};

/// One thread.
class BlockSource final : public ByteSource {
 public:
  explicit BlockSource(std::unique_ptr<ByteSource> whole, const BlockOptions& options = {},
                       std::unique_ptr<BlockStore> store = nullptr)
      : whole_(std::move(whole)), options_(options), store_(std::move(store)) {}

  ByteCount size() const override { return whole_->size(); }
  /// Blocks that are missing and lie beside each other are read at once.
  std::string read(ByteCount offset, ByteCount length, const std::stop_token& stop) override;

 private:
  struct Block {
    std::string bytes;
    std::list<std::uint64_t>::iterator age;
  };

  bool has(std::uint64_t number);
  void fetch(std::uint64_t first, std::uint64_t end, const std::stop_token& stop);
  void keep(std::uint64_t number, std::string bytes);
  const std::string& use(std::uint64_t number);

  const std::unique_ptr<ByteSource> whole_;
  const BlockOptions options_;
  const std::unique_ptr<BlockStore> store_;  // null: none
  std::map<std::uint64_t, Block> blocks_;
  std::list<std::uint64_t> by_age_;  // used last first
};

}  // namespace hubkeep
