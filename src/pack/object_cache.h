// Contents of objects in one block of memory that never grows: a ring. What is new goes to its head; room is
// made at its tail, where what was asked for since it came there is moved to the head once more, and what was
// not is forgotten. So nothing is fragmented, and what is forgotten is nearly what was used longest ago.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/byte_count.h"

namespace hubkeep {

/// Of objects by their numbers, which are small. One thread.
class ObjectCache {
 public:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  /// `wait_for` is called before a content that a job reads is moved or overwritten.
  explicit ObjectCache(ByteCount capacity, std::function<void(std::uint32_t job)> wait_for = {});

  /// The largest object that it takes.
  ByteCount largest() const { return capacity_ / 2 - 2 * sizeof(Block); }
  /// Valid until the next reserve().
  std::optional<std::string_view> find(std::uint32_t number);
  /// Room for an object of at most largest() bytes, to be filled before keep(). What was found may move; find
  /// it again. `base` surely stays, if it was there.
  std::span<char> reserve(ByteCount size, std::uint32_t base = kNone);
  /// What was reserved last is the content of this object from now on, unless it was there already.
  void keep(std::uint32_t number);
  /// A job reads the content of this object, which is there.
  void lend(std::uint32_t number, std::uint32_t job);

  /// Of all that is held for it, with the memory that objects have not come to yet.
  ByteCount memory() const { return capacity_ + places_.capacity() * sizeof(std::uint32_t); }

 private:
  struct Block {  // before each content
    std::uint32_t size = 0;
    std::uint32_t number = 0;
    std::uint32_t was_found = 0;
    std::uint32_t job = 0;
  };

  static std::size_t length_of(ByteCount size);
  Block block_at(std::size_t place) const;
  void put_block(std::size_t place, const Block& block);
  void free_oldest(std::uint32_t base);

  const std::size_t capacity_;
  const std::function<void(std::uint32_t job)> wait_for_;
  std::unique_ptr<char[]> bytes_;
  std::vector<std::uint32_t>
      places_;  // by number: where its block begins, in units, from 1 on; 0: it is not there
  // Blocks lie from tail_ to head_, or, where that is wrapped, from tail_ to end_ and from 0 to head_.
  std::size_t head_ = 0;
  std::size_t tail_ = 0;
  std::size_t end_ = 0;
  bool wrapped_ = false;
  ByteCount reserved_ = 0;
};

}  // namespace hubkeep
