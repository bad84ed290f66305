// Where this system has its certificate authorities, when that is not where libcurl was built to look for
// them.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace hubkeep {

/// The first of `places` that can be read; empty where none can, or where libcurl's own place `built_in` can.
std::string find_ca_bundle(std::string_view built_in, std::span<const std::string_view> places);

/// The same for this system, looked for once. Empty: libcurl finds it by itself.
const std::string& system_ca_bundle();

}  // namespace hubkeep
