#include "metadata/columns.h"

#include <algorithm>
#include <array>

namespace hubkeep {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

// Unicode's East_Asian_Width W and F, in blocks.
constexpr std::array kWide = {
    Range{0x1100, 0x115F},   Range{0x2E80, 0x303E},   Range{0x3041, 0xA4CF},   Range{0xA960, 0xA97F},
    Range{0xAC00, 0xD7A3},   Range{0xF900, 0xFAFF},   Range{0xFE30, 0xFE6F},   Range{0xFF01, 0xFF60},
    Range{0xFFE0, 0xFFE6},   Range{0x1F300, 0x1F64F}, Range{0x1F680, 0x1F6FF}, Range{0x1F900, 0x1F9FF},
    Range{0x1FA70, 0x1FAFF}, Range{0x20000, 0x3FFFD},
};
constexpr std::array kWithoutWidth = {Range{0x0300, 0x036F}, Range{0x1AB0, 0x1AFF}, Range{0x20D0, 0x20FF}};

template <typename Ranges>
bool is_in(const Ranges& ranges, char32_t code_point) {
  return std::any_of(ranges.begin(), ranges.end(), [&](const Range& range) {
    return range.first <= code_point && code_point <= range.last;
  });
}

std::size_t width_of(char32_t code_point) {
  constexpr char32_t kFirstOfAny = 0x0300;
  if (code_point < kFirstOfAny) return 1;
  if (is_in(kWide, code_point)) return 2;
  return is_in(kWithoutWidth, code_point) ? 0 : 1;
}

}  // namespace

Character first_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1;
  if (size == 1 || size > text.size()) return {1, first};
  char32_t code_point = first & (0xFFU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return {1, first};
    code_point = (code_point << 6) | (byte(i) & 0x3FU);
  }
  return {size, code_point};
}

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    const Character character = first_character(text);
    columns += width_of(character.code_point);
    text.remove_prefix(character.size);
  }
  return columns;
}

std::string cut_to(std::string_view text, std::size_t columns) {
  if (columns_of(text) <= columns) return std::string(text);
  std::size_t end = 0;
  std::size_t used = 1;  // the ellipsis
  while (end < text.size()) {
    const Character character = first_character(text.substr(end));
    used += width_of(character.code_point);
    if (used > columns) break;
    end += character.size;
  }
  return std::string(text.substr(0, end)) + "…";
}

}  // namespace hubkeep
