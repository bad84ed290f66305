#include "git/work_path.h"

#include "base/text.h"

namespace hubkeep {
namespace {

bool begins_with(std::string_view text, std::string_view start) {
  return text.size() >= start.size() && equals_ignoring_case(text.substr(0, start.size()), start);
}

bool all_of_digits(std::string_view text) {
  return text.find_first_not_of("0123456789") == std::string_view::npos;
}

// NTFS drops spaces and periods at the end of a name, and what follows a colon names a stream of the file.
bool ends_for_ntfs(std::string_view rest) {
  const auto end = rest.find_first_not_of(". ");
  return end == std::string_view::npos || rest[end] == ':';
}

// `name` up to a separator of Windows. git~1 is the short name of .git.
bool is_dot_git_of_ntfs(std::string_view name) {
  for (const std::string_view dot_git : {".git", "git~1"}) {
    if (begins_with(name, dot_git) && ends_for_ntfs(name.substr(dot_git.size()))) return true;
  }
  return false;
}

// Its short names: GITMOD~1 to ~4, and GI7EBA~1 and so on, as NTFS makes them when those are taken.
bool is_dot_gitmodules_of_ntfs(std::string_view name) {
  constexpr std::string_view kWhole = ".gitmodules";
  constexpr std::string_view kFallback = "gi7eba";
  if (begins_with(name, kWhole)) return ends_for_ntfs(name.substr(kWhole.size()));
  if (begins_with(name, "gitmod~") && name.size() >= 8 && name[7] >= '1' && name[7] <= '4')
    return ends_for_ntfs(name.substr(8));
  const auto tilde = name.find('~');
  if (name.size() < 8 || tilde > kFallback.size() || !begins_with(kFallback, name.substr(0, tilde)))
    return false;
  const auto digits = name.substr(tilde + 1, 8 - tilde - 1);
  return digits.front() != '0' && all_of_digits(digits) && ends_for_ntfs(name.substr(8));
}

bool is_allowed_name(std::string_view name, EntryMode mode) {
  if (name.empty() || name == "." || name == ".." || equals_ignoring_case(name, ".git")) return false;
  // On Windows a backslash separates names.
  for (const auto part : split(name, '\\')) {
    if (is_dot_git_of_ntfs(part)) return false;
    if (mode == EntryMode::symbolic_link && is_dot_gitmodules_of_ntfs(part)) return false;
  }
  return true;
}

}  // namespace

bool may_be_checked_out(std::string_view path, EntryMode mode) {
  for (const auto name : split(path, '/')) {
    if (!is_allowed_name(name, mode)) return false;
  }
  return path.find('\0') == std::string_view::npos;
}

}  // namespace hubkeep
