#include "restore/safe_name.h"

#include <fmt/format.h>

#include "base/text.h"
#include "crypto/hash.h"
#include "vault/names.h"

namespace hubkeep {
namespace {

constexpr std::size_t kMaxName = 200;  // bytes; file systems take 255

// What Windows, or a shell's user, would trip over, and '%', so that what was encoded can be told.
constexpr std::string_view kNotInNames = "/\\:*?\"<>|%";

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

std::string percent(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) text += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  return text;
}

// The bytes of one character: those after the first begin with 10 (RFC 3629).
std::size_t character_at(std::string_view text, std::size_t begin) {
  std::size_t end = begin + 1;
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) ++end;
  return end - begin;
}

std::string encode_file(std::string_view name) {
  std::string encoded;
  for (std::size_t i = 0; i < name.size();) {
    const std::string_view character = name.substr(i, character_at(name, i));
    const bool is_plain = !is_control(character.front()) &&
                          kNotInNames.find(character.front()) == std::string_view::npos &&
                          printable(character) == character;
    encoded += is_plain ? std::string(character) : percent(character);
    i += character.size();
  }
  return encoded;
}

}  // namespace

std::string safe_folder(std::string_view name) {
  const std::string encoded = encode_name(name);
  return equals_ignoring_case(encoded, ".git") ? "%2E" + encoded.substr(1) : encoded;
}

std::string safe_file(std::string_view name) {
  std::string encoded = encode_file(name);
  // "." and "..", hidden files, and what Windows drops at the end.
  if (encoded.starts_with('.')) encoded.replace(0, 1, "%2E");
  if (encoded.ends_with('.') || encoded.ends_with(' ')) {
    const std::string last = percent(encoded.substr(encoded.size() - 1));
    encoded.replace(encoded.size() - 1, 1, last);
  }
  if (encoded.empty()) return "%";
  if (encoded.size() <= kMaxName) return encoded;
  std::size_t end = kMaxName;
  while (end > 0 && (static_cast<unsigned char>(encoded[end]) & 0xC0U) == 0x80U) --end;
  return encoded.substr(0, end) + "-" + sha256_hex(name).substr(0, 16);
}

std::string NamesOfFolder::take(const std::string& name, const std::string& id) {
  std::string taken = name;
  while (!taken_.insert(to_lower(taken)).second) taken = id + "-" + taken;
  return taken;
}

}  // namespace hubkeep
