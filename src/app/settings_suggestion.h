// "Did you mean": the known word nearest to one that is not known.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hubkeep {

/// The candidate with the smallest edit distance, ignoring case; empty when none is near enough to be meant,
/// or needs more than `most` edits.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates,
                    std::size_t most = std::string::npos);

/// "; did you mean 'only-owner'?", or nothing.
std::string suggestion(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace hubkeep
