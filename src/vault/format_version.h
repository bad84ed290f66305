// Whether this version may read what another has written.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace hubkeep {

constexpr int kFormatVersion = 1;

constexpr std::string_view kUseNewerVersion = "use that version or a newer one";

/// The `program` that wrote a document, ready to be printed.
std::string program_of(const nlohmann::ordered_json& json);

/// Throws Error(invalid) for a `format` or one of `features` that this version does not know, naming the
/// `program` that wrote it; nlohmann::json's exceptions where these fields are missing.
void check_version(const nlohmann::ordered_json& json);

}  // namespace hubkeep
