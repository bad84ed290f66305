// The certificate authorities of this system, which are not always where libcurl was built to look for them;
// and those of the user together with them.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace hubkeep {

/// The first of `places` that can be read; empty where none can, or where libcurl's own place `built_in` can.
std::string find_ca_bundle(std::string_view built_in, std::span<const std::string_view> places);

/// The same for this system, looked for once. Empty: libcurl finds it by itself.
const std::string& system_ca_bundle();

/// Whether libcurl was built to look into a folder of certificates as well, which it does beside any bundle.
bool has_ca_folder();

/// The certificates of `file` and, behind them, of the system's bundle: for libcurl, which takes one file.
/// Throws Error(invalid), which calls the file `name`, where it cannot be read or holds no certificate.
std::string with_system_bundle(const std::string& file, std::string_view name);

}  // namespace hubkeep
