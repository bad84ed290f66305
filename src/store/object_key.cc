#include "store/object_key.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"

namespace hubkeep {
namespace {

constexpr std::size_t kShownSize = 300;

bool is_key_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("._-%@").find(c) != std::string_view::npos;
}

}  // namespace

bool is_valid_component(std::string_view component) {
  return !component.empty() && component.size() <= kMaxComponentSize && component != "." &&
         component != ".." && std::all_of(component.begin(), component.end(), is_key_character);
}

bool is_valid_key(std::string_view key) {
  if (key.size() > kMaxKeySize) return false;
  const auto components = split(key, '/');
  return components.front() != kTemporaryFolder &&
         std::all_of(components.begin(), components.end(), is_valid_component);
}

void check_key(std::string_view key) {
  if (is_valid_key(key)) return;
  throw Error(ErrorKind::invalid, "not a valid object key: '" + printable(key.substr(0, kShownSize)) + "'");
}

void check_keys(std::span<const std::string> keys) {
  for (const std::string& key : keys) check_key(key);
}

void check_prefix(std::string_view prefix) {
  if (prefix.empty()) return;
  if (prefix.ends_with('/') && is_valid_key(prefix.substr(0, prefix.size() - 1))) return;
  throw Error(ErrorKind::invalid, "no prefix of objects: '" + printable(prefix.substr(0, kShownSize)) + "'");
}

std::string_view folder_of(std::string_view key) {
  const auto slash = key.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : key.substr(0, slash);
}

std::string_view last_component(std::string_view key) {
  return key.substr(key.rfind('/') + 1);
}

}  // namespace hubkeep
