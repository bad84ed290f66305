// GitHub announces no length for a zip, so a connection that ends early looks like the end. A zip is whole
// when its end record is the last thing in it and the central directory ends where the end records begin.
// `git archive` writes the commit's id as the comment behind that. Only the end is kept in memory, as much as
// the longest one may have. ZipCheck.NoticesEveryCut, NoticesAnotherCommit.
#include "backup/zip_check.h"

#include <fmt/format.h>

#include <cstdint>

#include "base/error.h"

namespace hubkeep {
namespace {

// APPNOTE.TXT, 4.3.14 to 4.3.16; numbers are little-endian. At the end of a zip stand
//     [zip64 end of central directory record][zip64 locator][end of central directory record][comment]
constexpr std::string_view kEndSignature("PK\x05\x06", 4);
constexpr std::string_view kZip64LocatorSignature("PK\x06\x07", 4);
constexpr std::string_view kZip64EndSignature("PK\x06\x06", 4);
constexpr std::size_t kEndSize = 22;
constexpr std::size_t kZip64LocatorSize = 20;
constexpr std::size_t kZip64EndSize = 56;
constexpr std::size_t kMaxComment = 65'535;
constexpr std::size_t kLongestEnd = kZip64EndSize + kZip64LocatorSize + kEndSize + kMaxComment;

std::uint64_t number_at(std::string_view bytes, std::size_t position, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = size; i-- > 0;) value = value << 8U | static_cast<unsigned char>(bytes[position + i]);
  return value;
}

// Where the last record begins: it, and a comment as long as it says, are all that follows.
std::optional<std::size_t> find_end(std::string_view bytes) {
  if (bytes.size() < kEndSize) return std::nullopt;
  for (std::size_t comment = 0; comment <= kMaxComment && comment + kEndSize <= bytes.size(); ++comment) {
    const std::size_t position = bytes.size() - kEndSize - comment;
    if (bytes.substr(position).starts_with(kEndSignature) && number_at(bytes, position + 20, 2) == comment)
      return position;
  }
  return std::nullopt;
}

// The central directory must end where the end records begin: nothing is missing before them.
bool is_all_there(std::string_view end, std::size_t position, ByteCount size) {
  const ByteCount before = size - end.size();  // bytes of the zip that are not in `end`
  const bool has_zip64 =
      position >= kZip64EndSize + kZip64LocatorSize &&
      end.substr(position - kZip64LocatorSize).starts_with(kZip64LocatorSignature) &&
      end.substr(position - kZip64LocatorSize - kZip64EndSize).starts_with(kZip64EndSignature);
  if (!has_zip64)
    return number_at(end, position + 12, 4) + number_at(end, position + 16, 4) == before + position;
  const std::size_t zip64 = position - kZip64LocatorSize - kZip64EndSize;
  return number_at(end, zip64 + 40, 8) + number_at(end, zip64 + 48, 8) == before + zip64;
}

bool is_commit(std::string_view text) {
  return (text.size() == 40 || text.size() == 64) &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

void ZipCheck::write(std::string_view bytes) {
  size_ += bytes.size();
  if (bytes.size() > kLongestEnd) bytes.remove_prefix(bytes.size() - kLongestEnd);
  end_ += bytes;
  if (end_.size() > 2 * kLongestEnd) end_.erase(0, end_.size() - kLongestEnd);
}

void ZipCheck::require_whole(std::string_view commit) const {
  const auto position = find_end(end_);
  if (!position || !is_all_there(end_, *position, size_))
    throw Error(ErrorKind::transient, fmt::format("the zip is not whole: it ended after {} bytes", size_));
  const auto comment = std::string_view(end_).substr(*position + kEndSize);
  if (is_commit(comment) && comment != commit)
    throw Error(ErrorKind::corrupt, fmt::format("the zip is of commit {}, not of {}", comment, commit));
}

std::optional<std::string> ZipCheck::commit() const {
  const auto position = find_end(end_);
  if (!position || !is_all_there(end_, *position, size_)) return std::nullopt;
  const std::string comment = end_.substr(*position + kEndSize);
  return is_commit(comment) ? std::optional(comment) : std::nullopt;
}

}  // namespace hubkeep
