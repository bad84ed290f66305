// What both ways to build a repository have in common: the errors.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "git/oid.h"

namespace hubkeep {

/// Error(corrupt): what a ref names is not in the repository.
Error missing_object(std::string_view ref_name, const Oid& oid);

/// Error(corrupt): what a ref leads to is not in the repository.
Error lacks_object(std::string_view ref_name, std::string_view type, std::string_view oid);

/// For people: git says `reason` of .gitmodules.
std::string gitmodules_notice(std::string_view reason);

}  // namespace hubkeep
