#include "metadata/yaml_text.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string_view>

namespace hubkeep {
namespace {

unsigned byte_at(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

// Of a character of two or three bytes (RFC 3629), which the text has whole.
unsigned code_point(std::string_view character) {
  unsigned code = byte_at(character, 0) & (character.size() == 2 ? 0x1FU : 0x0FU);
  for (std::size_t i = 1; i < character.size(); ++i) code = (code << 6U) | (byte_at(character, i) & 0x3FU);
  return code;
}

std::size_t length_of(unsigned first) {
  return first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

bool is_for_escape(unsigned code) {
  return (code >= 0x7F && code < 0xA0) || code == 0x2028 || code == 0x2029 || code == 0xFEFF ||
         code == 0xFFFE || code == 0xFFFF;
}

}  // namespace

std::string yaml_text(const nlohmann::ordered_json& value) {
  // Below 0x20 all is escaped in JSON already, and what is to be escaped stands in strings alone.
  const std::string json = value.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  std::string text;
  text.reserve(json.size());
  for (std::size_t i = 0; i < json.size();) {
    const std::size_t length = length_of(byte_at(json, i));
    const std::string_view character = std::string_view(json).substr(i, length);
    const unsigned code = length == 1 ? byte_at(json, i) : length == 4 ? 0 : code_point(character);
    if (is_for_escape(code))
      text += fmt::format("\\u{:04x}", code);
    else
      text += character;
    i += length;
  }
  return text;
}

}  // namespace hubkeep
