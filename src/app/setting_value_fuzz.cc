// The text of a setting as each of the types: within its range, or an Error.

#include "app/settings_value.h"
#include "base/text.h"
#include "fuzz/fuzz_support.h"

using namespace hubkeep;

namespace {

void check(SettingType type, const std::vector<std::string>& items) {
  constexpr SettingRange kRange{.minimum = 2, .maximum = 1000};
  const SettingValue value = parse_setting(type, kRange, items, "the test");
  if (const auto* number = std::get_if<std::uint64_t>(&value)) {
    fuzz::require(*number >= kRange.minimum && *number <= kRange.maximum, "a number is in its range");
  }
  if (const auto* duration = std::get_if<std::chrono::seconds>(&value)) {
    fuzz::require(duration->count() >= 0, "a duration is none back in time");
  }
  if (const auto* words = std::get_if<std::vector<std::string>>(&value)) {
    for (const auto& word : *words)
      fuzz::require(!word.empty() && trim(word) == word, "items of a list are words");
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(fuzz::as_text(data, size));
  for (int type = 0; type <= static_cast<int>(SettingType::path); ++type) {
    fuzz::error_of([&] { check(static_cast<SettingType>(type), {"first", text}); });
  }
  return 0;
}
