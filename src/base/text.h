// Text that comes from outside, and text for people.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_count.h"

namespace hubkeep {

/// `text` made safe for a terminal and for one line: bytes that are no UTF-8, or one of
/// what is_unprintable() (controls, what has no width or turns the direction of text), stand as \xHH.
std::string printable(std::string_view text);

/// The same of many lines: line feeds stay.
std::string printable_lines(std::string_view text);

bool is_utf8(std::string_view text);

/// "1.5 MiB", "812 B"
std::string human_size(ByteCount bytes);

std::string to_lower(std::string_view ascii);
bool equals_ignoring_case(std::string_view a, std::string_view b);

/// A glob with `*` (any run, also across `/`), `?` and literal characters; ASCII case does not count.
bool glob_matches(std::string_view pattern, std::string_view text);

std::string_view trim(std::string_view text);
std::vector<std::string_view> split(std::string_view text, char separator);

/// Lower-case hexadecimal of raw bytes, and back; `from_hex` throws Error(corrupt).
std::string to_hex(std::string_view bytes);
std::string from_hex(std::string_view hex);

/// `n` lower-case hexadecimal digits from the system's random source.
std::string random_hex(std::size_t digits);

/// "1 tip", "2 tips"; `many` where it is not `one` with an s.
std::string count_of(std::uint64_t number, std::string_view one, std::string_view many = "");

}  // namespace hubkeep
