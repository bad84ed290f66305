// A pack that needs no other is taken as it is: its index was made when it was saved. Only what follows on
// the first can rest on something before it, so only there the entries are looked at.
#include "localgit/pack_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <system_error>

#include "base/error.h"
#include "base/file_error.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "git/pack_entry.h"
#include "localgit/mapped_file.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

constexpr auto kReadOnly = fs::perms::owner_read | fs::perms::group_read | fs::perms::others_read;  // as git

std::uint32_t objects_of(std::string_view header) {
  std::uint32_t count = 0;
  for (const char byte : header.substr(8, 4)) count = count << 8U | static_cast<unsigned char>(byte);
  return count;
}

// Throws Error(corrupt) where the index is another pack's.
void check_together(const PackIndex& index, ByteSource& pack, const std::stop_token& stop) {
  const std::size_t trailer = raw_size(index.format());
  if (pack.size() < kPackHeaderSize + trailer) throw Error(ErrorKind::corrupt, "the pack is cut");
  const std::string header = pack.read(0, kPackHeaderSize, stop);
  if (!header.starts_with("PACK")) throw Error(ErrorKind::corrupt, "not a pack: it does not begin as one");
  if (objects_of(header) != index.size())
    throw Error(ErrorKind::corrupt,
                fmt::format("the pack has {} objects and its index {}", objects_of(header), index.size()));
  if (pack.read(pack.size() - trailer, trailer, stop) != index.checksum().raw())
    throw Error(ErrorKind::corrupt, "the index is that of another pack");
}

PackContent content_of(const PackIndex& index) {
  PackContent content{.entries = {}, .checksum = index.checksum()};
  content.entries.reserve(index.size());
  for (std::size_t place = 0; place < index.size(); ++place) content.entries.push_back(index.entry(place));
  return content;
}

class FileSink final : public ByteSink {
 public:
  explicit FileSink(const fs::path& path) : path_(path), stream_(path, std::ios::binary | std::ios::trunc) {}
  void write(std::string_view bytes) override {
    stream_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }
  void finish() {
    stream_.close();
    if (!stream_) throw file_error(errno, "write", path_.string());
  }

 private:
  const fs::path path_;
  std::ofstream stream_;
};

void rename_file(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (error) throw file_error(error.value(), "rename to", to.string());
}

fs::path with_suffix(fs::path path, std::string_view suffix) {
  path += suffix;
  return path;
}

// Under names of its own until it is whole: whoever finds the two files finds a pair.
void complete(const PackFiles& files, PackContent content, const std::vector<Oid>& lacking,
              ObjectSource& elsewhere, const std::stop_token& stop) {
  const PackFiles whole{with_suffix(files.pack, ".part"), with_suffix(files.index, ".part")};
  rename_file(files.pack, whole.pack);
  content = complete_thin_pack(whole.pack, std::move(content), lacking, elsewhere, stop);
  write_index_file(content, whole.index);
  rename_file(whole.index, files.index);
  rename_file(whole.pack, files.pack);
}

// From elsewhere, both names lead to the same bytes then. Not every file system can.
void link_or_move(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::permissions(from, kReadOnly, error);
  if (from.parent_path() == to.parent_path()) return rename_file(from, to);
  fs::create_hard_link(from, to, error);
  if (!error || error == std::errc::file_exists) return;
  rename_file(from, to);
}

}  // namespace

struct PackFolder::Pack {
  Pack(const PackFiles& files, ObjectFormat format, BaseCache& cache)
      : bytes(files.index),
        index(bytes.bytes(), format),
        source(files.pack),
        reader(index, source, cache, std::numeric_limits<ByteCount>::max()) {}

  const MappedFile bytes;
  const PackIndex index;
  FileSource source;
  PackReader reader;
};

void write_index_file(const PackContent& content, const fs::path& file) {
  FileSink sink(file);
  write_pack_index(content.entries, content.checksum, sink);
  sink.finish();
}

bool are_whole(const PackFiles& files, ObjectFormat format, const std::stop_token& stop) {
  try {
    const MappedFile bytes(files.index);
    const PackIndex index(bytes.bytes(), format);
    FileSource pack(files.pack);
    check_together(index, pack, stop);
    return hash_of_pack(pack, pack.size() - raw_size(format), format, stop) == index.checksum().raw();
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::cancelled) throw;
    return false;
  }
}

PackFiles PackFolder::new_files() const {
  const fs::path name = folder_ / ("tmp_pack_" + random_hex(8));
  return {name, with_suffix(name, ".idx")};
}

void PackFolder::add(const PackFiles& files, const std::stop_token& stop) {
  std::vector<Oid> lacking;
  if (!packs_.empty()) {
    const MappedFile bytes(files.index);
    FileSource pack(files.pack);
    lacking = bases_elsewhere(PackIndex(bytes.bytes(), format_), pack, stop);
  }
  add(files, lacking, stop);
}

void PackFolder::add(const PackFiles& files, const std::vector<Oid>& lacking, const std::stop_token& stop) {
  std::optional<PackContent> incomplete;
  Oid checksum;
  {
    const MappedFile bytes(files.index);
    const PackIndex index(bytes.bytes(), format_);
    FileSource pack(files.pack);
    check_together(index, pack, stop);
    if (index.size() == 0) return;
    checksum = index.checksum();
    if (!lacking.empty()) incomplete = content_of(index);
  }
  if (incomplete) {
    complete(files, std::move(*incomplete), lacking, *this, stop);
    const MappedFile bytes(files.index);
    checksum = PackIndex(bytes.bytes(), format_).checksum();
  }
  take(files, checksum);
}

void PackFolder::take(const PackFiles& files, const Oid& checksum) {
  const std::string name = "pack-" + checksum.hex();
  const PackFiles taken{folder_ / (name + ".pack"), folder_ / (name + ".idx")};
  link_or_move(files.pack, taken.pack);  // git looks for a pack when it sees an index
  link_or_move(files.index, taken.index);
  packs_.push_back(std::make_shared<Pack>(taken, format_, cache_));
}

bool PackFolder::contains(const Oid& oid) const {
  return std::any_of(packs_.begin(), packs_.end(),
                     [&](const auto& pack) { return pack->index.contains(oid); });
}

std::optional<GitObject> PackFolder::read(const Oid& oid, const std::stop_token& stop) {
  NoObjects nothing;
  for (const auto& pack : packs_)
    if (auto object = pack->reader.read(oid, nothing, stop)) return object;
  return std::nullopt;
}

void PackFolder::close(LinkSet& links) const {
  for (const auto& pack : packs_)
    for (std::size_t place = 0; place < pack->index.size() && links.open() > 0; ++place)
      links.found(pack->index.oid(place), std::nullopt);
}

}  // namespace hubkeep
