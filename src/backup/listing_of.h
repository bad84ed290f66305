// What a listing of GitHub's says of a repository, as a vault keeps it.
#pragma once

#include "github/github.h"
#include "vault/manifest.h"

namespace hubkeep {

Listing listing_of(const Repository& repository);

}  // namespace hubkeep
