// Objects are cut into pieces, which some threads take one after the other and write where they belong in the
// file. SHA-256 wants bytes in their order: whoever has written a piece hashes, out of the page cache, all
// that now follows on what was hashed before, unless somebody is at it. An object's first piece is hashed as
// it comes, so that what is small, and what is left out, is never read again.
#include "restore/fetch_objects.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <mutex>
#include <system_error>

#include "base/counted_sink.h"
#include "base/error.h"
#include "base/file_descriptor.h"
#include "base/file_error.h"
#include "base/parallel.h"
#include "base/text.h"
#include "crypto/hash.h"

namespace hubkeep {
namespace {

constexpr std::size_t kAtOnce = 4;
constexpr ByteCount kPiece = ByteCount{8} << 20;  // in the page cache still when its turn to be hashed comes
constexpr ByteCount kReadAtOnce = ByteCount{256} << 10;

// Writes on from an offset. Memory does not grow: what comes is on disk before the next comes.
class OffsetSink final : public ByteSink {
 public:
  OffsetSink(int file, ByteCount offset, const std::filesystem::path& path)
      : file_(file), offset_(offset), path_(path) {}
  void write(std::string_view bytes) override {
    while (!bytes.empty()) {
      const auto written = ::pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(offset_));
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) throw file_error(errno, "write", path_.string());
      bytes.remove_prefix(static_cast<std::size_t>(written));
      offset_ += static_cast<ByteCount>(written);
    }
  }

 private:
  const int file_;
  ByteCount offset_;
  const std::filesystem::path& path_;
};

/// Leaves out what comes first.
class SkippingSink final : public ByteSink {
 public:
  SkippingSink(ByteCount left_out, ByteSink& next) : left_(left_out), next_(next) {}
  void write(std::string_view bytes) override {
    const auto out = static_cast<std::size_t>(std::min<ByteCount>(left_, bytes.size()));
    left_ -= out;
    bytes.remove_prefix(out);
    if (!bytes.empty()) next_.write(bytes);
  }

 private:
  ByteCount left_;
  ByteSink& next_;
};

/// One object on its way.
class Arrival {
 public:
  explicit Arrival(const FileOrder& order)
      : order_(order), part_(order.file.string() + ".part"), hasher_(HashKind::sha256) {
    if (order.left_out > order.record.size)
      throw Error(ErrorKind::corrupt, fmt::format("{} has no {} bytes", order.record.key, order.left_out));
    first_ = std::min(order.record.size, order.left_out + kPiece);
    const ByteCount rest = order.record.size - first_;
    is_there_.resize(1 + static_cast<std::size_t>((rest + kPiece - 1) / kPiece));
  }

  std::size_t pieces() const { return is_there_.size(); }

  void fetch(std::size_t piece, const ObjectsOf& from, const std::function<void(ByteCount)>& received,
             const std::stop_token& stop) {
    open();
    const ByteCount begin = begin_of(piece);
    OffsetSink file(file_.get(), begin - std::min(begin, order_.left_out), part_);
    SkippingSink skipping(piece == 0 ? order_.left_out : 0, file);
    TeeSink hashed(hasher_, skipping);
    CountedSink counted(piece == 0 ? static_cast<ByteSink&>(hashed) : file, received);
    from.objects.read_piece(from.folder, order_.record, begin, begin_of(piece + 1) - begin, counted, stop);
    hash_on(piece, stop);
  }

 private:
  ByteCount begin_of(std::size_t piece) const {
    return piece == 0 ? 0 : std::min(order_.record.size, first_ + (piece - 1) * kPiece);
  }

  void open() {
    const std::scoped_lock lock(mutex_);
    if (file_.valid()) return;
    file_ = FileDescriptor(::open(part_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, order_.mode));
    if (!file_.valid()) throw file_error(errno, "write", part_.string());
  }

  void hash_on(std::size_t piece, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    is_there_[piece] = true;
    if (is_hashing_) return;
    is_hashing_ = true;
    while (hashed_ < pieces() && is_there_[hashed_]) {
      lock.unlock();
      if (hashed_ > 0) hash(begin_of(hashed_), begin_of(hashed_ + 1), stop);
      lock.lock();
      ++hashed_;
    }
    is_hashing_ = false;
    if (hashed_ == pieces()) finish();
  }

  void hash(ByteCount begin, ByteCount end, const std::stop_token& stop) {
    std::string buffer(kReadAtOnce, '\0');
    while (begin < end) {
      if (stop.stop_requested()) throw Error(ErrorKind::cancelled, "stopped while reading");
      const auto got = ::pread(file_.get(), buffer.data(), std::min<ByteCount>(buffer.size(), end - begin),
                               static_cast<off_t>(begin - order_.left_out));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) throw file_error(got < 0 ? errno : EIO, "read", part_.string());
      hasher_.write(std::string_view(buffer).substr(0, static_cast<std::size_t>(got)));
      begin += static_cast<ByteCount>(got);
    }
  }

  void finish() {
    if (to_hex(hasher_.finish()) != order_.record.sha256)
      throw Error(ErrorKind::corrupt, "it is not what was written: its SHA-256 differs");
    file_ = FileDescriptor();
    std::error_code error;
    std::filesystem::rename(part_, order_.file, error);
    if (error) throw file_error(error.value(), "rename to", order_.file.string());
  }

  const FileOrder& order_;
  const std::filesystem::path part_;
  ByteCount first_ = 0;  // bytes of the first piece

  std::mutex mutex_;  // guards what follows; hasher_ and hashed_ are the thread's that hashes
  FileDescriptor file_;
  std::vector<bool> is_there_;  // of pieces
  bool is_hashing_ = false;
  std::size_t hashed_ = 0;
  Hasher hasher_;
};

}  // namespace

void fetch_objects(const ObjectsOf& from, const std::vector<FileOrder>& orders,
                   const std::function<void(ByteCount)>& received, const std::stop_token& stop) {
  struct Piece {
    std::size_t arrival;
    std::size_t piece;
  };
  std::vector<std::unique_ptr<Arrival>> arrivals;
  std::vector<Piece> pieces;
  for (const FileOrder& order : orders) {
    arrivals.push_back(std::make_unique<Arrival>(order));
    for (std::size_t piece = 0; piece < arrivals.back()->pieces(); ++piece)
      pieces.push_back({arrivals.size() - 1, piece});
  }
  work_in_parallel_or_throw(pieces.size(), kAtOnce, [&](std::size_t i) {
    if (stop.stop_requested()) throw Error(ErrorKind::cancelled, "stopped while reading");
    with_context(orders[pieces[i].arrival].record.key,
                 [&] { arrivals[pieces[i].arrival]->fetch(pieces[i].piece, from, received, stop); });
  });
}

}  // namespace hubkeep
