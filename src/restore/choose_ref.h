// The one ref that a restore is asked for by name.
#pragma once

#include <string_view>

#include "git/ref.h"

namespace hubkeep {

/// That ref alone, with HEAD on it: on a branch, or else at the object that the ref names, which need not be
/// a commit. `name` is a full name, or what follows refs/heads/, refs/tags/ or refs/. Throws Error(invalid):
/// there is none, with those that it could have meant, or there are several.
RefState choose_ref(const RefState& all, std::string_view name);

}  // namespace hubkeep
