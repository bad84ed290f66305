// Which texts are object keys: the one check that keeps every name inside the store.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace hubkeep {

constexpr std::size_t kMaxKeySize = 1024;       // S3: object key length in bytes
constexpr std::size_t kMaxComponentSize = 255;  // Linux: NAME_MAX

/// The first component that no key may have: folder stores keep unfinished files there.
constexpr std::string_view kTemporaryFolder = ".tmp";

bool is_valid_component(std::string_view component);
bool is_valid_key(std::string_view key);

/// Throws Error(invalid) for what is no key, see ObjectKey.
void check_key(std::string_view key);
void check_keys(std::span<const std::string> keys);
/// The same for a prefix: empty, or a key and a '/'.
void check_prefix(std::string_view prefix);

/// "a/b" of "a/b/c", empty for "c".
std::string_view folder_of(std::string_view key);
/// "c" of "a/b/c".
std::string_view last_component(std::string_view key);

}  // namespace hubkeep
