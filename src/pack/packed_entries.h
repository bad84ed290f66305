// Entries of a pack as they stand in it, compressed, as many as a block of memory holds: with a few of them
// an object is made again that left the cache of contents. Those that take little room for what they make,
// and those that were of use, stay longest (GreedyDual-Size).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_count.h"

namespace hubkeep {

/// Of entries by their numbers, which are small. One thread.
class PackedEntries {
 public:
  explicit PackedEntries(ByteCount capacity);

  /// `inflated`: how large it is then; `makes`: how large an object. Forgets others for it; does not take
  /// what is too large.
  void put(std::uint32_t number, std::string_view compressed, std::uint64_t inflated, std::uint64_t makes);
  bool contains(std::uint32_t number) const { return number < places_.size() && places_[number] != 0; }

  struct Entry {
    std::string_view compressed;
    std::uint64_t inflated = 0;
  };
  /// Of one that it contains. Valid until the next call.
  Entry get(std::uint32_t number);
  /// It was of use, or its content was; where it is there.
  void was_used(std::uint32_t number);

  /// Forgets all and takes nothing more. What get() gave last stays valid.
  void clear();
  ByteCount memory() const;

 private:
  static constexpr std::size_t kChunk = 128;
  static constexpr std::uint32_t kNoChunk = 0;

  struct Chunk {  // a list of them for each entry
    std::uint32_t next = kNoChunk;
    char bytes[kChunk - sizeof(std::uint32_t)];
  };
  struct Head {  // what its first chunk begins with
    std::uint32_t number = 0;
    std::uint32_t size = 0;
    std::uint64_t inflated = 0;
    float value = 0;
    std::uint32_t uses = 0;
    std::uint32_t last = kNoChunk;
    double worth = 0;
  };
  struct Candidate {  // for being forgotten; may be worth more by now
    double worth = 0;
    std::uint32_t number = 0;
  };

  static std::size_t chunks_for(std::size_t size);
  double worth_of(const Head& head) const;
  Head head_of(std::uint32_t number) const;
  void set_head(std::uint32_t number, const Head& head);
  void forget_least();
  void push(const Candidate& candidate);
  std::uint32_t take_chunk();

  std::vector<std::uint32_t> places_;  // by number: its first chunk, or kNoChunk
  std::unique_ptr<Chunk[]> chunks_;
  std::size_t chunk_count_;
  std::size_t chunks_used_ = 1;  // ever; the first stands for none
  std::uint32_t free_ = kNoChunk;
  std::size_t free_count_;
  std::vector<Candidate> candidates_;  // a heap, the least worth first
  double forgotten_ = 0;               // the worth of what was forgotten last: all that stays is worth more
  std::string gathered_;               // outlives clear(): room is made while what get() gave is in use
};

}  // namespace hubkeep
