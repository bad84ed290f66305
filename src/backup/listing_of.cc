#include "backup/listing_of.h"

namespace hubkeep {

Listing listing_of(const Repository& repository) {
  return {.full_name = repository.full_name,
          .visibility = repository.visibility,
          .is_archived = repository.is_archived,
          .is_fork = repository.is_fork,
          .default_branch = repository.default_branch,
          .pushed_at = repository.pushed_at,
          .clone_url = repository.clone_url,
          .listed_at = repository.listed_at};
}

}  // namespace hubkeep
