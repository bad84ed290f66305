// What a repository of the simulated GitHub has now, in plain JSON: what a backup says is compared with it.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "sim/metadata.h"
#include "sim/world.h"

namespace hubkeep::sim {

/// By kind and id: {"issue": {"7": {…}}, "comment": {…}, "review_comment", "review", "thread", "event",
/// "commit_comment", "label", "milestone", "discussion", "discussion_comment", "settings": {kind: {id: …}}}.
/// Names of fields and values are those of REST; times are GitHub's texts; what is not there is missing.
nlohmann::json picture_of(const World& world, RepositoryId id);
/// {"project": {id: …}, "project_item": {id: …}} of an account.
nlohmann::json picture_of_projects(const World& world, const std::string& owner);

}  // namespace hubkeep::sim
