// The commands of a vault's README.txt, run from that text by a shell.
#pragma once

#include <filesystem>
#include <string>

namespace hubkeep {

/// Makes `target` from a snapshot in a repository's `folder`. The commands name the history; they serve for
/// each part that is a git repository. The test fails when they do.
void restore_by_readme_text(const std::filesystem::path& vault, const std::filesystem::path& folder,
                            const std::string& snapshot, const std::string& part,
                            const std::filesystem::path& target);

}  // namespace hubkeep
