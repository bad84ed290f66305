// Who may read a file or folder, where the file system keeps that.
#pragma once

#include <filesystem>
#include <system_error>

namespace hubkeep {

/// As std::filesystem::permissions(), for what is this user's own; no error where its file system has no
/// modes.
void set_mode(const std::filesystem::path& path, std::filesystem::perms mode,
              std::filesystem::perm_options options, std::error_code& error);

/// Whether its mode lets others do anything with it.
bool is_open_to_others(const std::filesystem::path& path);

}  // namespace hubkeep
