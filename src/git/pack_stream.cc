// A state machine over a window of bytes. write() appends to the window, then steps are made until one lacks
// bytes; what was read and hashed leaves the window. An entry takes one of two ways:
//   whole: it is small, so libdeflate inflates it at once when its last byte has come
//   stream: it is large, or libdeflate does not like it; isa-l inflates it piece by piece
// A pack does not say where a zlib stream ends: only inflating it tells. So at any step more bytes may be in
// the window than the entry has, and at the pack's end fewer than it could have.
#include "git/pack_stream.h"

#include <fmt/format.h>
#include <isa-l/igzip_lib.h>
#include <libdeflate.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/crc32.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/hash.h"

namespace hubkeep {
namespace {

// libdeflate is faster than isa-l, but needs the whole compressed entry in memory.
constexpr std::size_t kWholeEntryLimit = 1 << 20;
constexpr std::size_t kStreamOutput = 64 << 10;
constexpr std::size_t kCompactAt = 512 << 10;
// Of a streamed entry so many compressed bytes stay in the window, to be handed out as a whole.
constexpr std::size_t kMostHandedOut = 512 << 10;
// isa-l reads ahead into a register and gives back what it did not use, perhaps from before the newest bytes.
constexpr std::size_t kReadAhead = 16;

// No deflate encoder in use makes more than this of so many bytes. Where one does, nothing breaks: libdeflate
// meets the end of the window within the stream, and the entry takes the other way.
std::size_t compressed_bound(std::uint64_t size) {
  return static_cast<std::size_t>(size + size / 16 + 64);
}

std::uint32_t big_endian_32(std::string_view bytes) {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i)
    value = value << 8U | static_cast<unsigned char>(bytes[static_cast<std::size_t>(i)]);
  return value;
}

}  // namespace

class PackStream::Impl {
 public:
  Impl(ObjectFormat format, PackEntryHandler& handler)
      : format_(format),
        handler_(handler),
        hasher_(format == ObjectFormat::sha1 ? HashKind::sha1 : HashKind::sha256) {}

  void write(std::string_view bytes) {
    window_.append(bytes);
    scan(false);
    // Not what isa-l may give back: once hashed, it could be compacted away, and position_ would lie before
    // the window.
    const std::size_t settled =
        state_ == State::stream ? position_ - std::min(position_, kReadAhead) : position_;
    hash_up_to(settled);
    if (state_ == State::stream) sum_up_to(settled);
    compact();
  }

  End finish() {
    scan(true);
    if (state_ != State::done) throw Error(ErrorKind::transient, "the pack is cut short " + where());
    return {.bytes = offset(), .objects = objects_, .trailer = trailer_};
  }

 private:
  static constexpr std::size_t kGone = std::string::npos;
  enum class State { header, entry, stream, trailer, done };

  // One step at a time, until a step needs bytes that have not come.
  void scan(bool at_end) {
    while (step(at_end)) {
    }
  }

  bool step(bool at_end) {
    switch (state_) {
      case State::header:
        return read_pack_header();
      case State::entry:
        return read_entry(at_end);
      case State::stream:
        return inflate_stream();
      case State::trailer:
        return read_trailer();
      case State::done:
        if (!unread().empty()) fail("bytes after the pack's trailer");
        return false;
    }
    return false;
  }

  bool read_pack_header() {
    if (unread().size() < kPackHeaderSize) return false;
    const auto header = unread().substr(0, kPackHeaderSize);
    if (!header.starts_with("PACK"))
      fail("not a pack: it begins with '" + printable(header.substr(0, 4)) + "'");
    const auto version = big_endian_32(header.substr(4));
    if (version != 2 && version != 3) fail(fmt::format("unknown pack version {}", version));
    objects_ = big_endian_32(header.substr(8));
    position_ += kPackHeaderSize;
    handler_.count(objects_);
    next_entry();
    return true;
  }

  void next_entry() { state_ = entries_done_ < objects_ ? State::entry : State::trailer; }

  bool read_entry(bool at_end) {
    const auto header = entry_header();
    if (!header) return false;
    const std::size_t bound = header->length + compressed_bound(header->size);
    if (header->size <= kWholeEntryLimit) {
      // To try with less would inflate a slowly arriving entry over and over. The last entries of a pack have
      // fewer bytes behind them than the bound: they wait for the end.
      if (unread().size() < bound && !at_end) return false;
      if (inflate_whole(*header)) return true;
    }
    begin_stream(*header);
    return true;
  }

  // parse_entry_header() knows what is wrong, the scanner where.
  std::optional<PackEntryHeader> entry_header() const {
    try {
      return parse_entry_header(unread(), offset(), format_);
    } catch (const Error& error) {
      fail(error.message());
    }
  }

  // False when libdeflate does not accept the bytes: the stream inflater then says what is wrong, or goes on.
  bool inflate_whole(const PackEntryHeader& header) {
    output_.resize(std::max(output_.size(), static_cast<std::size_t>(header.size) + 1));
    const auto input = unread().substr(header.length);
    std::size_t consumed = 0;
    const auto result =
        libdeflate_zlib_decompress_ex(decompressor_.get(), input.data(), input.size(), output_.data(),
                                      static_cast<std::size_t>(header.size), &consumed, nullptr);
    if (result != LIBDEFLATE_SUCCESS) return false;
    begin_entry(header);
    position_ += header.length + consumed;
    handler_.write({output_.data(), static_cast<std::size_t>(header.size)});
    entry_done(input.substr(0, consumed));
    return true;
  }

  void begin_entry(const PackEntryHeader& header) {
    entry_offset_ = header.offset;
    crc32_ = 0;
    summed_ = position_;
    handler_.begin(header);
  }

  void begin_stream(const PackEntryHeader& header) {
    isal_inflate_init(&stream_);
    stream_.crc_flag = ISAL_ZLIB;
    stream_size_ = header.size;
    inflated_ = 0;
    begin_entry(header);
    position_ += header.length;
    stream_begin_ = position_;
    state_ = State::stream;
  }

  bool inflate_stream() {
    const auto input = unread();
    // isa-l only reads there; its type is C's.
    stream_.next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(input.data()));
    stream_.avail_in = static_cast<std::uint32_t>(input.size());
    output_.resize(std::max(output_.size(), kStreamOutput));
    bool more = true;
    while (more && stream_.block_state != ISAL_BLOCK_FINISH) {
      stream_.next_out = reinterpret_cast<std::uint8_t*>(output_.data());
      stream_.avail_out = static_cast<std::uint32_t>(output_.size());
      const int result = isal_inflate(&stream_);
      if (result < 0 || result == ISAL_NEED_DICT)
        fail_entry(fmt::format("its zlib stream is damaged ({})", result));
      const std::size_t made = output_.size() - stream_.avail_out;
      inflated_ += made;
      // At once, or a bomb would be inflated to its end.
      if (inflated_ > stream_size_) fail_entry("it is longer than its header says");
      handler_.write({output_.data(), made});
      // Without input but with a full output there may be more in isa-l itself.
      more = stream_.avail_in > 0 || stream_.avail_out == 0;
    }
    position_ += input.size() - stream_.avail_in;
    if (stream_.block_state != ISAL_BLOCK_FINISH) return false;
    if (inflated_ != stream_size_) fail_entry("it is shorter than its header says");
    // Whole bytes that isa-l has in its register are of the next entry, or of the trailer.
    position_ -= static_cast<std::size_t>(stream_.read_in_length / 8);
    const bool is_at_hand = stream_begin_ != kGone && position_ - stream_begin_ <= kMostHandedOut;
    entry_done(is_at_hand ? std::string_view(window_).substr(stream_begin_, position_ - stream_begin_)
                          : std::string_view());
    return true;
  }

  void entry_done(std::string_view compressed) {
    sum_up_to(position_);
    const auto fault = handler_.end({.crc32 = crc32_, .compressed = compressed});
    if (!fault.empty()) fail_entry(fault);
    ++entries_done_;
    next_entry();
  }

  bool read_trailer() {
    if (unread().size() < raw_size(format_)) return false;
    hash_up_to(position_);  // all but the trailer itself, which is marked as hashed below
    const auto trailer = unread().substr(0, raw_size(format_));
    if (hasher_.finish() != trailer) fail("the trailer hash does not match");
    trailer_ = Oid::from_raw(trailer, format_);
    position_ += trailer.size();
    hashed_ = position_;
    state_ = State::done;
    return true;
  }

  void hash_up_to(std::size_t end) {
    if (state_ == State::done || end <= hashed_) return;
    hasher_.write(std::string_view(window_).substr(hashed_, end - hashed_));
    hashed_ = end;
  }

  void sum_up_to(std::size_t end) {
    if (end <= summed_) return;
    crc32_ = crc32_of(std::string_view(window_).substr(summed_, end - summed_), crc32_);
    summed_ = end;
  }

  // Forgets what has been read and hashed; a large remainder is moved seldom.
  void compact() {
    std::size_t done = std::min(hashed_, position_);
    if (state_ == State::stream && stream_begin_ != kGone) {
      if (position_ - stream_begin_ <= kMostHandedOut)
        done = std::min(done, stream_begin_);
      else
        stream_begin_ = kGone;
    }
    if (done < kCompactAt && done < window_.size()) return;
    window_.erase(0, done);
    window_offset_ += done;
    position_ -= done;
    hashed_ -= done;
    summed_ -= std::min(summed_, done);
    if (stream_begin_ != kGone) stream_begin_ -= std::min(stream_begin_, done);
  }

  std::string_view unread() const { return std::string_view(window_).substr(position_); }
  ByteCount offset() const { return window_offset_ + position_; }
  std::string where() const {
    return fmt::format("after {} bytes, {} of {} objects", window_offset_ + window_.size(), entries_done_,
                       objects_);
  }
  [[noreturn]] void fail(std::string_view what) const {
    throw Error(ErrorKind::corrupt, fmt::format("pack: {} (object {} of {}, offset {})", what,
                                                entries_done_ + 1, objects_, offset()));
  }
  [[noreturn]] void fail_entry(std::string_view what) const {
    throw Error(ErrorKind::corrupt,
                entry_place(entries_done_ + 1, objects_, entry_offset_) + ": " + std::string(what));
  }

  const ObjectFormat format_;
  PackEntryHandler& handler_;
  Hasher hasher_;
  State state_ = State::header;
  std::uint32_t objects_ = 0;
  Oid trailer_;
  std::uint32_t entries_done_ = 0;

  // Of a window's bytes, those before hashed_ and position_ are done with.
  std::string window_;           // bytes that are still needed
  ByteCount window_offset_ = 0;  // where window_ begins in the pack
  std::size_t position_ = 0;     // in window_: read up to here
  std::size_t hashed_ = 0;       // in window_: hashed up to here
  std::size_t summed_ = 0;       // in window_: in crc32_ up to here, from where the entry begins
  std::uint32_t crc32_ = 0;

  std::unique_ptr<libdeflate_decompressor, decltype(&libdeflate_free_decompressor)> decompressor_{
      libdeflate_alloc_decompressor(), &libdeflate_free_decompressor};
  std::vector<char> output_;  // inflated bytes
  inflate_state stream_{};
  std::size_t stream_begin_ = 0;  // in window_, or kGone
  std::uint64_t stream_size_ = 0;
  ByteCount entry_offset_ = 0;
  std::uint64_t inflated_ = 0;
};

PackStream::PackStream(ObjectFormat format, PackEntryHandler& handler)
    : impl_(std::make_unique<Impl>(format, handler)) {}
PackStream::~PackStream() = default;
void PackStream::write(std::string_view bytes) {
  impl_->write(bytes);
}
PackStream::End PackStream::finish() {
  return impl_->finish();
}

std::string entry_place(std::uint64_t number, std::uint64_t objects, ByteCount offset) {
  return fmt::format("pack: object {} of {} at offset {}", number, objects, offset);
}

}  // namespace hubkeep
