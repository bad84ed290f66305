// What a user may choose to keep beside the histories of repositories, and to restore.
#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>

namespace hubkeep {

enum class ContentKind {
  wiki,
  lfs,          // the objects of Git LFS
  releases,     // with their assets
  attachments,  // files that somebody put into a text
  issues,       // and pull requests, with all that people said in them
  events,       // what happened to them
  discussions,
  settings,       // who may do what in a repository, and how it is set up
  gists,          // of the account
  starred_gists,  // of others
};

using ContentKinds = std::set<ContentKind>;

/// "wiki", "starred-gists"
std::string_view to_string(ContentKind kind);

ContentKinds all_kinds();
/// What is kept unless somebody says otherwise: all that belongs to the account and costs few requests to the
/// API, whose number an hour is limited.
ContentKinds default_kinds();

/// Names of kinds, and "all" for every one. Throws Error(invalid), which lists the kinds that there are.
ContentKinds parse_kinds(std::span<const std::string> words);

/// `kinds` without those of `without`, and then with those of `with`.
ContentKinds choose_kinds(ContentKinds kinds, std::span<const std::string> with,
                          std::span<const std::string> without);

}  // namespace hubkeep
