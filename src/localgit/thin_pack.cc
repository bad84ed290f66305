// git (builtin/index-pack.c, fix_unresolved_deltas and append_obj_to_pack) appends each base where the pack's
// trailer stood, as an object that zlib compressed at its fastest level, then corrects the number of objects
// and hashes all of it again. Only deltas that name their base by its oid can rest on another pack.
#include "localgit/thin_pack.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <set>

#include "base/crc32.h"
#include "base/deflate.h"
#include "base/error.h"
#include "base/file_descriptor.h"
#include "base/file_error.h"
#include "crypto/hash.h"
#include "git/pack_entry.h"
#include "localgit/mapped_file.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

constexpr ByteCount kReadAtOnce = ByteCount{256} << 10;
constexpr ByteCount kLongestHeader = 64;  // 10 bytes of type and size, 32 of a base's oid
constexpr std::size_t kCountOffset = 8;   // behind "PACK" and the version

HashKind hash_of(ObjectFormat format) {
  return format == ObjectFormat::sha1 ? HashKind::sha1 : HashKind::sha256;
}

// Reads on from where it read last, in pieces that hold many headers.
class HeaderReader {
 public:
  HeaderReader(ByteSource& pack, ObjectFormat format, const std::stop_token& stop)
      : pack_(pack), end_(pack.size() - raw_size(format)), format_(format), stop_(stop) {}

  PackEntryHeader at(ByteCount offset) {
    if (offset < kPackHeaderSize || offset >= end_)
      throw Error(ErrorKind::corrupt,
                  fmt::format("the index of the pack names an object at offset {} of {}", offset, end_));
    const ByteCount wanted = std::min(kLongestHeader, end_ - offset);
    if (offset < begin_ || offset + wanted > begin_ + piece_.size()) {
      begin_ = offset;
      piece_ = pack_.read(offset, std::min(kReadAtOnce, end_ - offset), stop_);
    }
    const auto header =
        parse_entry_header(std::string_view(piece_).substr(offset - begin_, wanted), offset, format_);
    if (!header)
      throw Error(ErrorKind::corrupt, fmt::format("the pack ends in its object at offset {}", offset));
    return *header;
  }

 private:
  ByteSource& pack_;
  const ByteCount end_;
  const ObjectFormat format_;
  const std::stop_token& stop_;
  ByteCount begin_ = 0;
  std::string piece_;
};

std::string entry_header(ObjectType type, std::uint64_t size) {
  std::string header;
  auto byte = static_cast<unsigned char>((static_cast<unsigned>(type) << 4U) | (size & 15U));
  for (size >>= 4U; size > 0; size >>= 7U) {
    header += static_cast<char>(byte | 0x80U);
    byte = size & 0x7fU;
  }
  return header + static_cast<char>(byte);
}

std::string big_endian(std::uint32_t value) {
  std::string bytes;
  for (unsigned shift = 32; shift > 0; shift -= 8) bytes += static_cast<char>(value >> (shift - 8));
  return bytes;
}

// A pack that is changed where it lies.
class OpenPack {
 public:
  explicit OpenPack(const fs::path& path)
      : path_(path.string()), file_(::open(path.c_str(), O_RDWR | O_CLOEXEC)) {
    if (!file_.valid()) throw file_error(errno, "open", path_);
  }

  void write_at(ByteCount offset, std::string_view bytes) {
    while (!bytes.empty()) {
      const auto written = ::pwrite(file_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) throw file_error(errno, "write", path_);
      bytes.remove_prefix(static_cast<std::size_t>(written));
      offset += static_cast<ByteCount>(written);
    }
  }

 private:
  const std::string path_;
  const FileDescriptor file_;
};

bool stands_before(const PackIndexEntry& a, const PackIndexEntry& b) {
  return a.oid == b.oid ? a.offset < b.offset : a.oid.raw() < b.oid.raw();
}

}  // namespace

std::string hash_of_pack(ByteSource& pack, ByteCount size, ObjectFormat format, const std::stop_token& stop) {
  Hasher hasher(hash_of(format));
  for (ByteCount offset = 0; offset < size; offset += kReadAtOnce)
    hasher.write(pack.read(offset, std::min(kReadAtOnce, size - offset), stop));
  return hasher.finish();
}

std::vector<Oid> bases_elsewhere(const PackIndex& index, ByteSource& pack, const std::stop_token& stop) {
  std::vector<ByteCount> offsets(index.size());
  for (std::size_t place = 0; place < index.size(); ++place) offsets[place] = index.offset(place);
  std::sort(offsets.begin(), offsets.end());
  HeaderReader headers(pack, index.format(), stop);
  std::vector<Oid> bases;
  std::set<Oid> seen;
  for (const ByteCount offset : offsets) {
    const PackEntryHeader header = headers.at(offset);
    if (header.type == kRefDelta && !index.contains(header.base) && seen.insert(header.base).second)
      bases.push_back(header.base);
  }
  return bases;
}

PackContent complete_thin_pack(const fs::path& file, PackContent content, const std::vector<Oid>& bases,
                               ObjectSource& elsewhere, const std::stop_token& stop) {
  const ObjectFormat format = content.checksum.format();
  ByteCount end = FileSource(file).size() - raw_size(format);
  OpenPack pack(file);
  for (const Oid& base : bases) {
    const auto object = elsewhere.read(base, stop);
    if (!object)
      throw Error(ErrorKind::corrupt,
                  fmt::format("the pack builds on the object {}, which is not in the backup", base.hex()));
    const std::string entry =
        entry_header(object->type, object->content.size()) + deflate_fast(object->content);
    pack.write_at(end, entry);
    content.entries.push_back({.oid = base, .crc32 = crc32_of(entry), .offset = end});
    end += entry.size();
  }
  if (content.entries.size() > std::numeric_limits<std::uint32_t>::max())
    throw Error(ErrorKind::corrupt, "the pack has more objects than a pack can have");
  pack.write_at(kCountOffset, big_endian(static_cast<std::uint32_t>(content.entries.size())));
  FileSource appended(file);
  content.checksum = Oid::from_raw(hash_of_pack(appended, end, format, stop), format);
  pack.write_at(end, content.checksum.raw());
  std::sort(content.entries.begin(), content.entries.end(), &stands_before);
  return content;
}

}  // namespace hubkeep
