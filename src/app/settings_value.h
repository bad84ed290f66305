// The text of a setting turned into its typed value.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/secret.h"

namespace hubkeep {

enum class SettingType { text, text_list, boolean, number, duration, byte_count, secret, pem, path };

/// Not to be shown, and never the value of a flag. A token is `secret`; a key, which has lines, is `pem`.
bool is_secret(SettingType type);

/// Numbers and byte counts are both std::uint64_t.
using SettingValue = std::variant<std::string, std::vector<std::string>, bool, std::uint64_t,
                                  std::chrono::seconds, std::filesystem::path, Secret>;

/// Both ends are allowed.
struct SettingRange {
  std::uint64_t minimum = 0;
  std::uint64_t maximum = std::numeric_limits<std::uint64_t>::max();
};

/// `items` as a source gave them: a list may be cut into items or stand in one, separated by commas or white
/// space; of any other type the last item counts. Throws Error(invalid) without context, which shows the
/// value unless it is secret. `origin` is kept in a Secret.
SettingValue parse_setting(SettingType type, const SettingRange& range, const std::vector<std::string>& items,
                           const std::string& origin);

/// True for "owner/name": two parts, neither empty.
bool is_repository_name(std::string_view text);

}  // namespace hubkeep
