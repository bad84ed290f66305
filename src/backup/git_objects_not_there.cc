#include "backup/git_objects_not_there.h"

#include "backup/git_patience.h"
#include "git/ls_refs.h"

namespace hubkeep {

std::optional<Oid> ObjectsNotThere::believed(const Error& error, const OidSet& wants) {
  if (error.kind() != ErrorKind::not_found) return std::nullopt;
  const auto oid = object_not_there(error.message());
  if (!oid || !wants.contains(*oid)) return std::nullopt;
  if (++times_[*oid] < kTimesToBelieve && !is_any()) return std::nullopt;
  words_ = error.message();
  return oid;
}

}  // namespace hubkeep
