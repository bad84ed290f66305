#include "localgit/pack_importer.h"

#include <fcntl.h>

#include <cerrno>
#include <limits>

#include "base/error.h"
#include "base/file_error.h"
#include "localgit/mapped_file.h"

namespace hubkeep {
namespace {

constexpr mode_t kFileMode = 0600;

// A repository is put together however large its packs are: the table of their objects is as large as it
// must.
IndexingOptions options() {
  return {.memory = std::numeric_limits<ByteCount>::max()};
}

}  // namespace

PackImporter::PackImporter(PackFolder& packs, PackFiles files, std::stop_token stop)
    : packs_(packs),
      files_(std::move(files)),
      stop_(std::move(stop)),
      file_(::open(files_.pack.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kFileMode)),
      indexer_(std::make_unique<PackIndexer>(packs.format(), nullptr, options())) {
  if (!file_.valid()) throw file_error(errno, "write", files_.pack.string());
}

void PackImporter::write(std::string_view bytes) {
  if (stop_.stop_requested()) throw Error(ErrorKind::cancelled, "stopped while indexing");
  indexer_->write(bytes);
  while (!bytes.empty()) {
    const auto written = ::write(file_.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw file_error(errno, "write", files_.pack.string());
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void PackImporter::finish() {
  try {
    indexer_->finish();
  } catch (const Error& error) {
    // A connection may break; what lies in a vault ends too early only where it is damaged.
    if (error.kind() != ErrorKind::transient) throw;
    throw Error(ErrorKind::corrupt, error.message());
  }
  FileSource written(files_.pack);
  auto indexed = indexer_->resolve(written, packs_, stop_);
  if (!indexed) throw Error(ErrorKind::internal, "cannot index the pack: " + indexer_->gave_up());
  indexer_.reset();  // its memory is needed no more
  write_index_file({.entries = std::move(indexed->entries), .checksum = indexed->checksum}, files_.index);
  packs_.add(files_, indexed->bases_elsewhere, stop_);
  packs_.close(indexed->links);
  is_connected_ = indexed->links.open() == 0 && indexed->unwalkable.empty();
}

}  // namespace hubkeep
