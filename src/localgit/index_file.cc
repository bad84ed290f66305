// git's index, version 2: a header, entries sorted by path, and the hash of all before it (gitformat-index).
// With the files' times and inodes in it, git's first `status` need not read them all; without, they are zero
// and git reads them. See CheckOutTest.TellsTheIndexWhatItWrote.
#include "localgit/index_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <string>
#include <system_error>

#include "base/error.h"
#include "base/text.h"
#include "crypto/hash.h"

namespace hubkeep {
namespace {

constexpr std::size_t kMaxNameInFlags = 0xFFF;  // a longer one ends with its NUL
constexpr std::size_t kWriteSize = std::size_t{1} << 20;

void put_32(std::string& out, std::uint32_t value) {
  for (unsigned shift = 32; shift != 0; shift -= 8)
    out += static_cast<char>(static_cast<unsigned char>(value >> (shift - 8)));
}

void put_entry(std::string& out, const PlannedEntry& entry, const FileFacts& found) {
  const std::size_t begin = out.size();
  for (const auto value :
       {found.changed, found.changed_nanoseconds, found.modified, found.modified_nanoseconds, found.device,
        found.number, static_cast<std::uint32_t>(entry.mode), found.user, found.group, found.size}) {
    put_32(out, value);
  }
  out += entry.oid.raw();
  const std::size_t flags = std::min(entry.path.size(), kMaxNameInFlags);
  out += static_cast<char>(flags >> 8U);
  out += static_cast<char>(flags & 0xFFU);
  out += entry.path;
  // One NUL at least, and as many as make the entry's length a multiple of eight.
  out.append(8 - (out.size() - begin) % 8, '\0');
}

std::uint32_t low(std::uint64_t value) {
  return static_cast<std::uint32_t>(value & 0xFFFFFFFFU);
}

}  // namespace

FileFacts facts_of(const struct ::stat& status) {
  return {.changed = low(static_cast<std::uint64_t>(status.st_ctim.tv_sec)),
          .changed_nanoseconds = low(static_cast<std::uint64_t>(status.st_ctim.tv_nsec)),
          .modified = low(static_cast<std::uint64_t>(status.st_mtim.tv_sec)),
          .modified_nanoseconds = low(static_cast<std::uint64_t>(status.st_mtim.tv_nsec)),
          .device = low(status.st_dev),
          .number = low(status.st_ino),
          .user = status.st_uid,
          .group = status.st_gid,
          .size = low(static_cast<std::uint64_t>(status.st_size))};
}

void write_index(const std::filesystem::path& path, ObjectFormat format,
                 const std::vector<PlannedEntry>& entries, const std::vector<FileFacts>& found) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  Hasher hasher(format == ObjectFormat::sha1 ? HashKind::sha1 : HashKind::sha256);
  std::string out = "DIRC";
  const auto flush = [&] {
    hasher.write(out);
    file << out;
    out.clear();
  };
  put_32(out, 2);
  put_32(out, static_cast<std::uint32_t>(entries.size()));
  for (std::size_t i = 0; i < entries.size(); ++i) {
    put_entry(out, entries[i], i < found.size() ? found[i] : FileFacts{});
    if (out.size() >= kWriteSize) flush();
  }
  flush();
  file << hasher.finish();
  file.close();
  if (file) return;
  throw Error(ErrorKind::internal, fmt::format("cannot write {}: {}", printable(path.string()),
                                               std::generic_category().message(errno)));
}

}  // namespace hubkeep
