// What is otherwise in a restored repository than in the snapshot that it is of, or at GitHub now, and what
// explains it.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>

#include "drill/drill_record.h"
#include "git/ref.h"
#include "vault/listing.h"

namespace hubkeep {

/// Says why a ref (or "HEAD") may be otherwise; empty: nothing explains it.
using Explain = std::function<std::string(const std::string& name)>;

/// Adds each ref that only one of both has, or that leads elsewhere, and HEAD where both tell what it is.
/// `against` says what `there` is. Pure.
void compare_refs(const RefState& restored, const RefState& there, const std::string& against,
                  const Explain& explain, DrillDifferences& differences);

/// What may have changed at GitHub since the refs of a snapshot were listed.
struct ChangesSince {
  std::string pushed_at;                // when the last push was, where it is a later one
  std::string default_branch;           // as it is called now, where that is another
  std::set<std::string> left_out = {};  // refs that GitHub lists and the snapshot could not have
};

/// What two listings tell of it. Pure.
ChangesSince changes_between(const Listing& before, const Listing& now);

/// Why GitHub may show a ref otherwise. A push since the listing explains every ref: whether the old object
/// is an ancestor of the new one cannot be told without fetching, and a branch may be rewritten. Pure.
std::string explain_ref(const std::string& name, const ChangesSince& changes);

}  // namespace hubkeep
