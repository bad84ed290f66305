// libgit2 and its odb give an object as one block of memory. A large blob that its pack stores whole can go
// straight from the pack to the file: find it in the index (version 2, gitformat-pack), skip its header,
// inflate. Whatever is not such a blob is left to libgit2. See CheckOut.WritesLargeFilesWithoutHoldingThem.
#include "localgit/whole_blobs.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdint>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/inflate.h"
#include "git/object_links.h"

namespace hubkeep {
namespace {

constexpr std::uint64_t kFanout = 8;  // behind "\377tOc" and the version
constexpr std::uint64_t kNames = kFanout + std::uint64_t{256} * 4;
constexpr std::uint64_t kNameSize = 20;
constexpr std::size_t kReadSize = std::size_t{64} << 10;

// What of `size` bytes is there.
std::string read_at(const FileDescriptor& file, std::uint64_t offset, std::size_t size) {
  std::string bytes(size, '\0');
  std::size_t got = 0;
  while (got < size) {
    const auto read = ::pread(file.get(), bytes.data() + got, size - got, static_cast<off_t>(offset + got));
    if (read <= 0) break;
    got += static_cast<std::size_t>(read);
  }
  bytes.resize(got);
  return bytes;
}

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = value << 8U | static_cast<unsigned char>(byte);
  return value;
}

std::uint64_t number_at(const FileDescriptor& file, std::uint64_t offset, std::size_t size) {
  return big_endian(read_at(file, offset, size));
}

// The fan-out table says how many names begin with a byte up to each; names are sorted, offsets beside them.
std::optional<std::uint64_t> find_offset(const FileDescriptor& index, const Oid& oid) {
  const auto first = static_cast<unsigned char>(oid.raw().front());
  std::uint64_t low = first == 0 ? 0 : number_at(index, kFanout + 4 * (first - std::uint64_t{1}), 4);
  std::uint64_t high = number_at(index, kFanout + 4 * std::uint64_t{first}, 4);
  const std::uint64_t count = number_at(index, kNames - 4, 4);
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    const int compared = read_at(index, kNames + kNameSize * middle, kNameSize).compare(oid.raw());
    if (compared == 0) {
      const std::uint64_t offsets = kNames + (kNameSize + 4) * count;  // CRCs stand between
      const std::uint64_t offset = number_at(index, offsets + 4 * middle, 4);
      constexpr std::uint64_t kLarge = std::uint64_t{1} << 31U;
      return offset < kLarge ? offset : number_at(index, offsets + 4 * count + 8 * (offset - kLarge), 8);
    }
    (compared < 0 ? low : high) = compared < 0 ? middle + 1 : middle;
  }
  return std::nullopt;
}

// The length of an entry's header, where the entry is a whole blob: one byte with the type, more for a size
// that needs them.
std::optional<std::size_t> blob_header_length(std::string_view entry) {
  if (entry.empty() ||
      ((static_cast<unsigned char>(entry[0]) >> 4U) & 7U) != static_cast<unsigned>(ObjectType::blob))
    return std::nullopt;
  for (std::size_t i = 0; i < entry.size(); ++i) {
    if ((static_cast<unsigned char>(entry[i]) & 0x80U) == 0) return i + 1;
  }
  return std::nullopt;
}

}  // namespace

WholeBlobs::WholeBlobs(const std::filesystem::path& pack_folder) {
  std::error_code error;
  for (const auto& file : std::filesystem::directory_iterator(pack_folder, error)) {
    if (file.path().extension() != ".idx") continue;
    auto pack = file.path();
    pack.replace_extension(".pack");
    packs_.push_back({FileDescriptor(::open(file.path().c_str(), O_RDONLY | O_CLOEXEC)),
                      FileDescriptor(::open(pack.c_str(), O_RDONLY | O_CLOEXEC))});
    if (!packs_.back().index.valid() || !packs_.back().pack.valid()) packs_.pop_back();
  }
}

bool WholeBlobs::write(const Oid& oid, ByteSink& sink) const {
  for (const Pack& pack : packs_) {
    const auto offset = find_offset(pack.index, oid);
    if (!offset) continue;
    const auto length = blob_header_length(read_at(pack.pack, *offset, 16));
    if (!length) continue;
    std::uint64_t position = *offset + *length;
    std::string piece;
    inflate(
        [&] {
          piece = read_at(pack.pack, position, kReadSize);
          position += piece.size();
          return std::string_view(piece);
        },
        sink);
    return true;
  }
  return false;
}

}  // namespace hubkeep
