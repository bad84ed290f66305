#include "pack/packed_entries.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace hubkeep {
namespace {

constexpr std::size_t kLargest = std::size_t{512} << 10U;
// Measured on large repositories: with these, least bytes had to be made after the pack's end.
constexpr double kForUse = 4;

}  // namespace

PackedEntries::PackedEntries(ByteCount capacity)
    : chunk_count_(std::max<std::size_t>(static_cast<std::size_t>(capacity) / (sizeof(Chunk) + 16), 2)),
      free_count_(chunk_count_ - 1) {
  static_assert(sizeof(Chunk) == kChunk);
  chunks_ = std::make_unique_for_overwrite<Chunk[]>(chunk_count_);
}

std::size_t PackedEntries::chunks_for(std::size_t size) {
  return (sizeof(Head) + size + sizeof(Chunk::bytes) - 1) / sizeof(Chunk::bytes);
}

double PackedEntries::worth_of(const Head& head) const {
  return forgotten_ + (1 + kForUse * head.uses) * head.value;
}

PackedEntries::Head PackedEntries::head_of(std::uint32_t number) const {
  Head head;
  std::memcpy(&head, chunks_[places_[number]].bytes, sizeof head);
  return head;
}

void PackedEntries::set_head(std::uint32_t number, const Head& head) {
  std::memcpy(chunks_[places_[number]].bytes, &head, sizeof head);
}

void PackedEntries::put(std::uint32_t number, std::string_view compressed, std::uint64_t inflated,
                        std::uint64_t makes) {
  const std::size_t wanted = chunks_for(compressed.size());
  if (compressed.size() > kLargest || wanted > chunk_count_ / 4 || contains(number)) return;
  while (free_count_ < wanted) forget_least();
  if (number >= places_.size()) places_.resize(number + std::size_t{1});
  Head head{.number = number,
            .size = static_cast<std::uint32_t>(compressed.size()),
            .inflated = inflated,
            .value = static_cast<float>(std::sqrt(static_cast<double>(makes)) / static_cast<double>(wanted))};
  head.worth = worth_of(head);
  std::uint32_t chunk = take_chunk();
  places_[number] = chunk;
  for (std::size_t begin = sizeof head;; begin = 0) {
    const auto piece = compressed.substr(0, sizeof(Chunk::bytes) - begin);
    std::memcpy(chunks_[chunk].bytes + begin, piece.data(), piece.size());
    compressed.remove_prefix(piece.size());
    if (compressed.empty()) break;
    chunk = chunks_[chunk].next = take_chunk();
  }
  head.last = chunk;
  set_head(number, head);
  push({head.worth, number});
}

void PackedEntries::was_used(std::uint32_t number) {
  if (!contains(number)) return;
  Head head = head_of(number);
  ++head.uses;
  head.worth = worth_of(head);
  set_head(number, head);
}

PackedEntries::Entry PackedEntries::get(std::uint32_t number) {
  const Head head = head_of(number);
  gathered_.clear();
  std::size_t begin = sizeof head;
  for (std::uint32_t chunk = places_[number]; gathered_.size() < head.size; chunk = chunks_[chunk].next) {
    const std::size_t piece = std::min(sizeof(Chunk::bytes) - begin, head.size - gathered_.size());
    gathered_.append(chunks_[chunk].bytes + begin, piece);
    begin = 0;
  }
  return {gathered_, head.inflated};
}

// A heap entry is not moved when its worth grows: it is put back where it is popped too early.
void PackedEntries::forget_least() {
  for (;;) {
    std::pop_heap(candidates_.begin(), candidates_.end(),
                  [](const Candidate& a, const Candidate& b) { return a.worth > b.worth; });
    const Candidate least = candidates_.back();
    candidates_.pop_back();
    const Head head = head_of(least.number);
    if (head.worth > least.worth) {
      push({head.worth, least.number});
      continue;
    }
    forgotten_ = std::max(forgotten_, least.worth);
    chunks_[head.last].next = free_;
    free_ = places_[least.number];
    free_count_ += chunks_for(head.size);
    places_[least.number] = kNoChunk;
    return;
  }
}

void PackedEntries::push(const Candidate& candidate) {
  candidates_.push_back(candidate);
  std::push_heap(candidates_.begin(), candidates_.end(),
                 [](const Candidate& a, const Candidate& b) { return a.worth > b.worth; });
}

std::uint32_t PackedEntries::take_chunk() {
  --free_count_;
  std::uint32_t chunk = free_;
  if (chunk != kNoChunk)
    free_ = chunks_[chunk].next;
  else
    chunk = static_cast<std::uint32_t>(chunks_used_++);
  chunks_[chunk].next = kNoChunk;
  return chunk;
}

void PackedEntries::clear() {
  chunks_.reset();
  chunk_count_ = free_count_ = 0;
  places_ = std::vector<std::uint32_t>();
  candidates_ = std::vector<Candidate>();
}

ByteCount PackedEntries::memory() const {
  return chunk_count_ * sizeof(Chunk) + candidates_.capacity() * sizeof(Candidate) +
         places_.capacity() * sizeof(std::uint32_t);
}

}  // namespace hubkeep
