// git's patch-delta.c checks the same. An instruction with its high bit set copies: seven flags say which
// bytes of offset (four) and size (three) follow. Else it is how many bytes to insert.
#include "git/apply_delta.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/error.h"
#include "git/object_size.h"

namespace hubkeep {
namespace {

constexpr unsigned kCopy = 0x80;
constexpr std::uint64_t kSizeForZero = 0x10000;
constexpr std::size_t kSmallestDelta = 4;  // git's DELTA_SIZE_MIN: it applies none that is shorter

[[noreturn]] void fail(const char* what) {
  throw Error(ErrorKind::corrupt, what);
}

class Instructions {
 public:
  explicit Instructions(std::string_view bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool done() const { return at_ == end_; }
  unsigned byte() {
    if (at_ == end_) fail("its delta is cut short");
    return static_cast<unsigned char>(*at_++);
  }
  const char* take(std::size_t count) {
    if (static_cast<std::size_t>(end_ - at_) < count) fail("its delta is cut short");
    at_ += count;
    return at_ - count;
  }
  // Seven bits a byte, the lowest first; nine bytes hold more than anything has.
  std::uint64_t size() {
    std::uint64_t size = 0;
    for (unsigned shift = 0;; shift += 7) {
      if (shift > 56) fail("its delta states a size that nothing has");
      const unsigned next = byte();
      size |= std::uint64_t{next & 127U} << shift;
      if ((next & 128U) == 0) break;
    }
    if (size > kLargestObject) fail("its delta states a size that nothing has");
    return size;
  }
  std::uint64_t flagged(unsigned flags, unsigned bytes) {
    std::uint64_t number = 0;
    for (unsigned i = 0; i < bytes; ++i)
      if ((flags >> i & 1U) != 0) number |= std::uint64_t{byte()} << (8 * i);
    return number;
  }

 private:
  const char* at_;
  const char* end_;
};

DeltaSizes take_sizes(Instructions& instructions) {
  DeltaSizes sizes;
  sizes.base = instructions.size();
  sizes.result = instructions.size();
  return sizes;
}

}  // namespace

DeltaSizes read_delta_sizes(std::string_view delta) {
  if (delta.size() < kSmallestDelta) fail("its delta is cut short");
  Instructions instructions(delta);
  return take_sizes(instructions);
}

void apply_delta(std::string_view base, std::string_view delta, std::span<char> result) {
  if (delta.size() < kSmallestDelta) fail("its delta is cut short");
  Instructions instructions(delta);
  const DeltaSizes sizes = take_sizes(instructions);
  if (sizes.base != base.size()) fail("its delta is of a base of another size");
  if (sizes.result != result.size()) fail("its delta makes another size");
  char* to = result.data();
  std::size_t missing = result.size();
  while (!instructions.done()) {
    const unsigned instruction = instructions.byte();
    if (instruction == 0) fail("its delta has an instruction that git does not know");
    std::size_t size = instruction;
    const char* from = nullptr;
    if ((instruction & kCopy) != 0) {
      const std::uint64_t offset = instructions.flagged(instruction, 4);
      size = static_cast<std::size_t>(instructions.flagged(instruction >> 4U, 3));
      if (size == 0) size = kSizeForZero;
      if (offset + size > base.size()) fail("its delta copies from beyond its base");
      from = base.data() + offset;
    } else {
      from = instructions.take(size);
    }
    if (size > missing) fail("its delta makes more than it says");
    std::memcpy(to, from, size);
    to += size;
    missing -= size;
  }
  if (missing != 0) fail("its delta makes less than it says");
}

std::string apply_delta(std::string_view base, std::string_view delta) {
  std::string result(static_cast<std::size_t>(read_delta_sizes(delta).result), '\0');
  apply_delta(base, delta, result);
  return result;
}

}  // namespace hubkeep
