#include "store/s3/s3_part_buffers.h"

#include <algorithm>

namespace hubkeep {
namespace {

constexpr std::size_t kSmall = std::size_t{64} << 10;

}  // namespace

void PartBuffer::fill(std::string_view& more) {
  const auto taken = more.substr(0, static_cast<std::size_t>(limit) - bytes.size());
  // std::string doubles what it holds: past the limit, when left alone.
  if (bytes.size() + taken.size() > kSmall) bytes.reserve(static_cast<std::size_t>(limit));
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
