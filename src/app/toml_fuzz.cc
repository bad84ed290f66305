// TOML files: what was read reads the same when every value is written as a string.

#include <fmt/format.h>

#include "app/toml_source.h"
#include "fuzz/fuzz_support.h"

using namespace hubkeep;

namespace {

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const bool plain = static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\' && c != '\x7f';
    out += plain ? std::string(1, c) : fmt::format("\\u{:04X}", static_cast<unsigned char>(c));
  }
  return out + "\"";
}

std::string line_of(const std::string& key, const TomlValue& value) {
  std::string items;
  for (const auto& item : value.items) items += (items.empty() ? "" : ", ") + quoted(item);
  return quoted(key) + " = " + (value.is_array ? "[" + items + "]" : items) + "\n";
}

bool are_equal(const TomlValue& a, const TomlValue& b) {
  return a.items == b.items && a.is_array == b.is_array;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::as_text(data, size);
  fuzz::error_of([&] {
    const TomlValues values = parse_toml(text);
    std::string written;
    for (const auto& [key, value] : values) written += line_of(key, value);
    const TomlValues again = parse_toml(written);
    fuzz::require(again.size() == values.size(), "no key is lost");
    for (const auto& [key, value] : values)
      fuzz::require(are_equal(again.at(key), value), "what was read can be written: " + key);
  });
  return 0;
}
