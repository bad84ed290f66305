// What of each snapshot is restored: its history, and the kinds of content beside it.
#pragma once

#include <string_view>

#include "vault/content_kinds.h"

namespace hubkeep {

/// Everything, unless somebody says otherwise: what is in a vault was kept to be had again.
struct RestoreChoice {
  bool history = true;
  ContentKinds kinds = all_kinds();

  bool has(ContentKind kind) const { return kinds.contains(kind); }
  /// Gists are kept as repositories are. Of one that is there nothing says whether it is the account's own.
  bool has_gists() const { return has(ContentKind::gists) || has(ContentKind::starred_gists); }
  /// Of what GitHub knows of a repository: each kind of document is of one of these.
  bool has_any_documents() const {
    return has(ContentKind::issues) || has(ContentKind::discussions) || has(ContentKind::settings);
  }
  bool has_any_of_repositories() const {
    return history || has(ContentKind::wiki) || has(ContentKind::lfs) || has(ContentKind::releases) ||
           has(ContentKind::attachments) || has_any_documents();
  }
  friend bool operator==(const RestoreChoice&, const RestoreChoice&) = default;
};

/// Of two lists of words with commas: what is restored alone (empty: all), and what of it is not. Words are
/// those of content_kinds.h, and "git" for the history. Throws Error(invalid) for any other, and where
/// nothing is left.
RestoreChoice choose_contents(std::string_view only, std::string_view without);

}  // namespace hubkeep
