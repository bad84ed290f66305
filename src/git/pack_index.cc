#include "git/pack_index.h"

#include <fmt/format.h>

#include <array>

#include "base/error.h"
#include "crypto/hash.h"

namespace hubkeep {
namespace {

constexpr std::string_view kMagic("\377tOc\0\0\0\2", 8);
constexpr std::size_t kFanOut = 256;
constexpr std::size_t kNames = kMagic.size() + kFanOut * 4;
constexpr std::uint32_t kIsLarge = 0x80000000;  // the rest is a place in the table of large offsets

HashKind hash_of(ObjectFormat format) {
  return format == ObjectFormat::sha1 ? HashKind::sha1 : HashKind::sha256;
}

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = value << 8U | static_cast<unsigned char>(byte);
  return value;
}

std::uint32_t number_at(std::string_view bytes, std::size_t position) {
  return static_cast<std::uint32_t>(big_endian(bytes.substr(position, 4)));
}

unsigned first_byte_of(const Oid& oid) {
  return static_cast<unsigned char>(oid.raw().front());
}

/// Writes numbers and names into a sink, which hashes them, in pieces that are worth a call.
class Columns {
 public:
  Columns(ObjectFormat format, ByteSink& to) : hasher_(hash_of(format)), to_(to) {}

  void bytes(std::string_view bytes) {
    buffer_.append(bytes);
    if (buffer_.size() >= kBuffer) flush();
  }
  void number(std::uint64_t value, unsigned size) {
    std::array<char, 8> raw{};
    for (unsigned i = 0; i < size; ++i) raw[i] = static_cast<char>(value >> (8 * (size - 1 - i)));
    bytes({raw.data(), size});
  }
  void finish() {
    flush();
    to_.write(hasher_.finish());
  }

 private:
  static constexpr std::size_t kBuffer = 64 << 10;

  void flush() {
    hasher_.write(buffer_);
    to_.write(buffer_);
    buffer_.clear();
  }

  Hasher hasher_;
  ByteSink& to_;
  std::string buffer_;
};

[[noreturn]] void refuse(std::string_view what) {
  throw Error(ErrorKind::corrupt, fmt::format("not the index of a pack: {}", what));
}

}  // namespace

void write_pack_index(const std::vector<PackIndexEntry>& entries, const Oid& checksum, ByteSink& to) {
  Columns columns(checksum.format(), to);
  columns.bytes(kMagic);
  std::array<std::uint32_t, kFanOut> counts{};
  for (const auto& entry : entries) ++counts[first_byte_of(entry.oid)];
  std::uint32_t total = 0;
  for (const std::uint32_t count : counts) columns.number(total += count, 4);
  for (const auto& entry : entries) columns.bytes(entry.oid.raw());
  for (const auto& entry : entries) columns.number(entry.crc32, 4);
  std::uint32_t large = 0;
  for (const auto& entry : entries)
    columns.number(entry.offset < kIsLarge ? entry.offset : kIsLarge | large++, 4);
  for (const auto& entry : entries)
    if (entry.offset >= kIsLarge) columns.number(entry.offset, 8);
  columns.bytes(checksum.raw());
  columns.finish();
}

PackIndex::PackIndex(std::string_view bytes, ObjectFormat format) : format_(format), bytes_(bytes) {
  const std::size_t name = raw_size(format);
  if (bytes.size() < kNames + 2 * name || !bytes.starts_with(kMagic)) refuse("its header is none");
  std::uint32_t before = 0;
  for (unsigned i = 0; i < kFanOut; ++i) {
    if (fan_out(i) < before) refuse("its fan-out table falls");
    before = fan_out(i);
  }
  size_ = before;
  const std::size_t columns = kNames + size_ * (name + 8);
  if (bytes.size() < columns + 2 * name || (bytes.size() - columns - 2 * name) % 8 != 0)
    refuse(fmt::format("{} bytes do not hold {} objects", bytes.size(), size_));
  large_ = (bytes.size() - columns - 2 * name) / 8;
  Hasher hasher(hash_of(format));
  hasher.write(bytes.substr(0, bytes.size() - name));
  if (hasher.finish() != bytes.substr(bytes.size() - name)) refuse("its checksum is another");
  for (std::size_t i = 0; i < size_; ++i) {
    if (i > 0 && raw_name(i) < raw_name(i - 1)) refuse("its names are not sorted");
    const auto bucket = static_cast<unsigned char>(raw_name(i).front());
    if (i >= fan_out(bucket) || (bucket > 0 && i < fan_out(bucket - 1U)))
      refuse("its fan-out table is another's");
  }
  for (std::size_t i = 0; i < size_; ++i) {
    const std::uint32_t small = number_at(bytes_, kNames + size_ * (name + 4) + 4 * i);
    if ((small & kIsLarge) != 0 && (small & ~kIsLarge) >= large_) refuse("it lacks an offset");
  }
}

std::string_view PackIndex::raw_name(std::size_t place) const {
  return bytes_.substr(kNames + place * raw_size(format_), raw_size(format_));
}

std::uint32_t PackIndex::fan_out(unsigned first_byte) const {
  return number_at(bytes_, kMagic.size() + std::size_t{4} * first_byte);
}

Oid PackIndex::oid(std::size_t place) const {
  return Oid::from_raw(raw_name(place), format_);
}

std::uint32_t PackIndex::crc32(std::size_t place) const {
  return number_at(bytes_, kNames + size_ * raw_size(format_) + 4 * place);
}

ByteCount PackIndex::offset(std::size_t place) const {
  const std::size_t offsets = kNames + size_ * (raw_size(format_) + 4);
  const std::uint32_t small = number_at(bytes_, offsets + 4 * place);
  if ((small & kIsLarge) == 0) return small;
  return big_endian(bytes_.substr(offsets + 4 * size_ + std::size_t{8} * (small & ~kIsLarge), 8));
}

std::optional<std::size_t> PackIndex::find(const Oid& oid) const {
  if (size_ == 0 || oid.format() != format_) return std::nullopt;
  const unsigned bucket = first_byte_of(oid);
  std::size_t begin = bucket == 0 ? 0 : fan_out(bucket - 1);
  std::size_t end = fan_out(bucket);
  while (begin < end) {
    const std::size_t middle = begin + (end - begin) / 2;
    if (raw_name(middle) < oid.raw())
      begin = middle + 1;
    else
      end = middle;
  }
  if (begin == fan_out(bucket) || raw_name(begin) != oid.raw()) return std::nullopt;
  return begin;
}

Oid PackIndex::checksum() const {
  return Oid::from_raw(bytes_.substr(bytes_.size() - 2 * raw_size(format_), raw_size(format_)), format_);
}

}  // namespace hubkeep
