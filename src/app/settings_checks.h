// What settings must be, each alone and together. Every function throws Error(invalid) that names the source
// of the value.
#pragma once

#include "app/settings_sources.h"

namespace hubkeep {

/// Each alone. Of quiet and verbose the one from the earlier source stays.
void check_settings(Settings& settings);

/// Together, once nothing is missing any more: also Error(unauthorized) for a secret without a token. A token
/// that other programs set is left aside where an App is named.
void check_whole_settings(Settings& settings, const SettingSources& sources, Command command);

}  // namespace hubkeep
