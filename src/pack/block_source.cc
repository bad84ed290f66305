#include "pack/block_source.h"

#include <algorithm>

#include "base/error.h"

namespace hubkeep {

std::string BlockSource::read(ByteCount offset, ByteCount length, const std::stop_token& stop) {
  if (offset > size() || length > size() - offset)
    throw Error(ErrorKind::corrupt, "more is asked for than there is");
  if (length == 0) return {};
  const std::uint64_t first = offset / options_.block;
  const std::uint64_t end = (offset + length - 1) / options_.block + 1;
  // As much as is kept at all would only push out what may be used again.
  if (end - first > options_.kept / 2) return whole_->read(offset, length, stop);
  for (std::uint64_t number = first; number < end;) {
    if (has(number)) {
      use(number++);
      continue;
    }
    const std::uint64_t missing = number;
    while (number < end && !has(number)) ++number;
    fetch(missing, number, stop);
  }
  std::string bytes;
  bytes.reserve(static_cast<std::size_t>(length));
  for (std::uint64_t number = first; number < end; ++number) {
    const ByteCount begin = number * options_.block;
    const std::string& block = use(number);
    const ByteCount from = std::max(begin, offset) - begin;
    bytes.append(block, from, std::min<ByteCount>(block.size(), offset + length - begin) - from);
  }
  return bytes;
}

bool BlockSource::has(std::uint64_t number) {
  if (blocks_.contains(number)) return true;
  if (!store_) return false;
  auto stored = store_->find(number);
  const ByteCount begin = number * options_.block;
  if (!stored || stored->size() != std::min(options_.block, size() - begin)) return false;
  keep(number, std::move(*stored));
  return true;
}

void BlockSource::fetch(std::uint64_t first, std::uint64_t end, const std::stop_token& stop) {
  const ByteCount begin = first * options_.block;
  const std::string bytes = whole_->read(begin, std::min(end * options_.block, size()) - begin, stop);
  for (std::uint64_t number = first; number < end; ++number) {
    std::string block = bytes.substr((number - first) * options_.block, options_.block);
    if (store_) store_->keep(number, block);
    keep(number, std::move(block));
  }
}

void BlockSource::keep(std::uint64_t number, std::string bytes) {
  by_age_.push_front(number);
  blocks_.insert_or_assign(number, Block{std::move(bytes), by_age_.begin()});
  if (blocks_.size() <= options_.kept) return;
  blocks_.erase(by_age_.back());
  by_age_.pop_back();
}

const std::string& BlockSource::use(std::uint64_t number) {
  Block& block = blocks_.at(number);
  by_age_.splice(by_age_.begin(), by_age_, block.age);
  return block.bytes;
}

}  // namespace hubkeep
