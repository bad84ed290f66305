// A delta is two sizes, then instructions: copy a range of the base, or insert the bytes that follow. Read
// byte by byte, as it is inflated, and not applied: that the ranges lie within the base and the result has
// the stated size can be told without the base. git's patch-delta.c checks the same while it applies one.
#include "git/delta_reader.h"

#include <algorithm>

#include "git/object_size.h"

namespace hubkeep {
namespace {

constexpr unsigned kCopy = 0x80;  // in an instruction's first byte; else it is how many bytes to insert
constexpr unsigned kOffsetBytes =
    4;  // of a copy, each with a flag in its first byte; three of the size follow
constexpr unsigned kCopyBytes = 7;
constexpr std::uint64_t kSizeForZero = 0x10000;
constexpr std::uint64_t kSmallestDelta = 4;  // git's DELTA_SIZE_MIN: it applies none that is shorter

}  // namespace

void DeltaReader::write(std::string_view bytes) {
  bytes_ += bytes.size();
  while (!bytes.empty() && fault_.empty()) {
    if (state_ == State::insert) {
      const auto taken = std::min<std::uint64_t>(insert_missing_, bytes.size());
      insert_missing_ -= taken;
      bytes.remove_prefix(static_cast<std::size_t>(taken));
      if (insert_missing_ == 0) state_ = State::instruction;
      continue;
    }
    take(static_cast<unsigned char>(bytes.front()));
    bytes.remove_prefix(1);
  }
}

void DeltaReader::take(unsigned char byte) {
  switch (state_) {
    case State::base_size:
      return take_size(byte, base_size_, State::result_size);
    case State::result_size:
      return take_size(byte, result_size_, State::instruction);
    case State::copy:
      return take_copy(byte);
    case State::instruction:
    case State::insert:
      break;
  }
  if (byte == 0) {
    fault_ = "its delta has an instruction that git does not know";
  } else if ((byte & kCopy) != 0) {
    copy_missing_ = byte & ~kCopy;
    copy_ = 0;
    state_ = State::copy;
    if (copy_missing_ == 0) copy_done();
  } else {
    insert_missing_ = byte;
    state_ = State::insert;
    make(byte);
  }
}

// Seven bits a byte, the lowest first.
void DeltaReader::take_size(unsigned char byte, std::uint64_t& size, State next) {
  // Nine bytes hold 63 bits: a longer number has no end that anybody needs.
  if (shift_ > 56) {
    fault_ = "its delta states a size that nothing has";
    return;
  }
  size |= static_cast<std::uint64_t>(byte & 127U) << shift_;
  shift_ += 7;
  if ((byte & 128U) != 0) return;
  if (size > kLargestObject) fault_ = "its delta states a size that nothing has";
  shift_ = 0;
  state_ = next;
}

void DeltaReader::take_copy(unsigned char byte) {
  unsigned position = 0;
  while ((copy_missing_ >> position & 1U) == 0) ++position;
  copy_missing_ &= copy_missing_ - 1;
  copy_ |= static_cast<std::uint64_t>(byte) << (8 * position);
  if (copy_missing_ == 0) copy_done();
}

void DeltaReader::copy_done() {
  static_assert(kCopyBytes * 8 < 64, "offset and size fit into one number");
  const std::uint64_t offset = copy_ & 0xFFFFFFFFU;
  std::uint64_t size = copy_ >> (8 * kOffsetBytes);
  if (size == 0) size = kSizeForZero;
  state_ = State::instruction;
  if (offset + size > base_size_) {
    fault_ = "its delta copies from beyond its base";
    return;
  }
  make(size);
}

void DeltaReader::make(std::uint64_t size) {
  made_ += size;
  if (made_ > result_size_) fault_ = "its delta makes more than it says";
}

std::string_view DeltaReader::finish() {
  if (!fault_.empty()) return fault_;
  if (state_ != State::instruction || bytes_ < kSmallestDelta) return "its delta is cut short";
  if (made_ != result_size_) return "its delta makes less than it says";
  return {};
}

}  // namespace hubkeep
