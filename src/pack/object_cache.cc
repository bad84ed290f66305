#include "pack/object_cache.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace hubkeep {
namespace {

constexpr std::size_t kUnit = 16;
constexpr ByteCount kLargestCapacity = ByteCount{4} << 30U;  // a size has 32 bits

}  // namespace

ObjectCache::ObjectCache(ByteCount capacity, std::function<void(std::uint32_t job)> wait_for)
    : capacity_(static_cast<std::size_t>(std::min(capacity, kLargestCapacity)) / kUnit * kUnit),
      wait_for_(std::move(wait_for)),
      bytes_(std::make_unique_for_overwrite<char[]>(capacity_)) {
  static_assert(sizeof(Block) == kUnit);
}

std::size_t ObjectCache::length_of(ByteCount size) {
  return sizeof(Block) + (static_cast<std::size_t>(size) + kUnit - 1) / kUnit * kUnit;
}

ObjectCache::Block ObjectCache::block_at(std::size_t place) const {
  Block block;
  std::memcpy(&block, bytes_.get() + place, sizeof block);
  return block;
}

void ObjectCache::put_block(std::size_t place, const Block& block) {
  std::memcpy(bytes_.get() + place, &block, sizeof block);
}

std::optional<std::string_view> ObjectCache::find(std::uint32_t number) {
  if (number >= places_.size() || places_[number] == 0) return std::nullopt;
  const std::size_t place = (places_[number] - std::size_t{1}) * kUnit;
  Block block = block_at(place);
  block.was_found = 1;
  put_block(place, block);
  return std::string_view(bytes_.get() + place + sizeof block, block.size);
}

std::span<char> ObjectCache::reserve(ByteCount size, std::uint32_t base) {
  const std::size_t length = length_of(size);
  while ((wrapped_ ? tail_ : capacity_) - head_ < length) {
    if (wrapped_) {
      free_oldest(base);
      continue;
    }
    end_ = head_;
    head_ = 0;
    wrapped_ = tail_ != end_;
    if (!wrapped_) tail_ = 0;
  }
  reserved_ = size;
  return {bytes_.get() + head_ + sizeof(Block), static_cast<std::size_t>(size)};
}

// The gap between head and tail stays as it is where a block is moved, so blocks never overlap others.
void ObjectCache::free_oldest(std::uint32_t base) {
  Block block = block_at(tail_);
  const std::size_t length = length_of(block.size);
  if (block.job != 0) wait_for_(block.job);
  block.job = 0;
  places_[block.number] = 0;
  if (block.was_found != 0 || block.number == base) {
    block.was_found = 0;
    std::memmove(bytes_.get() + head_, bytes_.get() + tail_, length);
    put_block(head_, block);
    places_[block.number] = static_cast<std::uint32_t>(head_ / kUnit + 1);
    head_ += length;
  }
  tail_ += length;
  if (tail_ != end_) return;
  wrapped_ = false;
  tail_ = 0;
}

void ObjectCache::keep(std::uint32_t number) {
  if (number >= places_.size()) places_.resize(number + std::size_t{1});
  if (places_[number] != 0) return;
  put_block(head_, {.size = static_cast<std::uint32_t>(reserved_), .number = number});
  places_[number] = static_cast<std::uint32_t>(head_ / kUnit + 1);
  head_ += length_of(reserved_);
}

void ObjectCache::lend(std::uint32_t number, std::uint32_t job) {
  const std::size_t place = (places_[number] - std::size_t{1}) * kUnit;
  Block block = block_at(place);
  block.job = job;
  put_block(place, block);
}

}  // namespace hubkeep
