// Where the index that stands in a vault is not the one that its pack has.
#pragma once

#include <string>
#include <string_view>

#include "git/oid.h"

namespace hubkeep {

/// `made` is the index of the pack, `stored` the one that is to be. Empty where they are the same, byte for
/// byte; else the first difference, for people: it names the first object of which they do not say the same.
std::string index_difference(std::string_view made, std::string_view stored, ObjectFormat format);

}  // namespace hubkeep
