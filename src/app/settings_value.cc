// A text becomes a value of its setting's type, the same way for flags, variables and files. Each message
// says what is wrong with the text and what would be right.
#include "app/settings_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "base/byte_sink.h"
#include "base/error.h"
#include "base/text.h"

namespace hubkeep {
namespace {

using Unit = std::pair<std::string_view, std::uint64_t>;

constexpr std::array<Unit, 4> kDurationUnits = {{{"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}}};
constexpr std::array<Unit, 5> kByteUnits = {
    {{"", 1}, {"B", 1}, {"KiB", 1ULL << 10U}, {"MiB", 1ULL << 20U}, {"GiB", 1ULL << 30U}}};
constexpr std::uint64_t kLongestDuration = 36500ULL * 86400;  // a hundred years: far from any overflow

[[noreturn]] void refuse(std::string_view text, std::string_view reason) {
  constexpr std::size_t kShown = 80;
  throw Error(ErrorKind::invalid, fmt::format("'{}' {}", printable(text.substr(0, kShown)), reason));
}

bool parse_boolean(std::string_view text) {
  const std::string word = to_lower(text);
  if (word == "true" || word == "yes" || word == "on" || word == "1") return true;
  if (word == "false" || word == "no" || word == "off" || word == "0") return false;
  refuse(text, "is not a boolean; write true or false (yes, no, on, off, 1 and 0 will do)");
}

// The digits at the start of `text`, which are taken off.
std::optional<std::uint64_t> take_digits(std::string_view& text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

template <std::size_t N>
std::optional<std::uint64_t> parse_with_unit(std::string_view text, const std::array<Unit, N>& units) {
  const auto value = take_digits(text);
  if (!value) return std::nullopt;
  const auto unit = std::find_if(units.begin(), units.end(),
                                 [&](const Unit& u) { return equals_ignoring_case(u.first, trim(text)); });
  if (unit == units.end()) return std::nullopt;
  if (*value > std::numeric_limits<std::uint64_t>::max() / unit->second) return std::nullopt;
  return *value * unit->second;
}

std::uint64_t parse_number(std::string_view text, const SettingRange& range) {
  std::string_view rest = text;
  const auto value = take_digits(rest);
  if (!value || !rest.empty()) refuse(text, "is not a whole number");
  if (*value < range.minimum || *value > range.maximum)
    refuse(text, fmt::format("is not between {} and {}", range.minimum, range.maximum));
  return *value;
}

std::chrono::seconds parse_duration(std::string_view text) {
  if (text == "0") return {};
  const auto seconds = parse_with_unit(text, kDurationUnits);
  if (!seconds || *seconds > kLongestDuration)
    refuse(text, "is not a duration; write a whole number and one of s, m, h, d, as in 24h");
  return std::chrono::seconds(*seconds);
}

ByteCount parse_byte_count(std::string_view text, const SettingRange& range) {
  const auto bytes = parse_with_unit(text, kByteUnits);
  if (!bytes) refuse(text, "is not a size; write a whole number and one of KiB, MiB, GiB, as in 64MiB");
  if (*bytes < range.minimum || *bytes > range.maximum)
    refuse(text,
           fmt::format("is not between {} and {}", human_size(range.minimum), human_size(range.maximum)));
  return *bytes;
}

std::vector<std::string> split_list(const std::vector<std::string>& items) {
  constexpr std::string_view kSeparators = ", \t\r\n";
  std::vector<std::string> words;
  for (std::string_view rest : items) {
    while (true) {
      rest.remove_prefix(std::min(rest.find_first_not_of(kSeparators), rest.size()));
      if (rest.empty()) break;
      const std::string_view word = rest.substr(0, rest.find_first_of(kSeparators));
      words.emplace_back(word);
      rest.remove_prefix(word.size());
    }
  }
  return words;
}

Secret parse_secret(std::string_view text, const std::string& origin) {
  if (text.empty()) throw Error(ErrorKind::invalid, "there is nothing in it");
  if (!std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; }))
    throw Error(ErrorKind::invalid,
                "the value holds white space or other bytes that no token has; it is not shown here");
  return {std::string(text), origin};
}

// Where a variable can have one line only, the ends of lines are written as "\\n".
Secret parse_pem(std::string_view text, const std::string& origin) {
  if (text.empty()) throw Error(ErrorKind::invalid, "there is nothing in it");
  std::string lines;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_written_out = text.substr(i, 2) == "\\n";
    lines += is_written_out ? '\n' : text[i];
    i += is_written_out ? 1 : 0;
  }
  return {std::string(trim(lines)) + '\n', origin};
}

}  // namespace

bool is_secret(SettingType type) {
  return type == SettingType::secret || type == SettingType::pem;
}

SettingValue parse_setting(SettingType type, const SettingRange& range, const std::vector<std::string>& items,
                           const std::string& origin) {
  if (type == SettingType::text_list) return split_list(items);
  const std::string& whole = items.back();
  const std::string_view text = trim(whole);
  switch (type) {
    case SettingType::boolean:
      return parse_boolean(text);
    case SettingType::number:
      return parse_number(text, range);
    case SettingType::duration:
      return parse_duration(text);
    case SettingType::byte_count:
      return parse_byte_count(text, range);
    case SettingType::secret:
      return parse_secret(text, origin);
    case SettingType::pem:
      return parse_pem(text, origin);
    case SettingType::path:
      return std::filesystem::path(whole);
    default:
      return std::string(text);
  }
}

bool is_repository_name(std::string_view text) {
  const auto slash = text.find('/');
  return slash != std::string_view::npos && slash > 0 && slash + 1 < text.size() &&
         text.find('/', slash + 1) == std::string_view::npos;
}

}  // namespace hubkeep
