// The header's count is only a claim, but the indexer holds it against the bytes that come: what is reserved
// here is a ceiling.
#include "backup/pack_intake.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/text.h"

namespace hubkeep {
namespace {

constexpr std::size_t kHeaderSize = 12;  // "PACK" version(4) count(4)
// An entry of the tables (72), and the links, whose table is there twice while it grows.
constexpr ByteCount kBytesPerObject = 96;
constexpr ByteCount kLeastCache = ByteCount{8} << 20;  // one large object and its delta
constexpr ByteCount kMostCache = ByteCount{64} << 20;  // more was slower: histories repeat what is near
constexpr ByteCount kCachePerObject = ByteCount{16} << 10;

std::uint64_t count_in(std::string_view header) {
  std::uint64_t count = 0;
  for (const char byte : header.substr(8, 4)) count = count << 8U | static_cast<unsigned char>(byte);
  return count;
}

}  // namespace

ByteCount memory_to_index(std::uint64_t objects) {
  return objects * kBytesPerObject + kLeastCache;
}

PackIntake::PackIntake(ObjectFormat format, const FetchRequest* asked, const ProofOptions& options)
    : format_(format), asked_(asked), options_(options) {}

void PackIntake::write(std::string_view bytes) {
  if (!scanner_ && !indexer_) {
    const auto taken = bytes.substr(0, kHeaderSize - header_.size());
    header_ += taken;
    bytes.remove_prefix(taken.size());
    if (header_.size() < kHeaderSize) return;
    open();
  }
  if (indexer_)
    indexer_->write(bytes);
  else
    scanner_->write(bytes);
}

PackSummary PackIntake::finish() {
  if (!scanner_ && !indexer_) open();
  return indexer_ ? indexer_->finish() : scanner_->finish();
}

void PackIntake::open() {
  const std::uint64_t objects = header_.size() == kHeaderSize ? count_in(header_) : 0;
  const IndexingOptions indexing = options_.is_wanted ? reserve(objects) : IndexingOptions{};
  if (options_.is_wanted && too_large_.empty()) {
    indexer_ = std::make_unique<PackIndexer>(format_, asked_, indexing);
    indexer_->write(header_);
  } else {
    scanner_ = asked_ ? std::make_unique<PackScanner>(*asked_) : std::make_unique<PackScanner>(format_);
    scanner_->write(header_);
  }
}

// The tables first, it cannot do without; then as much of a cache as is free, but for a quarter of the
// budget: that is for the tables of other jobs.
IndexingOptions PackIntake::reserve(std::uint64_t objects) {
  IndexingOptions indexing{.memory = kIndexingShare, .cache = kIndexingShare - kLeastCache};
  const auto more = [&](ByteCount size) {
    auto lease = options_.memory == nullptr ? std::nullopt : options_.memory->try_acquire(size);
    if (!lease) return false;
    leases_.push_back(std::move(*lease));
    indexing.memory += size;
    return true;
  };
  const ByteCount least = memory_to_index(objects);
  if (least > indexing.memory && !more(least - indexing.memory)) {
    too_large_ = fmt::format("its pack has {} objects, and to index them takes {}: raise --memory", objects,
                             human_size(least));
    return indexing;
  }
  const ByteCount spare = indexing.memory - objects * kBytesPerObject;
  const ByteCount wished = std::min(objects * kCachePerObject, kMostCache);
  indexing.cache = spare;
  if (options_.memory == nullptr) return indexing;
  const auto for_others = options_.memory->try_acquire(options_.memory->total() / 4);
  if (!for_others) return indexing;
  for (ByteCount size = wished; size > spare && indexing.cache == spare; size /= 2)
    if (more(size - spare)) indexing.cache = size;
  return indexing;
}

IndexedPack PackIntake::resolve(ByteSource& pack, ObjectSource& elsewhere, const std::stop_token& stop) {
  if (!too_large_.empty()) throw Error(ErrorKind::gave_up, too_large_);
  auto indexed = indexer_->resolve(pack, elsewhere, stop);
  if (!indexed) throw Error(ErrorKind::gave_up, indexer_->gave_up());
  return std::move(*indexed);
}

}  // namespace hubkeep
