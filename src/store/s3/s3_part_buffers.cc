#include "store/s3/s3_part_buffers.h"

#include <algorithm>
#include <utility>

namespace hubkeep {
namespace {

constexpr std::size_t kSmall = std::size_t{64} << 10;

// std::string doubles what it holds, past the limit, when left alone; reserve() of what holds bytes does too.
void make_room(std::string& bytes, std::size_t size) {
  if (bytes.capacity() >= size) return;
  std::string larger;
  larger.reserve(size);
  larger += bytes;
  bytes = std::move(larger);
}

}  // namespace

void PartBuffer::fill(std::string_view& more, ByteCount to_come) {
  const ByteCount room = limit - bytes.size();
  const auto taken = more.substr(0, static_cast<std::size_t>(room));
  const bool is_more_than_known = taken.size() > to_come;
  if (bytes.size() + taken.size() > kSmall)
    make_room(bytes,
              bytes.size() + static_cast<std::size_t>(is_more_than_known ? room : std::min(room, to_come)));
  bytes += taken;
  more.remove_prefix(taken.size());
}

void grow(PartBuffer& buffer, ByteCount wished, MemoryBudget* memory) {
  if (memory == nullptr || wished <= buffer.limit) return;
  auto lease = memory->try_acquire(wished - buffer.limit);
  if (!lease) return;
  buffer.leases.push_back(std::move(*lease));
  buffer.limit = wished;
}

std::optional<PartBuffer> try_buffer(ByteCount size, MemoryBudget* memory) {
  if (memory == nullptr) return std::nullopt;
  auto lease = memory->try_acquire(size);
  if (!lease) return std::nullopt;
  PartBuffer buffer{.bytes = {}, .limit = size, .leases = {}};
  buffer.leases.push_back(std::move(*lease));
  return buffer;
}

}  // namespace hubkeep
