#include "git/pack_entry.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "base/error.h"
#include "git/object_size.h"

namespace hubkeep {
namespace {

constexpr unsigned kLargestShift = 64 - 7;  // where seven more bits of a size still fit
constexpr int kMostOffsetBytes = 9;         // of seven bits each; a tenth could overflow

[[noreturn]] void fail(std::string message) {
  throw Error(ErrorKind::corrupt, std::move(message));
}

// One byte after the other of what may end at any of them.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : bytes_(bytes) {}

  bool has(std::size_t count) const { return bytes_.size() - taken_ >= count; }
  unsigned next() { return static_cast<unsigned char>(bytes_[taken_++]); }
  std::string_view next(std::size_t count) {
    taken_ += count;
    return bytes_.substr(taken_ - count, count);
  }
  std::size_t taken() const { return taken_; }

 private:
  std::string_view bytes_;
  std::size_t taken_ = 0;
};

// False where the bytes end too early; so do the others below.
bool read_type_and_size(Bytes& bytes, PackEntryHeader& header) {
  if (!bytes.has(1)) return false;
  unsigned byte = bytes.next();
  header.type = static_cast<PackEntryType>(byte >> 4U & 7U);
  header.size = byte & 15U;
  for (unsigned shift = 4; (byte & 128U) != 0; shift += 7) {
    if (!bytes.has(1)) return false;
    if (shift > kLargestShift) fail("an object's size is too large");
    byte = bytes.next();
    header.size |= static_cast<std::uint64_t>(byte & 127U) << shift;
  }
  if (header.type == 0 || header.type == 5)
    fail(fmt::format("unknown object type {}", static_cast<int>(header.type)));
  if (header.size > kLargestObject) fail("an object's size is too large");
  return true;
}

// Highest bits first. Each byte but the last adds one before the next is appended, so that no distance can be
// written in two ways.
bool read_base_distance(Bytes& bytes, PackEntryHeader& header) {
  unsigned byte = 128U;
  for (int count = 0; (byte & 128U) != 0; ++count) {
    if (!bytes.has(1)) return false;
    if (count == kMostOffsetBytes) fail("a delta's base offset is too large");
    byte = bytes.next();
    header.base_distance = (count == 0 ? 0 : header.base_distance + 1) << 7U | (byte & 127U);
  }
  // Distance 0 would be the delta itself; before the first entry there is none.
  if (header.base_distance == 0 || header.base_distance > header.offset - kPackHeaderSize)
    fail("a delta's base lies outside the pack");
  return true;
}

bool read_base_oid(Bytes& bytes, ObjectFormat format, PackEntryHeader& header) {
  if (!bytes.has(raw_size(format))) return false;
  header.base = Oid::from_raw(bytes.next(raw_size(format)), format);
  return true;
}

}  // namespace

std::optional<PackEntryHeader> parse_entry_header(std::string_view text, ByteCount offset,
                                                  ObjectFormat format) {
  Bytes bytes(text);
  PackEntryHeader header{.offset = offset};
  if (!read_type_and_size(bytes, header)) return std::nullopt;
  if (header.type == kOfsDelta && !read_base_distance(bytes, header)) return std::nullopt;
  if (header.type == kRefDelta && !read_base_oid(bytes, format, header)) return std::nullopt;
  header.length = bytes.taken();
  return header;
}

}  // namespace hubkeep
