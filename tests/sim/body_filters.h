// Filters between a handler and the socket that spoil a body on its way. Those that know git's answers read
// pkt-lines (gitprotocol-common) and side-band packets, whose first byte is the band.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/http_message.h"

namespace hubkeep::sim {

enum class BodyEnd { clean, broken };

/// A pkt-line that carries `payload`.
std::string packet(std::string_view payload);
/// A whole answer to the version 2 command fetch: the sections, each with the delimiter that ends it, and the
/// pack on side-band 1.
std::string pack_answer(const std::vector<std::string>& sections, std::string_view pack);

BodySource cut_after(BodySource body, std::uint64_t bytes, BodyEnd end);
/// Leaves out the last `size` bytes.
BodySource without_tail(BodySource body, std::size_t size);
/// `pause` sleeps, and says no when the body is to be broken off.
BodySource drip(BodySource body, std::uint64_t bytes_per_second,
                std::function<bool(std::chrono::milliseconds)> pause);
BodySource fatal_band(BodySource body, std::string text, std::uint64_t after);
BodySource flip_pack_bit(BodySource body, std::uint64_t offset, unsigned bit);
BodySource wrong_trailer(BodySource body);

}  // namespace hubkeep::sim
