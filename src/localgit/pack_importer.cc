#include "localgit/pack_importer.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <atomic>
#include <cerrno>
#include <limits>

#include "base/error.h"
#include "base/file_descriptor.h"
#include "base/file_error.h"
#include "localgit/mapped_file.h"

namespace hubkeep {
namespace {

constexpr mode_t kFileMode = 0600;

}  // namespace

/// The pack's file, which is read while it grows: what left the indexer's cache is made again from there.
class PackImporter::Written final : public ByteSource {
 public:
  explicit Written(std::string path)
      : path_(std::move(path)),
        file_(::open(path_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, kFileMode)) {
    if (!file_.valid()) throw file_error(errno, "write", path_);
  }

  void append(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto written = ::write(file_.get(), bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) throw file_error(errno, "write", path_);
      size_ += static_cast<ByteCount>(written);
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
  }

  ByteCount size() const override { return size_; }
  std::string read(ByteCount offset, ByteCount length, const std::stop_token&) override {
    if (offset > size_ || length > size_ - offset)
      throw Error(ErrorKind::corrupt, fmt::format("the pack ends before byte {}", offset + length));
    return read_exactly(file_.get(), offset, length, path_);
  }

 private:
  const std::string path_;
  const FileDescriptor file_;
  std::atomic<ByteCount> size_ = 0;
};

// A repository is put together however large its packs are: the table of their objects is as large as it
// must.
PackImporter::PackImporter(PackFolder& packs, PackFiles files, std::stop_token stop)
    : packs_(packs),
      files_(std::move(files)),
      stop_(std::move(stop)),
      file_(std::make_unique<Written>(files_.pack.string())),
      indexer_(std::make_unique<PackIndexer>(
          packs.format(), nullptr,
          IndexingOptions{.memory = std::numeric_limits<ByteCount>::max(), .written = file_.get()})) {}

PackImporter::~PackImporter() = default;

void PackImporter::write(std::string_view bytes) {
  if (stop_.stop_requested()) throw Error(ErrorKind::cancelled, "stopped while indexing");
  file_->append(bytes);
  indexer_->write(bytes);
}

void PackImporter::finish() {
  try {
    indexer_->finish();
  } catch (const Error& error) {
    // A connection may break; what lies in a vault ends too early only where it is damaged.
    if (error.kind() != ErrorKind::transient) throw;
    throw Error(ErrorKind::corrupt, error.message());
  }
  auto indexed = indexer_->resolve(*file_, packs_, stop_);
  if (!indexed) throw Error(ErrorKind::internal, "cannot index the pack: " + indexer_->gave_up());
  indexer_.reset();  // its memory is needed no more
  write_index_file({.entries = std::move(indexed->entries), .checksum = indexed->checksum}, files_.index);
  packs_.add(files_, indexed->bases_elsewhere, stop_);
  packs_.close(indexed->links);
  is_connected_ = indexed->links.open() == 0 && indexed->unwalkable.empty();
}

}  // namespace hubkeep
