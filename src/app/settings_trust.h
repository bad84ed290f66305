// A folder of strangers must not command. As git's protected configuration: what was found in the current
// folder (`.env`, hubkeep.toml) may not name a destination, an authority, a file or a secret where that
// decides about something that the user has entrusted to hubkeep in another way.
//
// Two ranks are enough. The user's are flags, the environment, the files and secrets that these name, ~/.aws
// and the user's own hubkeep.toml: whoever can write one of them needs no hubkeep to do harm. Among them the
// earlier source wins, and none is kept from another.
#pragma once

#include <string>
#include <vector>

#include "app/settings_sources.h"

namespace hubkeep {

/// Something that a command has in its hands.
struct Stake {
  StakeSet kind = 0;  // one of kTokenStake …
  Trust trust = Trust::user;
  std::string origin;  // for messages: "TOKEN_GITHUB", "AWS_ACCESS_KEY_ID in .env"
};

using Stakes = std::vector<Stake>;

/// Whether the command signs in to GitHub: a backup, and a drill against it. Throws Error(invalid) where that
/// is said in words that mean nothing.
bool signs_in(Command command, const SettingSources& sources);

/// What `use` has at stake, as the sources stand. `reads_secret`: it asks AWS Secrets Manager.
Stakes stakes_of(const CommandUse& use, const SettingSources& sources, bool reads_secret);

/// Throws Error(invalid) for the first setting, or variable of AWS's, with which the folder would decide
/// about what is not its own; the message says which secret, and what to do.
void check_trust(const CommandUse& use, const SettingSources& sources, const Stakes& stakes);

/// Whether the user's own is written into a bucket: then the folder must not have a say in where that is.
bool writes_what_is_the_users(const Stakes& stakes);

}  // namespace hubkeep
