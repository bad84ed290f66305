// git's index, version 2: a header, entries sorted by path, and the hash of all before it (gitformat-index).
// With the files' times and inodes in it, git's first `status` need not read them all; without, they are zero
// and git reads them. See CheckOutTest.TellsTheIndexWhatItWrote.
#include "localgit/index_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>

#include "base/error.h"
#include "base/file_descriptor.h"
#include "base/text.h"
#include "crypto/hash.h"

namespace hubkeep {
namespace {

constexpr std::size_t kMaxNameInFlags = 0xFFF;  // a longer one ends with its NUL
constexpr std::size_t kWriteSize = std::size_t{1} << 20;
constexpr std::size_t kHeader = 12;
constexpr std::size_t kFacts = 40;               // of an entry, before its oid
constexpr std::uint32_t kWithExtendedFlags = 3;  // the version; 4 cuts paths short

void put_32(std::string& out, std::uint32_t value) {
  for (unsigned shift = 32; shift != 0; shift -= 8)
    out += static_cast<char>(static_cast<unsigned char>(value >> (shift - 8)));
}

std::uint32_t get_16(std::string_view bytes, std::size_t place) {
  return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[place])) << 8U |
         static_cast<unsigned char>(bytes[place + 1]);
}

std::uint32_t get_32(std::string_view bytes, std::size_t place) {
  return get_16(bytes, place) << 16U | get_16(bytes, place + 2);
}

void put_facts(std::string& out, const FileFacts& found, std::uint32_t mode) {
  for (const auto value :
       {found.changed, found.changed_nanoseconds, found.modified, found.modified_nanoseconds, found.device,
        found.number, mode, found.user, found.group, found.size}) {
    put_32(out, value);
  }
}

HashKind hash_kind(ObjectFormat format) {
  return format == ObjectFormat::sha1 ? HashKind::sha1 : HashKind::sha256;
}

bool write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

void put_entry(std::string& out, const PlannedEntry& entry, const FileFacts& found) {
  const std::size_t begin = out.size();
  put_facts(out, found, static_cast<std::uint32_t>(entry.mode));
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
  Hasher hasher(hash_kind(format));
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

IndexFile::IndexFile(std::filesystem::path path, ObjectFormat format, std::string bytes)
    : path_(std::move(path)), format_(format), bytes_(std::move(bytes)) {}

std::optional<IndexFile> IndexFile::read(const std::filesystem::path& path, ObjectFormat format) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const std::size_t hash = raw_size(format);
  if (!file.good() && !file.eof()) return std::nullopt;
  if (bytes.size() < kHeader + hash || !bytes.starts_with("DIRC")) return std::nullopt;
  const std::uint32_t version = get_32(bytes, 4);
  if (version != 2 && version != kWithExtendedFlags) return std::nullopt;
  Hasher hasher(hash_kind(format));
  hasher.write(std::string_view(bytes).substr(0, bytes.size() - hash));
  if (hasher.finish() != bytes.substr(bytes.size() - hash)) return std::nullopt;
  bytes.resize(bytes.size() - hash);
  IndexFile index(path, format, std::move(bytes));
  if (!index.find_entries()) return std::nullopt;
  return index;
}

bool IndexFile::find_entries() {
  constexpr unsigned kExtended = 0x4000;
  constexpr unsigned kStage = 0x3000;
  const std::size_t fixed = kFacts + raw_size(format_) + 2;
  std::size_t place = kHeader;
  for (std::uint32_t left = get_32(bytes_, 8); left != 0; --left) {
    if (bytes_.size() < place + fixed + 1) return false;
    const unsigned flags = get_16(bytes_, place + fixed - 2);
    const std::size_t name = place + fixed + ((flags & kExtended) != 0 ? 2 : 0);
    const std::size_t end = bytes_.find('\0', name);
    if (end == std::string::npos) return false;
    if ((flags & kStage) == 0) entries_.push_back({place, name, end - name});
    place += (end - place) / 8 * 8 + 8;
  }
  return place <= bytes_.size();
}

void IndexFile::visit(const std::function<void(const Entry&)>& visit) const {
  for (const Found& found : entries_) {
    const auto field = [&](std::size_t number) { return get_32(bytes_, found.place + 4 * number); };
    visit({.path = std::string_view(bytes_).substr(found.name, found.name_size),
           .mode = field(6),
           .oid = Oid::from_raw(std::string_view(bytes_).substr(found.place + kFacts, raw_size(format_)),
                                format_),
           .facts = {.changed = field(0),
                     .changed_nanoseconds = field(1),
                     .modified = field(2),
                     .modified_nanoseconds = field(3),
                     .device = field(4),
                     .number = field(5),
                     .user = field(7),
                     .group = field(8),
                     .size = field(9)},
           .place = found.place});
  }
}

void IndexFile::set_facts(std::size_t place, const FileFacts& facts) {
  std::string text;
  put_facts(text, facts, get_32(bytes_, place + 4 * 6));
  bytes_.replace(place, text.size(), text);
}

// Under a name of its own, not as index.lock: a run that is killed would leave that, and git would do nothing
// any more.
void IndexFile::write() {
  const auto fail = [&](const std::string& why) {
    throw Error(ErrorKind::internal, fmt::format("cannot write {}: {}", printable(path_.string()), why));
  };
  if (std::filesystem::exists(path_.string() + ".lock")) fail("a git is at work on it");
  const std::string made = path_.string() + ".hubkeep-" + random_hex(8);
  FileDescriptor file(::open(made.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  if (!file.valid()) fail(std::generic_category().message(errno));
  Hasher hasher(hash_kind(format_));
  hasher.write(bytes_);
  const std::string hash = hasher.finish();
  std::error_code error;
  if (!write_all(file.get(), bytes_) || !write_all(file.get(), hash) || ::fsync(file.get()) != 0)
    error = std::error_code(errno, std::generic_category());
  file = FileDescriptor();
  if (!error) std::filesystem::rename(made, path_, error);
  if (!error) return;
  ::unlink(made.c_str());
  fail(error.message());
}

}  // namespace hubkeep
