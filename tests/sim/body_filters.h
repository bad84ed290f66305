// Filters between a handler and the socket that spoil a body on its way. Those that know git's answers read
// pkt-lines (gitprotocol-common) and side-band packets, whose first byte is the band.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/http_message.h"

namespace hubkeep::sim {

enum class BodyEnd { clean, broken };

/// Counts the bytes of a pack in an answer that passes in pieces, cut anywhere.
class PackMeter {
 public:
  static constexpr std::uint64_t kAll = std::numeric_limits<std::uint64_t>::max();

  /// How many bytes of the piece come before the pack has brought `most` more bytes and is to bring another;
  /// these are counted.
  std::size_t pass(std::string_view piece, std::uint64_t most = kAll);
  std::uint64_t pack_bytes() const { return pack_bytes_; }

 private:
  std::string length_;    // of the next packet, as far as it has come
  std::size_t left_ = 0;  // of the packet
  bool is_band_ = false;  // the next byte of it
  bool is_pack_ = false;
  std::uint64_t pack_bytes_ = 0;
};

/// A pkt-line that carries `payload`.
std::string packet(std::string_view payload);
/// A whole answer to the version 2 command fetch: the sections, each with the delimiter that ends it, and the
/// pack on side-band 1.
std::string pack_answer(const std::vector<std::string>& sections, std::string_view pack);

/// What answers have brought of packs is added to `sent`. When that is `bytes`, `stop` is called before the
/// next byte of a pack, and then the connection is broken. `again`: every answer that comes after it, too.
struct PackStop {
  std::uint64_t bytes = 0;
  std::shared_ptr<std::atomic<std::uint64_t>> sent;
  bool again = false;
  std::function<void()> stop = [] {};
};
BodySource stop_pack(BodySource body, PackStop stop);

BodySource cut_after(BodySource body, std::uint64_t bytes, BodyEnd end);
/// Leaves out the last `size` bytes.
BodySource without_tail(BodySource body, std::size_t size);
/// `pause` sleeps, and says no when the body is to be broken off.
BodySource drip(BodySource body, std::uint64_t bytes_per_second,
                std::function<bool(std::chrono::milliseconds)> pause);
BodySource fatal_band(BodySource body, std::string text, std::uint64_t after);
BodySource flip_pack_bit(BodySource body, std::uint64_t offset, unsigned bit);
BodySource flip_bit(BodySource body, std::uint64_t offset, unsigned bit);
BodySource wrong_trailer(BodySource body);

}  // namespace hubkeep::sim
