// A repository of GitHub's, as a vault keeps it and as the batches of a run carry it.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "github/github.h"
#include "vault/listing.h"
#include "vault/subject.h"

namespace hubkeep {

Listing listing_of(const Repository& repository);
SubjectId subject_of(const Repository& repository);

/// Its listing, and what else a worker needs to know of it.
nlohmann::ordered_json to_json(const Repository& repository);
/// Throws Error(corrupt), or nlohmann::json's exceptions for what is missing or of another type.
Repository repository_from_json(const nlohmann::ordered_json& json);

}  // namespace hubkeep
