// A server answers "upload-pack: not our ref OID" for an object that it does not have. After a push that is
// true of the old tip, and the next list does not show it. A server with a damaged store says the same of a
// ref that it lists every time: hence three times for the first such object. From then on the server is known
// to lose objects, and once is enough: a repository may have thousands of them.
#include "backup/git_objects_not_there.h"

#include "backup/git_patience.h"
#include "git/ls_refs.h"

namespace hubkeep {

std::optional<Oid> ObjectsNotThere::believed(const Error& error, const OidSet& wants) {
  if (error.kind() != ErrorKind::not_found) return std::nullopt;
  const auto oid = object_not_there(error.message());
  // ObjectsNotThere.WhatNobodyAskedForIsNone.
  if (!oid || !wants.contains(*oid)) return std::nullopt;
  // ObjectsNotThere.OneIsBelievedTheThirdTimeAndTheNextAtOnce.
  if (++times_[*oid] < kTimesToBelieve && !is_any()) return std::nullopt;
  words_ = error.message();
  return oid;
}

}  // namespace hubkeep
