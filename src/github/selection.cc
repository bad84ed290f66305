#include "github/selection.h"

#include <algorithm>

#include "base/text.h"
#include "http/url.h"

namespace hubkeep {
namespace {

bool matches_any(const std::vector<std::string>& globs, const std::string& text) {
  return std::any_of(globs.begin(), globs.end(), [&](const auto& glob) { return glob_matches(glob, text); });
}

// "." and ".." would be resolved away and make another request of it.
bool is_path_segment(std::string_view text) {
  return !text.empty() && text != "." && text != ".." && text.find('/') == std::string_view::npos;
}

}  // namespace

bool is_selected(const Repository& repository, const RepositorySelection& selection,
                 const std::optional<User>& user) {
  if (selection.only_owner && (!user || repository.owner_id != user->id)) return false;
  if (selection.skip_forks && repository.is_fork) return false;
  if (selection.skip_archived && repository.is_archived) return false;
  if (!selection.include.empty() && !matches_any(selection.include, repository.full_name)) return false;
  return !matches_any(selection.exclude, repository.full_name);
}

std::string encode_full_name(std::string_view full_name) {
  const auto slash = full_name.find('/');
  const auto owner = full_name.substr(0, slash);
  const auto name = slash == std::string_view::npos ? std::string_view() : full_name.substr(slash + 1);
  if (!is_path_segment(owner) || !is_path_segment(name)) {
    throw Error(ErrorKind::not_found, "no repository can have this name: it must be OWNER/NAME");
  }
  return url_encode(owner) + "/" + url_encode(name);
}

std::string encode_login(std::string_view login) {
  if (!is_path_segment(login))
    throw Error(ErrorKind::not_found, "no user or organisation can have this name");
  return url_encode(login);
}

}  // namespace hubkeep
