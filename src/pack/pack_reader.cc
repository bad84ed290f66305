// From the entry that is wanted down to the first base that is no delta or was made before, then back up,
// applying one delta after the other. What stands in an entry's few bytes is kept on the way down, within a
// bound, so that nothing is read twice.
#include "pack/pack_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/inflate.h"
#include "base/text.h"
#include "git/apply_delta.h"
#include "git/delta_reader.h"
#include "pack/object_namer.h"

namespace hubkeep {
namespace {

constexpr std::size_t kMostDeltas = 10'000;             // git makes chains of at most 4,095
constexpr ByteCount kReadAtOnce = ByteCount{64} << 10;  // of an entry, to see what it is
constexpr ByteCount kMostKept = ByteCount{8} << 20;     // of entries of one chain
constexpr ByteCount kWhole = ByteCount{8} << 20;        // compressed; more is inflated piece by piece
constexpr ByteCount kPiece = ByteCount{1} << 20;
constexpr std::size_t kDeltaSizes = 20;  // bytes that a delta's two sizes take at most

[[noreturn]] void fail(std::string message) {
  throw Error(ErrorKind::corrupt, std::move(message));
}

ObjectType type_of(PackEntryType type) {
  return static_cast<ObjectType>(type);  // both as packs number them
}

template <typename Action>
auto with_place(const Oid& oid, ByteCount offset, Action&& action) {
  return with_context(fmt::format("object {} at offset {} of its pack", oid.hex(), offset), action);
}

/// Takes exactly as much as was said.
class SizedSink final : public ByteSink {
 public:
  explicit SizedSink(ByteCount size) : size_(size) {}
  void write(std::string_view bytes) override {
    if (bytes.size() > size_ - bytes_.size()) fail("it is larger than it says");
    bytes_.append(bytes);
  }
  std::string finish() {
    if (bytes_.size() != size_) fail("it is smaller than it says");
    return std::move(bytes_);
  }

 private:
  const ByteCount size_;
  std::string bytes_;
};

}  // namespace

struct PackReader::Entry {
  PackEntryHeader header;
  ByteCount length = 0;  // at most
  std::string bytes;     // all of them, or none
};

std::optional<GitObject> PackReader::read(const Oid& oid, ObjectSource& elsewhere,
                                          const std::stop_token& stop) {
  const auto place = index_.find(oid);
  if (!place) return std::nullopt;
  const ByteCount offset = index_.offset(*place);
  return with_place(oid, offset, [&] {
    GitObject object = make(offset, elsewhere, stop);
    if (name_of(object.type, object.content, index_.format()) != oid) fail("another object stands there");
    return object;
  });
}

std::optional<ByteCount> PackReader::size_of(const Oid& oid, const std::stop_token& stop) {
  const auto place = index_.find(oid);
  if (!place) return std::nullopt;
  const ByteCount offset = index_.offset(*place);
  return with_place(oid, offset, [&] {
    const Entry entry = open(offset, stop);
    if (!is_delta(entry.header.type)) return entry.header.size;
    const std::string bytes =
        entry.bytes.empty() ? pack_.read(offset, std::min(entry.length, kReadAtOnce), stop) : entry.bytes;
    DeltaReader delta;
    delta.write(inflate_beginning(std::string_view(bytes).substr(entry.header.length), kDeltaSizes));
    return ByteCount{delta.result_size()};
  });
}

std::optional<PackExtent> PackReader::extent_of(const Oid& oid) {
  const auto place = index_.find(oid);
  if (!place) return std::nullopt;
  const ByteCount offset = index_.offset(*place);
  return with_place(oid, offset, [&] { return PackExtent{offset, length_at(offset)}; });
}

GitObject PackReader::make(ByteCount offset, ObjectSource& elsewhere, const std::stop_token& stop) {
  std::vector<Entry> deltas;
  ByteCount kept = 0;
  std::shared_ptr<const GitObject> made;
  for (ByteCount at = offset; !made;) {
    if (made = cache_.find({this, at}); made) break;
    if (stop.stop_requested()) throw Error(ErrorKind::cancelled, "stopped");
    Entry entry = open(at, stop);
    if (!is_delta(entry.header.type)) {
      made = std::make_shared<GitObject>(GitObject{type_of(entry.header.type), inflate_entry(entry, stop)});
      cache_.keep({this, at}, made);
      break;
    }
    if (deltas.size() == kMostDeltas) fail(fmt::format("it is made of more than {} deltas", kMostDeltas));
    kept += entry.bytes.size();
    if (kept > kMostKept) entry.bytes.clear();
    deltas.push_back(std::move(entry));
    const PackEntryHeader& header = deltas.back().header;
    if (header.type == kOfsDelta) {
      at -= header.base_distance;
    } else if (const auto place = index_.find(header.base)) {
      at = index_.offset(*place);
    } else if (auto base = elsewhere.read(header.base, stop)) {
      made = std::make_shared<GitObject>(std::move(*base));
    } else {
      fail(fmt::format("its base {} is nowhere", header.base.hex()));
    }
  }
  while (!deltas.empty()) {
    if (stop.stop_requested()) throw Error(ErrorKind::cancelled, "stopped");
    made = std::make_shared<GitObject>(apply(deltas.back(), *made, stop));
    cache_.keep({this, deltas.back().header.offset}, made);
    deltas.pop_back();
  }
  return *made;
}

PackReader::Entry PackReader::open(ByteCount offset, const std::stop_token& stop) {
  const ByteCount length = length_at(offset);
  std::string bytes = pack_.read(offset, std::min(length, kReadAtOnce), stop);
  const auto header = parse_entry_header(bytes, offset, index_.format());
  if (!header) fail(fmt::format("its entry at {} is cut short", offset));
  if (bytes.size() < length) bytes.clear();
  return {.header = *header, .length = length, .bytes = std::move(bytes)};
}

ByteCount PackReader::length_at(ByteCount offset) {
  if (offsets_.empty()) {
    offsets_.reserve(index_.size());
    for (std::size_t place = 0; place < index_.size(); ++place) offsets_.push_back(index_.offset(place));
    std::sort(offsets_.begin(), offsets_.end());
  }
  const ByteCount trailer = raw_size(index_.format());
  const ByteCount end = pack_.size() > trailer ? pack_.size() - trailer : 0;
  if (offset < kPackHeaderSize || offset >= end) fail(fmt::format("no entry can begin at {}", offset));
  const auto next = std::upper_bound(offsets_.begin(), offsets_.end(), offset);
  return (next == offsets_.end() ? end : std::min(*next, end)) - offset;
}

void PackReader::check_size(ByteCount size) const {
  if (size > largest_object_)
    throw Error(ErrorKind::invalid, fmt::format("it has {}, more than the {} that are allowed",
                                                human_size(size), human_size(largest_object_)));
}

std::string PackReader::inflate_entry(const Entry& entry, const std::stop_token& stop) {
  check_size(entry.header.size);
  const ByteCount offset = entry.header.offset + entry.header.length;
  ByteCount left = entry.length - entry.header.length;
  if (!entry.bytes.empty())
    return inflate(std::string_view(entry.bytes).substr(entry.header.length), entry.header.size);
  if (left <= kWhole) return inflate(pack_.read(offset, left, stop), entry.header.size);
  SizedSink sink(entry.header.size);
  std::string piece;
  ByteCount at = offset;
  inflate(
      [&]() -> std::string_view {
        piece = pack_.read(at, std::min(left, kPiece), stop);
        at += piece.size();
        left -= piece.size();
        return piece;
      },
      sink);
  return sink.finish();
}

GitObject PackReader::apply(const Entry& entry, const GitObject& base, const std::stop_token& stop) {
  const std::string delta = inflate_entry(entry, stop);
  DeltaReader reader;
  reader.write(delta);
  if (const std::string_view fault = reader.finish(); !fault.empty()) fail(std::string(fault));
  if (reader.base_size() != base.content.size()) fail("its delta is of another base");
  check_size(reader.result_size());
  return {base.type, apply_delta(base.content, delta)};
}

Oid name_of(ObjectType type, std::string_view content, ObjectFormat format) {
  return ObjectNamer(format).name(type, content);
}

}  // namespace hubkeep
