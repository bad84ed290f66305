#include "restore/already_there.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <system_error>

#include "localgit/packed_refs.h"
#include "restore/workshop.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

// A ref that was made or moved since stands in a file of its own.
bool has_loose_refs(const fs::path& git_folder) {
  std::error_code error;
  const fs::recursive_directory_iterator entries(git_folder / "refs", error);
  return error || std::any_of(begin(entries), end(entries),
                              [](const fs::directory_entry& entry) { return !entry.is_directory(); });
}

// An existing folder is filled entry by entry, out of one within it: see Destination::take().
bool is_being_filled(const fs::path& folder) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error))
    if (entry.path().filename().string().starts_with(kScratchFolder)) return true;
  return static_cast<bool>(error);
}

bool is_mirror(const fs::path& git_folder) {
  return text_of(git_folder / "config").find("\tmirror = true\n") != std::string::npos;
}

}  // namespace

bool is_restored(const fs::path& folder, RepositoryKind kind, const std::function<RefState()>& read_state) {
  const fs::path git_folder = git_folder_in(folder, kind);
  std::error_code error;
  if (!fs::exists(git_folder / "HEAD", error) || is_being_filled(folder)) return false;
  if (is_mirror(git_folder) != (kind == RepositoryKind::mirror) || has_loose_refs(git_folder)) return false;
  const RefState state = read_state();
  std::ostringstream refs;
  write_packed_refs(state, refs);
  return text_of(git_folder / "HEAD") == format_head(state.head) &&
         text_of(git_folder / "packed-refs") == refs.str();
}

}  // namespace hubkeep
