#include "base/shell_word.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace hubkeep {
namespace {

bool is_plain(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           std::string_view("_@%+:,./-").find(c) != std::string_view::npos;
  });
}

std::string quoted(std::string_view text) {
  std::string word = "'";
  for (const char c : text) {
    if (c == '\'') {
      word += "'\\''";
    } else {
      word += c;
    }
  }
  return word + "'";
}

bool is_harmless(unsigned char c) {
  return c >= ' ' && c < 0x7F;
}

// Not every shell has a quote in which a control character can be written down; each has printf, which takes
// a dash at its beginning for an option.
std::string escaped(std::string_view text) {
  std::string format;
  for (const char c : text) {
    if (!is_harmless(static_cast<unsigned char>(c)) || (c == '-' && format.empty())) {
      format += fmt::format("\\{:03o}", static_cast<unsigned char>(c));
    } else if (c == '%' || c == '\\') {
      format += {c, c};
    } else {
      format += c;
    }
  }
  return fmt::format("\"$(printf {})\"", quoted(format));
}

}  // namespace

std::string shell_word(std::string_view text) {
  if (is_plain(text)) return std::string(text);
  // The shell takes line feeds away from the end of what a command prints.
  const auto end = text.find_last_not_of('\n') + 1;
  const std::string_view feeds = text.substr(end);
  text = text.substr(0, end);
  std::string word = !is_utf8(text) || printable(text) != text ? escaped(text) : quoted(text);
  if (!feeds.empty()) word += quoted(feeds);
  return word;
}

}  // namespace hubkeep
