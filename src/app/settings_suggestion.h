// "Did you mean": the known word nearest to one that is not known.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hubkeep {

/// The candidate with the smallest edit distance, ignoring case; empty when none is near enough to be meant.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

/// "; did you mean 'only-owner'?", or nothing.
std::string suggestion(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace hubkeep
