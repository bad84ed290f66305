// One of each kind that the Metadata knows, so that a test can see them all.
#pragma once

#include <string>

#include "sim/metadata.h"
#include "sim/world.h"

namespace hubkeep::sim {

/// Issues and pull requests with all that hangs on them, a discussion and a project; settings of each kind.
/// The people are "ann" and "ben", who are made where they are missing. Returns the place of the pull
/// request.
Place add_conversation_samples(World& world, RepositoryId id);
void add_settings_samples(World& world, RepositoryId id);
/// Of an organisation: a team with that repository, hook, ruleset, property, issue types. Of a user: profile,
/// keys, followers and watched repositories.
void add_organization_samples(World& world, const std::string& organization, RepositoryId id);
void add_user_samples(World& world, const std::string& user, RepositoryId id);

}  // namespace hubkeep::sim
