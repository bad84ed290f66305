// The flags of commands that a person is advised to give. They work as they are printed: they name the vault,
// and have the flags with which the command that printed them had got there.
#pragma once

#include <string>
#include <vector>

#include "app/settings.h"

namespace hubkeep {

/// Of `flags`, as they were typed, those of `command`, ready for a shell: "--from /srv/vault --read-data".
std::string flag_words(Command command, const FlagValues& flags);

/// Those of the given flags that are needed to read the vault at `location`, and --from.
FlagValues reading_flags(const Settings& settings, const std::string& location);
/// The same to write it, with --to.
FlagValues writing_flags(const Settings& settings, const std::string& location);

}  // namespace hubkeep
